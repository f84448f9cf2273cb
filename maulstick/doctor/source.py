"""Questions about the source: its plugins, its database, its media folder."""

from __future__ import annotations

from pathlib import Path

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, places
from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Subject
from maulstick.text import amount


def plugins(context: DoctorContext) -> Finding:
    """Check that every plugin could be loaded."""
    broken = [f"{plugin.where}: {plugin.failure}" for plugin in context.plugins.found if plugin.failure]
    if broken:
        hint = "`invoke plugins` lists them; a release starts with all of them or not at all"
        return fail(f"{amount(len(broken), 'plugin')} could not be loaded{places(broken)}", hint)
    kinds = ", ".join(context.plugins.kinds())
    plugins = amount(len(context.plugins.found), "plugin")
    if not kinds:
        return fail(f"{plugins}, and none names a kind of subject", "docs/writing-plugins.md writes one")
    return ok(f"{plugins}; kinds of subject: {kinds}")


def source_database(context: DoctorContext) -> Finding:
    """Check that the source database answers and has tables."""
    from maulstick.postgres.catalogue import read_schema

    with context.source() as database:
        version = database.query("show server_version")[0][0].split()[0]
        tables = len(read_schema(database).tables)
    if not tables:
        return fail("holds no table", "source/database in the inventory names it")
    return ok(f"PostgreSQL {version}, {amount(tables, 'table')}")


def declarations(context: DoctorContext) -> Finding:
    """Check that what the plugins declare holds in the source database."""
    from maulstick.doctor.declarations import check_plugins

    with context.source() as database, context.source() as again:
        # Checked against itself: whether production fits is the question `schema`.
        findings = list(check_plugins(context.plugins, database, again, context.local.name))
    wrong = [f"{finding.where}: {finding.what}" for finding in findings if finding.code == Exit.PLUGIN]
    if wrong:
        says = f"{amount(len(wrong), 'declaration')} of plugins wrong{places(wrong)}"
        return fail(says, "`invoke plugins.check` says more")
    return ok(f"{amount(sum(finding.word == 'ok' for finding in findings), 'declaration')} of plugins hold")


def media_root(context: DoctorContext) -> Finding:
    """Check that the media folder can be read and is not empty; `staging` checks a bucket in its place."""
    folder = context.local.media
    if not isinstance(folder, Path):
        return ok(f"{folder}, see staging bucket")
    hint = "source/media_root in the inventory names it"
    try:
        empty = next(folder.iterdir(), None) is None
    except OSError as error:
        return fail(f"{folder}: {(error.strerror or 'cannot be read').lower()}", hint)
    if empty and not _names_files(context):
        return ok(f"{folder} is empty; no plugin names files in rows")
    return fail(f"{folder} is empty", hint) if empty else ok(str(folder))


def _names_files(context: DoctorContext) -> bool:
    """Return whether a plugin has a media column, or cannot be asked."""
    try:
        subjects = [Subject(kind, "") for kind in context.plugins.kinds()]
        return any(table.media for subject in subjects for table in context.plugins.tables(subject))
    except Problem:
        return True


def staging(context: DoctorContext) -> Finding:
    """Check that the bucket that holds the source's files accepts the target's key."""
    context.originals.require()
    return ok(str(context.originals))
