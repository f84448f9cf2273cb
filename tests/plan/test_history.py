"""What the ledger tells of releases and of rows."""

from datetime import UTC, datetime

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan import history
from maulstick.plan.choices import RowName
from maulstick.postgres.connection import connect
from maulstick.redact import Secret
from tests.databases.deciding import released, undone
from tests.databases.places import export, release


@pytest.fixture
def ledger(production):
    """A connection to production's database as the commands have it."""
    with connect(Secret(production.url), "production", read_only=True) as database:
        yield database


@pytest.fixture
def three(released_once, source, production):
    """A release, one that changed a price and kept a title, and its rollback."""
    production.run("update book set title = 'theirs' where isbn = '2'")
    source.run("update book set price = 1 where isbn = '1'")
    release(source, production)
    undone(production, 2)


def test_releases_are_listed_newest_first(three, ledger):
    found = history.releases(ledger)
    assert [(one["number"], one["kind"], one["of"], one["rows"], one["proof"]) for one in found] == [
        (3, "rollback", 2, 1, "-"),
        (2, "release", None, 1, "not verified"),
        (1, "release", None, 4, "not verified"),
    ]


def test_a_release_is_one_line(three, ledger):
    lines = [history.release_line(one) for one in history.releases(ledger)]
    assert "rollback of 2" in lines[0]
    assert "shelf poetry" in lines[1]
    assert "1 row  not verified  a test" in " ".join(lines[1].split(" ")).replace("   ", "  ")


@pytest.mark.parametrize(("verified", "word"), [("true", "verified"), ("false", "wrong")])
def test_a_proof_is_said(released_once, production, ledger, verified, word):
    production.run(f"update maulstick.release set verified = {verified}")
    assert history.releases(ledger)[0]["proof"] == word


def test_each_change_of_a_release_is_shown(three, ledger):
    [change] = history.changes_of(ledger, 2)
    assert history.change_lines(change)[1:] == ['    price: "900" became "1"']
    assert history.change_lines(change)[0].endswith("a test): update book 1")


def test_inserted_rows_are_named_without_their_columns(three, ledger):
    lines = [history.change_lines(one) for one in history.changes_of(ledger, 1)]
    assert [len(one) for one in lines] == [1] * 4
    assert lines[-1][0].endswith("insert shelf poetry")


def test_an_unknown_release_is_a_usage_problem(three, ledger):
    with pytest.raises(Problem, match="release 9: is not in the ledger") as caught:
        history.changes_of(ledger, 9)
    assert caught.value.code == Exit.USAGE


def test_why_tells_of_a_row_newest_first(three, ledger):
    found = history.why(ledger, RowName("book", "1"))
    assert [(one["release"], one["action"], one["kind"]) for one in found] == [
        (3, "update", "rollback"),
        (2, "update", "release"),
        (1, "insert", "release"),
    ]
    assert history.change_lines(found[0])[1] == '    price: "1" became "900"'


def test_why_tells_nothing_of_a_row_that_only_was_kept(three, ledger):
    assert [one["release"] for one in history.why(ledger, RowName("book", "2"))] == [1]


def test_why_tells_nothing_of_an_unknown_row(three, ledger):
    assert history.why(ledger, RowName("book", "77")) == []


@pytest.mark.parametrize("table", ["bok", "books", "maulstick.base"])
def test_why_of_an_unknown_table_is_a_usage_problem(three, ledger, table):
    with pytest.raises(Problem, match=f'no table there is called "{table}"') as caught:
        history.why(ledger, RowName(table, "1"))
    assert caught.value.code == Exit.USAGE
    assert "book" in caught.value.hint


def test_why_tells_of_a_table_that_was_dropped_since(three, production, ledger):
    production.run("drop table book")
    assert len(history.why(ledger, RowName("book", "1"))) == 3
    assert history.why(ledger, RowName("book", "77")) == []


def test_a_pruned_row_is_told_of(released_once, source, production, ledger):
    source.run("delete from book where isbn = '1'")
    released(export(source), source, production, prune=True)
    found = history.why(ledger, RowName("book", "1"))
    assert [one["action"] for one in found] == ["delete", "insert"]
    assert found[0]["before"]["title"] == "Poems"


def test_a_renamed_row_is_told_of_by_both_names(released_once, source, production, ledger):
    source.run("update book set isbn = '1a' where isbn = '1'")
    released(export(source), source, production, rename=("book:1=1a",))
    undone(production)
    assert [one["release"] for one in history.why(ledger, RowName("book", "1a"))] == [2]
    assert [one["release"] for one in history.why(ledger, RowName("book", "1"))] == [3, 1]


def test_a_database_without_a_ledger_has_no_history(library, ledger):
    assert history.releases(ledger) == []
    assert history.why(ledger, RowName("book", "1")) == []


def test_long_and_null_values_are_shown_short(released_once, source, production, ledger):
    source.run("update shelf set note = repeat('long ', 40), position = null")
    release(source, production)
    [change] = history.changes_of(ledger, 2)
    note, position = history.change_lines(change)[1:]
    assert note.startswith('    note: null became "long long')
    assert note.endswith('…"')
    assert position == '    position: "0" became null'


def numbers(ledger, **wanted):
    return [one["number"] for one in history.releases(ledger, history.HistoryFilter(**wanted))]


def test_releases_of_a_subject_are_listed_alone(three, source, production, ledger):
    source.run(
        "insert into shelf (slug, title, inserted_at, updated_at) select 'prose', 'Prose', now(), now()"
    )
    released(export(source, key="prose"), source, production)
    assert numbers(ledger, subjects=["shelf prose"]) == [4]
    assert numbers(ledger, subjects=["shelf poetry"]) == [3, 2, 1]
    assert numbers(ledger, subjects=["shelf prose", "shelf poetry"]) == [4, 3, 2, 1]
    assert numbers(ledger, subjects=["shelf 50%"]) == []


def test_releases_are_listed_from_a_number_or_a_moment_on(three, production, ledger):
    production.run("update maulstick.release set finished = '2026-01-01 12:00+00' where number < 3")
    assert numbers(ledger, first=2) == [3, 2]
    assert numbers(ledger, since=datetime(2026, 1, 1, 12, tzinfo=UTC)) == [3, 2, 1]
    assert numbers(ledger, since=datetime(2026, 1, 1, 12, 1, tzinfo=UTC)) == [3]


def test_the_newest_few_are_listed(three, ledger):
    assert numbers(ledger, limit=2) == [3, 2]
    assert numbers(ledger, number=2) == [2]


def test_a_release_that_was_undone_names_its_rollback(three, production, ledger):
    assert [one["undone_by"] for one in history.releases(ledger)] == [None, 3, None]
    undone(production)
    assert [one["undone_by"] for one in history.releases(ledger)] == [None, 4, None, None]
