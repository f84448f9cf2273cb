"""A ledger that is not whole is named by every command, and nothing is done."""

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan import history
from maulstick.plan.choices import RowName
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import undone
from tests.databases.places import apply, export, plan
from tests.upgrade.kept import VERSIONS

DAMAGES = {
    "maulstick.ledger does not exist": "drop table maulstick.ledger",
    "maulstick.release does not exist": "drop table maulstick.release cascade",
    "maulstick.change does not exist": "drop table maulstick.change cascade",
    "maulstick.base_row does not exist": "drop table maulstick.base_row cascade",
    "maulstick.agreed does not exist": "drop table maulstick.agreed",
    "maulstick.object does not exist": "drop table maulstick.object",
    "maulstick.upload does not exist": "drop table maulstick.upload",
    "maulstick.release lacks the column shapes jsonb": "alter table maulstick.release drop column shapes",
    "maulstick.ledger lacks the column version integer": "alter table maulstick.ledger drop column version",
    "maulstick.change lacks the column before jsonb": "alter table maulstick.change alter before type text",
    "maulstick.ledger has 0 rows instead of one": "delete from maulstick.ledger",
    "maulstick.ledger has 2 rows instead of one": "insert into maulstick.ledger values (1, 'production')",
    "the ledger has version 2, and known here is 1": "update maulstick.ledger set version = 2",
    "the ledger has version 3, and known": "update maulstick.ledger set version = 3;"
    "drop table maulstick.agreed; alter table maulstick.release drop column shapes",
}
"""What is said, and the SQL of the damage."""


def asked(bundle, production, database):
    """Return what commands ask of a ledger, each by its name."""
    return {
        "plan": lambda: plan(bundle, production),
        "apply": lambda: apply(bundle, production),
        "undo": lambda: undone(production, 1),
        "history": lambda: history.releases(database),
        "why": lambda: history.why(database, RowName("book", "1")),
    }


@pytest.mark.parametrize("says", DAMAGES)
def test_every_command_names_the_damage_and_does_nothing(released_once, source, production, says):
    production.run(DAMAGES[says])
    source.run("update book set price = 1")
    bundle, before = export(source), production.dump()
    with connect(Secret(production.url), "production") as database:
        for command in asked(bundle, production, database).values():
            with pytest.raises(Problem, match=says) as caught:
                command()
            assert caught.value.code == Exit.REFUSED
            assert caught.value.hint
    assert production.dump() == before


def test_a_ledger_from_before_any_that_is_known_is_named(library, source, production):
    production.run((VERSIONS / "too_old.sql").read_text(encoding="utf-8"))
    with pytest.raises(Problem, match=r"maulstick.agreed does not exist: the ledger is not whole"):
        plan(export(source), production)


def test_a_role_that_may_not_read_the_ledger_is_named_its_right(released_once, source, production):
    production.run(
        "create role nosy; grant temporary on database production to nosy;"
        "grant usage on schema public, maulstick to nosy;"
        "grant select on all tables in schema public to nosy;"
    )
    try:
        with (
            connect(Secret(production.url), "production", role="nosy") as database,
            pytest.raises(Problem, match="permission denied for table release"),
        ):
            history.releases(database)
    finally:
        production.run("drop owned by nosy; drop role nosy")
