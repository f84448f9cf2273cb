"""Questions about the target's database: does it answer, may we write, whose ledger is in it."""

from __future__ import annotations

import time

from maulstick.console import amount
from maulstick.doctor.answer import Answer, fail, ok, places, warn
from maulstick.doctor.patient import Patient
from maulstick.ledger import VERSION, has_ledger
from maulstick.plugin_check import check_plugins
from maulstick.schema import read_schema

OLDEST = 15
SERVER = """
select current_setting('server_version'), current_setting('server_version_num')::int,
  extract(epoch from clock_timestamp())::float8
"""
LEDGER = """
select version, target, (select count(*) from maulstick.release), (select max(number) from maulstick.release)
from maulstick.ledger
"""


def database(patient: Patient) -> Answer:
    """Tell whether the database answers, and what it is."""
    with patient.production() as there:
        before = time.time()
        version, number, clock = there.query(SERVER)[0]
        patient.clocks["the database"] = clock - (before + time.time()) / 2
    says = f"PostgreSQL {version.split()[0]}"
    if number < OLDEST * 10000:
        return warn(f"{says}; Maulstick is tried on {OLDEST} and later")
    return ok(says)


def ledger(patient: Patient) -> Answer:
    """Tell whose ledger is in the database; none is made."""
    with patient.production() as there:
        if not has_ledger(there):
            return ok("none yet; the first release makes it")
        version, target, count, last = there.query(LEDGER)[0]
    if version > VERSION:
        says = f"has version {version}, and this Maulstick knows {VERSION}"
        return fail(says, "release with the Maulstick that wrote it, or a newer one")
    if target not in (None, patient.target.name):
        says = f'this database calls itself "{target}", not "{patient.target.name}"'
        return fail(says, "see `database` and the name of the target in the inventory")
    released = f"{amount(count, 'release')}, the last is {last}" if count else "no release"
    return ok(f"version {version}, {released}")


def schema(patient: Patient) -> Answer:
    """Tell whether production can take what the plugins declare, as `plan` asks for one subject."""
    with patient.source() as source, patient.production() as there:
        found = list(check_plugins(patient.plugins, source, there))
        migrations = read_schema(source.query).migrations, read_schema(there.query).migrations
    wrong = [_line(one.where, one.what) for one in found if one.word == "fail"]
    lacking = sorted(migrations[0] - migrations[1]) if migrations[1] else []
    hint = "deploy the migration first: invoke deploy"
    if wrong:
        return fail(f"{amount(len(wrong), 'difference')} that stop a release{places(wrong)}", hint)
    if lacking:
        return warn(f"production lacks {amount(len(lacking), 'migration')}{places(lacking)}", hint)
    said = [_line(one.where, one.what) for one in found if one.word == "warn"]
    if said:
        return warn(f"takes every kind of subject{places(said)}", "`invoke plugins.check` says more")
    return ok("takes every kind of subject")


def _line(where: str, what: str) -> str:
    return f"{where}: {what}".removesuffix(": ")
