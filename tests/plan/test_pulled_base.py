"""Base after a pull: whose ledger is believed, and when."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from maulstick.bundle import folder as bundles
from maulstick.bundle.bundle import Bundle
from maulstick.bundle.script_file import without_bases
from maulstick.errors import Problem
from maulstick.postgres.connection import Database
from tests.databases.deciding import undone
from tests.databases.places import Place, actions, apply, both, export, plan, release
from tests.databases.pulling import pull_of, pulled_into

PRICE = "update book set price = {} where isbn = '1'"
BOOK = ("book", "1")


@pytest.fixture
def pulled(released_once: None, source: Place, production: Place) -> None:
    """A price that was raised in production came home, and was raised further here."""
    production.run(PRICE.format(1000))
    assert pulled_into(source, production, pull_of(production)).says == "1 updated"
    source.run(PRICE.format(1100))


def test_an_edit_of_what_was_pulled_is_an_update(pulled: None, source: Place, production: Place) -> None:
    assert actions(plan(export(source), production)) == {BOOK: "update"}


def test_what_was_pulled_before_another_release_is_not_base(
    pulled: None, source: Place, production: Place
) -> None:
    older = Path(shutil.copytree(export(source).folder, source.folder / "older"))
    production.run(PRICE.format(1200))
    source.run(PRICE.format(1200))
    apply(export(source), production)
    production.run(PRICE.format(1000))
    assert actions(plan(bundles.load(older, source="local"), production)) == {BOOK: "conflict"}


def test_a_bundle_that_was_named_says_nothing_of_base(pulled: None, source: Place, production: Place) -> None:
    bundle = export(source)
    script, manifest = without_bases(bundle.script, bundle.manifest)
    assert actions(plan(Bundle(bundle.folder, manifest, script), production)) == {BOOK: "conflict"}


def test_what_was_pulled_from_one_target_is_not_base_on_another(
    pulled: None, source: Place, production: Place
) -> None:
    production.run("update maulstick.ledger set target = 'staging'")
    assert actions(plan(export(source), production, target="staging")) == {BOOK: "conflict"}


def test_a_pull_reads_what_is_to_be_read_in_a_transaction_that_only_reads(
    released_once: None, source: Place, production: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    copy = Database.copy_out

    def watched(database: Database, text: str):
        seen.append(database.query("show transaction_read_only")[0][0])
        return copy(database, text)

    monkeypatch.setattr(Database, "copy_out", watched)
    before = production.dump()
    pull_of(production)
    assert ({*seen}, production.dump()) == ({"on"}, before)


def test_a_pull_undone_is_as_if_it_had_not_been(
    released_once: None, source: Place, production: Place
) -> None:
    both(source, production, PRICE.format(950))
    production.run(PRICE.format(1000))
    pulled_into(source, production, pull_of(production), take=("local",))
    undone(source, target="local")
    assert source.value("select price from book where isbn = '1'") == 950
    assert actions(plan(pull_of(production), source, target="local")) == {BOOK: "conflict"}


def test_a_local_copy_of_production_with_its_ledger_is_named(
    released_once: None, source: Place, production: Place
) -> None:
    release(production, source)
    with pytest.raises(Problem, match='this database calls itself "production", not "local"'):
        pulled_into(source, production, pull_of(production))
