"""Ledgers, bundles and sealed plans of every earlier format are read, and releases go on from them."""

import pytest

from maulstick.bundle import folder as bundles
from maulstick.errors import Problem
from maulstick.plan import history, seal
from maulstick.plan.choices import RowName
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import undone
from tests.databases.places import actions, apply, export, plan, release
from tests.upgrade.kept import NAMES, VERSIONS, bundle_of, restore

SEALED_OTHERWISE = ("2026-11-22",)
"""Versions whose plans say in another way what they were made of."""
BOOKS = "select isbn, title, price from book order by isbn"
AFTER_TWO = [("1", "Poems", 800), ("2", "Letters, signed", 900)]
AFTER_THREE = [*AFTER_TWO, ("3", "Fragments", 700)]


@pytest.fixture(params=NAMES)
def version(request, source, production):
    """Both sides as an earlier version left them: two releases, an edit in production, one book more here."""
    restore(source, VERSIONS / "source.sql")
    restore(production, VERSIONS / request.param / "production.sql")
    return request.param


def test_its_ledger_tells_of_its_releases(version, production):
    with connect(Secret(production.url), "production") as database:
        told = [(one["number"], one["subject"], one["operator"]) for one in history.releases(database)]
        rows = [change["release"] for change in history.why(database, RowName("book", "1"))]
    assert told == [(2, "shelf poetry", "a test"), (1, "shelf poetry", "a test")]
    assert rows == [2, 1]


def test_its_base_still_tells_an_edit_from_a_conflict(version, source, production):
    planned = plan(export(source), production)
    assert actions(planned) == {("book", "2"): "kept", ("book", "3"): "insert"}


def test_its_bundle_is_released_and_its_sealed_plan_carried_out_or_refused(version, production, tmp_path):
    bundle = bundles.load(bundle_of(version, tmp_path), source="local")
    (sealed,) = seal.read(VERSIONS / version / "plan.json")
    seal.holds(sealed, target="production", digest=bundle.manifest.digest)
    if version in SEALED_OTHERWISE:
        with pytest.raises(Problem, match="another version of Maulstick may have made it"):
            seal.still(sealed, plan(bundle, production))
    else:
        assert seal.still(sealed, plan(bundle, production)) is sealed
    assert apply(bundle, production).number == 3
    assert production.rows(BOOKS) == AFTER_THREE


def test_releases_go_on_and_every_one_is_undone(version, source, production):
    assert release(source, production).number == 3
    assert release(source, production).word == "unchanged"
    for number, books in ((3, AFTER_TWO), (2, [("1", "Poems", 900), AFTER_TWO[1]])):
        undone(production, number)
        assert production.rows(BOOKS) == books
    production.run("update book set title = 'Letters' where isbn = '2'")
    undone(production, 1)
    assert production.rows(BOOKS) == []
