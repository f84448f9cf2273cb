"""Questions about the local side: its database, what plugins declare of it, its media folder."""

from __future__ import annotations

from pathlib import Path

from maulstick.doctor.answer import Answer, fail, ok, places
from maulstick.doctor.context import Patient
from maulstick.errors import Exit
from maulstick.text import amount


def plugins(patient: Patient) -> Answer:
    """Tell whether every plugin could be loaded."""
    broken = [f"{one.where}: {one.failure}" for one in patient.plugins.found if one.failure]
    if broken:
        hint = "`invoke plugins` lists them; a release starts with all of them or not at all"
        return fail(f"{amount(len(broken), 'plugin')} could not be loaded{places(broken)}", hint)
    kinds = ", ".join(patient.plugins.kinds())
    found = amount(len(patient.plugins.found), "plugin")
    return ok(f"{found}; kinds of subject: {kinds}") if kinds else _kindless(found)


def source_database(patient: Patient) -> Answer:
    """Tell whether the source answers, and what it is."""
    from maulstick.postgres.catalogue import read_schema

    with patient.source() as database:
        version = database.query("show server_version")[0][0].split()[0]
        tables = len(read_schema(database.query).tables)
    if not tables:
        return fail("holds no table", "source/database in the inventory names it")
    return ok(f"PostgreSQL {version}, {amount(tables, 'table')}")


def declarations(patient: Patient) -> Answer:
    """Tell whether what the plugins declare is so in the source."""
    from maulstick.doctor.declarations import check_plugins

    with patient.source() as database, patient.source() as again:
        # Held against itself: what production makes of them is a question of its own.
        found = list(check_plugins(patient.plugins, database, again, patient.local.name))
    wrong = [f"{one.where}: {one.what}" for one in found if one.code == Exit.PLUGIN]
    if wrong:
        says = f"{amount(len(wrong), 'declaration')} of plugins wrong{places(wrong)}"
        return fail(says, "`invoke plugins.check` says more")
    return ok(f"{amount(sum(one.word == 'ok' for one in found), 'declaration')} of plugins hold")


def media_root(patient: Patient) -> Answer:
    """Tell whether the media folder is there and can be read; a bucket is asked once we may."""
    folder = patient.local.media
    if not isinstance(folder, Path):
        return ok(f"{folder}, see staging bucket")
    hint = "source/media_root in the inventory names it"
    try:
        empty = next(folder.iterdir(), None) is None
    except OSError as error:
        return fail(f"{folder}: {(error.strerror or 'cannot be read').lower()}", hint)
    return fail(f"{folder} is empty", hint) if empty else ok(str(folder))


def staging(patient: Patient) -> Answer:
    """Tell whether the bucket that the files lie in answers to the target's key."""
    patient.originals.require()
    return ok(str(patient.originals))


def _kindless(found: str) -> Answer:
    return fail(f"{found}, and none brings a kind of subject", "docs/writing-plugins.md writes one")
