"""Questions about the target's environment: which variables are there, never what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from maulstick.console import amount
from maulstick.doctor.answer import Answer, fail, ok
from maulstick.doctor.context import Patient
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

OF_DATABASE: Sequence[Sequence[str]] = ((DATABASE,),)
OF_BUCKET: Sequence[Sequence[str]] = ((KEY_ID,), (SECRET,), ENDPOINT, BUCKET)
OPTIONAL = (REGION, PUBLIC)


def environment(patient: Patient) -> Answer:
    """Tell whether the environment can be read."""
    patient.environment = patient.host.environment
    return ok(f"read: {len(patient.environment)} of the {amount(len(NAMES), 'name')} that a release asks for")


def of_database(patient: Patient) -> Answer:
    """Tell whether the database's address is there, and is one."""
    answer = _there(patient, OF_DATABASE)
    if answer.word == "ok":
        database_url(patient.environment, patient.target)
    return answer


def of_bucket(patient: Patient) -> Answer:
    """Tell whether the bucket's variables are there, and by which of their names."""
    answer = _there(patient, OF_BUCKET, OPTIONAL)
    if answer.word == "ok":
        bucket_address(patient.target, patient.environment)
    return answer


def _there(patient: Patient, groups: Sequence[Sequence[str]], optional: Sequence[str] = ()) -> Answer:
    known = patient.environment
    missing = [" or ".join(group) for group in groups if not any(name in known for name in group)]
    if missing:
        is_set = "is" if len(missing) == 1 else "are"
        return fail(f"{', '.join(missing)} {is_set} not set", _hint(patient, missing[0].split()[0]))
    used = [next(name for name in group if name in known) for group in groups]
    return ok(", ".join([*used, *(name for name in optional if name in known)]))


def _hint(patient: Patient, name: str) -> str:
    return patient.target.kind.unset(patient.target, name)[1]
