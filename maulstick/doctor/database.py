"""Questions about the target's database: does it answer, may we write, whose ledger is in it?"""

from __future__ import annotations

import time
from collections.abc import Sequence

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.declarations import PluginFinding, check_plugins
from maulstick.doctor.findings import Finding, fail, ok, places, warn
from maulstick.plan.database_state import strangers, unwritable
from maulstick.postgres import privileges as rights
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.counters import behind
from maulstick.postgres.ledger import has_ledger, of_a_copy
from maulstick.postgres.tables.declared import specs_of
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.project.declarations import Subject
from maulstick.text import amount

OLDEST = 14
HINT = 'docs/safety.md, "Least rights", has the roles as SQL'
SERVER = """
select current_setting('server_version'), current_setting('server_version_num')::int,
  extract(epoch from clock_timestamp())::float8
"""
ROLE = "select current_user, coalesce((select rolsuper from pg_roles where rolname = current_user), false)"
LEDGER = """
select version, target, (select count(*) from maulstick.release), (select max(number) from maulstick.release)
from maulstick.ledger
"""


def database(context: DoctorContext) -> Finding:
    """Check that the database answers, is not read-only, and is of a version that we test."""
    with context.production() as there:
        before = time.time()
        version, number, clock = there.query(SERVER)[0]
        context.clocks["the database"] = clock - (before + time.time()) / 2
        problem = unwritable(there, although=context.target.although_read_only)
    says = f"PostgreSQL {version.split()[0]}"
    if problem is not None:
        return fail(f"{says}; it {problem.what.removesuffix('; nothing was changed')}", problem.hint)
    if number < OLDEST * 10000:
        return warn(f"{says}; Maulstick is tried on {OLDEST} and later")
    return ok(says)


def may_plan(context: DoctorContext) -> Finding:
    """Check that the role that plans has the rights: that of `plan_database`, where the inventory has one."""
    specs = _specs(context)
    with context.reading() as there:
        ((role, is_superuser),) = there.query(ROLE)
        lacks = rights.missing(there, specs, writes=False)
    if lacks:
        return fail(f'the role "{role}" may not: it lacks{_statements(lacks)}', HINT)
    if is_superuser and context.target.plan_database is not None:
        return warn(f'the role "{role}" of plan_database is a superuser, and needs only to read', HINT)
    return ok(f'the role "{role}" has them')


def may_release(context: DoctorContext) -> Finding:
    """Check that our role has the rights that a release needs, and not those of a superuser."""
    specs = _specs(context)
    with context.production() as there:
        ((role, is_superuser),) = there.query(ROLE)
        lacks = rights.missing(there, specs, writes=True)
    if lacks:
        return fail(f'the role "{role}" may not: it lacks{_statements(lacks)}', HINT)
    if is_superuser:
        return warn(f'the role "{role}" is a superuser, which may do anything to any row', HINT)
    return ok(f'the role "{role}" has them')


def search_path(context: DoctorContext) -> Finding:
    """Check that only the site's own people can create objects in the schemas of the site's search path."""
    specs = _specs(context)
    with context.production() as there:
        open_schemas = strangers(there, specs.values())
    if open_schemas:
        lines = [line.removeprefix("search_path: ") for line in open_schemas]
        return warn(f"is open to others{places(lines)}", 'docs/safety.md, "Whose code runs"')
    return ok("only the site's own people may create what its triggers find")


def ledger(context: DoctorContext) -> Finding:
    """Check that the ledger, if there is one, is whole, known and this target's; create none."""
    with context.reading() as there:
        if not has_ledger(there):
            return ok("none yet; the first upload or release makes it")
        version, target, count, last = there.query(LEDGER)[0]
    if target not in (None, context.target.name):
        says = f'this database calls itself "{target}", not "{context.target.name}"'
        return fail(says, of_a_copy(target, context.target.name))
    released = f"{amount(count, 'release')}, the last is {last}" if count else "no release"
    return ok(f"version {version}, {released}")


def sequences(context: DoctorContext) -> Finding:
    """Check that no sequence is behind its table, so that the site's own next insert gets a free id."""
    specs = _specs(context)
    with context.reading() as there:
        late = behind(there, specs)
    if not late:
        return ok("the next insert of the site itself gets a free id")
    failing = any(sequence.fails_now for sequence in late)
    says = (
        "the site's own next insert will fail"
        if failing
        else "an insert of the site itself will fail one day"
    )
    return warn(f"{says}{places(map(str, late))}", "; ".join(sequence.mend for sequence in late))


def schema(context: DoctorContext) -> Finding:
    """Check that the schema of production fits what the plugins declare, for every kind of subject."""
    with context.source() as source, context.reading() as there:
        findings = list(check_plugins(context.plugins, source, there, context.target.name))
        migrations = read_schema(source).migrations, read_schema(there).migrations
    wrong = [_line(finding) for finding in findings if finding.word == "fail"]
    lacking = sorted(migrations[0] - migrations[1]) if migrations[1] else []
    hint = "deploy the migration first: invoke deploy"
    if wrong:
        return fail(f"{amount(len(wrong), 'difference')} that stop a release{places(wrong)}", hint)
    if lacking:
        return warn(f"{context.target.name} lacks {amount(len(lacking), 'migration')}{places(lacking)}", hint)
    warnings = [_line(finding) for finding in findings if finding.word == "warn"]
    if warnings:
        return warn(f"takes every kind of subject{places(warnings)}", "`invoke plugins.check` says more")
    return ok("takes every kind of subject")


def _specs(context: DoctorContext) -> TableSpecs:
    """Return how every table of every kind travels; where kinds differ, the one in which its rows travel."""
    with context.source() as source:
        schema = read_schema(source)
    specs: dict[str, TableSpec] = {}
    for kind in context.plugins.kinds():
        for label, spec in specs_of(context.plugins.tables(Subject(kind, "")), schema).items():
            if spec.travels or label not in specs:
                specs[label] = spec
    return specs


def _statements(lacks: Sequence[str]) -> str:
    # All of them: they are there to be pasted.
    return "".join(f"\n{statement};" for statement in lacks)


def _line(finding: PluginFinding) -> str:
    return f"{finding.where}: {finding.what}".removesuffix(": ")
