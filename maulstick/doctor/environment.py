"""Questions about the target's environment: what is set, and do the servers named there prove themselves?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, places, warn
from maulstick.hosts.environment import (
    BUCKET,
    DATABASE,
    ENDPOINT,
    KEY_ID,
    NAMES,
    PUBLIC,
    REGION,
    SECRET,
    bucket_address,
    database_url,
)
from maulstick.media.local_addresses import Reach, host_of, reach_of
from maulstick.postgres.database_address import settings_of
from maulstick.redact import Secret
from maulstick.text import amount

OF_DATABASE: Sequence[Sequence[str]] = ((DATABASE,),)
OF_BUCKET: Sequence[Sequence[str]] = ((KEY_ID,), (SECRET,), ENDPOINT, BUCKET)
OPTIONAL = (REGION, PUBLIC)
SAYS: Mapping[str, str] = {
    "disable": "is not encrypted",
    "allow": "is encrypted only if the server insists",
    "prefer": "is encrypted only if the server offers it",
    "require": "is encrypted, and whoever answers is believed",
}
"""What libpq's modes leave open; the others prove whom they talk to."""
HINT = (
    "in the database's address: sslmode=verify-full&sslrootcert=system, or sslrootcert=FILE where its"
    " certificate is not from a public authority; in the others: https://"
)
ROOT = Path("~/.postgresql/root.crt")
"""Where libpq looks for certificates if nobody names any; with them `require` proves the server."""


def environment(context: DoctorContext) -> Finding:
    """Read the environment."""
    context.environment = context.host.environment
    return ok(f"read: {len(context.environment)} of the {amount(len(NAMES), 'name')} that a release asks for")


def of_database(context: DoctorContext) -> Finding:
    """Check that the database's address is set, and is an address."""
    answer = _there(context, OF_DATABASE)
    if answer.word == "ok":
        database_url(context.environment, context.target)
    return answer


def of_bucket(context: DoctorContext) -> Finding:
    """Check that the bucket's variables are set, and say under which of their names."""
    answer = _there(context, OF_BUCKET, OPTIONAL)
    if answer.word == "ok":
        bucket_address(context.target, context.environment)
    return answer


def encryption(context: DoctorContext) -> Finding:
    """Check that each service proves who it is, unless it is on this machine, or a tunnel ends here."""
    weak = [*_databases(context), *_addresses(context)]
    if weak:
        return warn(f"somebody in between could listen{places(weak)}", HINT)
    return ok("database, bucket and site prove who they are, or are reached on this machine")


def weakness(url: Secret) -> str:
    """Return what a database's address leaves open, "" if nothing: the server is proven, or is here."""
    settings = settings_of(url)
    hosts = [host for name in ("hostaddr", "host") for host in settings.get(name, "").split(",") if host]
    if all(host.startswith(("/", "@")) or reach_of(host) is Reach.MACHINE for host in hosts):
        return ""
    mode = settings.get("sslmode") or "prefer"
    proven = settings.get("sslrootcert") or ROOT.expanduser().is_file()
    if mode not in SAYS or (mode == "require" and proven):
        return ""
    return f"{SAYS[mode]} (sslmode={mode})"


def _there(context: DoctorContext, groups: Sequence[Sequence[str]], optional: Sequence[str] = ()) -> Finding:
    known = context.environment
    missing = [" or ".join(group) for group in groups if not any(name in known for name in group)]
    if missing:
        is_set = "is" if len(missing) == 1 else "are"
        return fail(f"{', '.join(missing)} {is_set} not set", _hint(context, missing[0].split()[0]))
    used = [next(name for name in group if name in known) for group in groups]
    return ok(", ".join([*used, *(name for name in optional if name in known)]))


def _hint(context: DoctorContext, name: str) -> str:
    return context.target.kind.unset(context.target, name)[1]


def _databases(context: DoctorContext) -> Iterator[str]:
    named = {"the database": context.host.database}
    if context.target.plan_database is not None:
        named["plan_database"] = context.host.plan_database
    for name, url in {**named, "the source": context.local.database}.items():
        if says := weakness(url):
            yield f"{name} {says}"


def _addresses(context: DoctorContext) -> Iterator[str]:
    bucket = bucket_address(context.target, context.environment)
    named = {
        "the bucket": bucket.endpoint,
        "the public address": bucket.public_url,
        "the site": context.web.site,
    }
    for name, address in named.items():
        if urlsplit(address).scheme == "http" and reach_of(host_of(address)) is not Reach.MACHINE:
            yield f"{name} is not encrypted ({address})"
