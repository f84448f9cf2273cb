"""The question whether what a release says and hears can be read or answered by somebody in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, ok, places, warn
from maulstick.hosts.environment import bucket_address
from maulstick.media.local_addresses import Reach, host_of, reach_of
from maulstick.postgres.database_address import settings_of
from maulstick.redact import Secret

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
