"""Questions about the target's environment: which variables are set, never their values."""

from __future__ import annotations

from collections.abc import Sequence

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok
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
from maulstick.text import amount

OF_DATABASE: Sequence[Sequence[str]] = ((DATABASE,),)
OF_BUCKET: Sequence[Sequence[str]] = ((KEY_ID,), (SECRET,), ENDPOINT, BUCKET)
OPTIONAL = (REGION, PUBLIC)


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
