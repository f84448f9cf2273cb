"""What a rollback and the history ask of the ledger: which release, what undid it, what it changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from maulstick.errors import DENIED, Exit, Problem
from maulstick.plan import history, rollback
from maulstick.plan.choices import RowName
from maulstick.plan.planner import carried_out, require_unused
from maulstick.plan.seal import AGAIN, seal
from maulstick.postgres.connection import SqlProblem, connect
from maulstick.postgres.sql_files import sql_file
from maulstick.postgres.sqlstates import EDITED, LOCKED, REFUSED, UNDONE
from maulstick.postgres.tables.specs import TableSpec
from maulstick.redact import Secret
from tests.plan.in_memory.plans import planned
from tests.postgres.statements.conftest import Scratch

OTHER = "author Emily"
BOOK = TableSpec(
    "public", "book", ("isbn",), True, ("isbn", "title"), {"isbn": "text", "title": "text"}, (), {}, (), (),
    (), "id", {"updated_at": "timestamp"},
)  # fmt: skip
TABLE = "create table book (id bigserial primary key, isbn text, title varchar(9), updated_at timestamp(0));"


@pytest.fixture
def database(production):
    with connect(Secret(production.url), "production") as database:
        yield database


@pytest.fixture
def ledger(production):
    """A ledger without releases, and what puts some into it."""
    production.run(f"create schema maulstick; {sql_file('ledger_tables')}")
    production.run("insert into maulstick.ledger values (1, 'production')")
    return Scratch(production)


def changed(ledger, release, key, action, table="book", **more):
    row = {"release": release, "table_name": table, "key": key, "action": action, "subjects": []}
    ledger.fill("maulstick.change", {**row, **more})


def refusal(act, *arguments):
    with pytest.raises(Problem) as caught:
        act(*arguments)
    return caught.value.code, f"{caught.value.where}: {caught.value.what}"


def test_where_nothing_was_released_there_is_nothing_to_undo(production, database):
    for made in (True, False):
        assert refusal(rollback.last, database) == (Exit.USAGE, "rollback: nothing was released yet")
        assert rollback.released(database) is None
        assert rollback.subject_of(database, None) is None
        assert history.releases(database) == []
        code, says = refusal(history.changes_of, database, 1)
        assert (code, "release 1: is not in the ledger" in says) == (Exit.USAGE, True)
        if made:
            production.run(f"create schema maulstick; {sql_file('ledger_tables')}")
            production.run("insert into maulstick.ledger values (1, null)")


def test_the_last_release_is_the_one_whose_rows_another_made_public(ledger, database):
    for number, more in enumerate(({}, {}, {"subject": OTHER}), 1):
        ledger.release(number, **more)
    assert (rollback.last(database), rollback.released(database)) == (3, 3)
    ledger.release(4, kind="publish")
    assert (rollback.last(database), rollback.released(database)) == (4, 2)
    ledger.release(5, kind="rollback", of=3, subject=OTHER)
    assert rollback.released(database) == 5


def test_the_subject_of_a_release_is_known(ledger, database):
    ledger.release(1)
    ledger.release(2, subject=OTHER)
    asked = [rollback.subject_of(database, number) for number in (None, 1, 2, 3)]
    assert asked == [OTHER, "shelf poetry", OTHER, None]


def test_a_release_is_undone_by_a_rollback_that_stands(ledger, database):
    for number in (1, 2, 3):
        ledger.release(number)
    of = {4: 1, 5: 4, 6: 2, 7: 1}
    for number, undone in of.items():
        ledger.release(number, kind="rollback", of=undone)
    found = {number: rollback.undone_by(database, number) for number in range(1, 8)}
    assert found == {1: 7, 2: 6, 3: None, 4: 5, 5: None, 6: None, 7: None}
    assert [rollback._newest(database, number) for number in (1, 2, 3)] == [7, 6, 0]
    ledger.release(8, of=1)
    ledger.release(9, kind="rollback", of=2)
    assert [rollback._newest(database, number) for number in (1, 2)] == [7, 9]


def test_what_made_the_rows_of_a_release_public_was_released_with_nothing_in_between(ledger, database):
    kinds = ["release", "publish", "release", "author", "publish", "rollback", "publish", "release"]
    for number, kind in enumerate(kinds, 1):
        more = {"subject": OTHER, "kind": "publish"} if kind == "author" else {"kind": kind}
        ledger.release(number, **more)
    ledger.release(9, subject=OTHER)
    ledger.release(10, subject="work lamp")
    ledger.release(11, subject=OTHER)
    ledger.release(12, subject="work lamp", kind="publish")
    found = {
        number: sorted(made for (made,) in database.query(f"{rollback.PUBLISHED_BY} {number}"))
        for number in range(1, 13)
    }
    assert {number: made for number, made in found.items() if made} == {1: [2], 3: [5, 7], 10: [12]}


def test_what_made_rows_public_is_undone_first_where_that_stands(ledger, database, production):
    production.run(TABLE)
    shapes = {"book": BOOK.to_json()}
    ledger.release(1, shapes=shapes)
    for number in (2, 3, 4):
        ledger.release(number, kind="publish", shapes=shapes)
    ledger.release(5, kind="rollback", of=3)
    changed(ledger, 2, "1", "update")
    found = [*rollback._publishing(database, "1", "production")]
    assert [one.number for one in found] == [4, 2]
    assert [one.changed for one in found] == [[], ["book"]]
    assert found[0].specs["book"].types["title"] == "character varying(9)"


def test_a_row_to_leave_is_one_that_the_release_changed(ledger, database):
    for number in (1, 2):
        ledger.release(number)
    for key, action in (("a", "insert"), ("b", "update"), ("c", "delete"), ("d", "unchanged")):
        changed(ledger, 2, key, action)
    changed(ledger, 1, "e", "insert")
    rollback._require_known(database, 2, [RowName("book", key) for key in "abc"])
    for key in "de":
        says = f"--except book:{key}: is not a row that release 2 changed"
        code, said = refusal(
            rollback._require_known, database, 2, [RowName("book", "a"), RowName("book", key)]
        )
        assert (code, says in said) == (Exit.USAGE, True)
    rollback._require_known(database, 2, [])


def test_a_release_is_known_with_its_tables_and_those_that_it_changed(ledger, database):
    ledger.release(1, shapes={"book": BOOK.to_json()})
    ledger.release(2, kind="publish", shapes={})
    for key in "ab":
        changed(ledger, 1, key, "insert")
    changed(ledger, 2, "c", "insert", table="shelf")
    assert rollback._release(database, "1") == (1, "shelf poetry", "release", {"book": BOOK}, ["book"])
    assert rollback._release(database, f"({rollback.LAST})")[:3] == (2, "shelf poetry", "publish")


@pytest.mark.parametrize("shapes", [[1], {"book": 1}, {"book": {}}, {"book": {**BOOK.to_json(), "key": 1}}])
def test_tables_that_another_version_described_are_not_undone(ledger, database, shapes):
    ledger.release(1)
    ledger.place.run("update maulstick.release set shapes = %s::jsonb", json.dumps(shapes))
    code, says = refusal(rollback._release, database, "1")
    assert (code, "was written by another version" in says) == (Exit.REFUSED, True)


def test_a_release_that_is_unknown_or_undone_is_not_undone(ledger, database):
    ledger.release(1)
    ledger.release(2, kind="rollback", of=1)
    code, says = refusal(rollback._release, database, "3")
    assert (code, "release 3: is not in the ledger" in says) == (Exit.USAGE, True)
    code, says = refusal(rollback._release, database, "1")
    assert (code, "release 1: was undone by release 2" in says) == (Exit.REFUSED, True)


def test_the_ledger_must_be_that_of_the_target(ledger, database):
    rollback._require_ledger(database, "production")
    code, says = refusal(rollback._require_ledger, database, "staging")
    assert (code, 'calls itself "production", not "staging"' in says) == (Exit.REFUSED, True)
    ledger.place.run("update maulstick.ledger set target = null")
    rollback._require_ledger(database, "staging")
    ledger.place.run("drop schema maulstick cascade")
    assert refusal(rollback._require_ledger, database, "staging")[0] == Exit.USAGE


def test_tables_are_as_the_target_has_them_now(production, database):
    production.run(TABLE + "create unique index on book (isbn) where title = 'x'")
    [spec] = rollback._as_there(database, 1, {"book": BOOK}, "live").values()
    assert spec.types == {"isbn": "text", "title": "character varying(9)", "id": "bigint"}
    assert spec.times == {"updated_at": "timestamp(0) without time zone"}
    assert spec.key_condition is not None
    assert spec.key_condition.columns == ("title",)
    production.run("alter table book drop title, drop updated_at")
    code, says = refusal(rollback._as_there, database, 1, {"book": BOOK}, "live")
    assert (code, says.splitlines()[1:]) == (Exit.REFUSED, ["    book.title", "    book.updated_at"])
    production.run("alter table book drop id")
    assert "    book.id" in refusal(rollback._as_there, database, 1, {"book": BOOK}, "live")[1]
    production.run("drop table book")
    said = refusal(rollback._as_there, database, 1, {"book": BOOK}, "live")[1]
    assert said.splitlines()[1:] == [f"    book.{one}" for one in ("isbn", "title", "updated_at", "id")]


def problem(state, what="no", detail=""):
    return SqlProblem("database", what, "a hint", state=state, detail=detail)


@pytest.mark.parametrize(
    ("one", "code", "says", "hint"),
    [
        (
            problem(LOCKED),
            Exit.LOCKED,
            "another release holds the lock: it has just ended; nothing was changed",
            "",
        ),
        (problem(EDITED), Exit.REFUSED, "no", "a hint"),
        (problem(UNDONE), Exit.REFUSED, "no", "invoke history shows what there is to undo"),
        (problem(DENIED), Exit.FAILED, "no; nothing was changed", "a hint"),
        (problem("23505"), Exit.FAILED, "no; nothing was changed", "a hint"),
        (problem("23505", "nothing was changed, no"), Exit.FAILED, "nothing was changed, no", "a hint"),
        (
            problem(REFUSED, detail='["a: b", "c\\u0007", "a: b"]'),
            Exit.REFUSED,
            "2 rows would lose what came after; nothing was changed\n    a: b\n    c\\x07",
            "leave a row as it is with --except TABLE:KEY",
        ),
    ],
)
def test_why_a_rollback_was_refused_is_explained(database, one, code, says, hint):
    found = rollback._explained(one, database, {})
    assert (
        (found.where, found.what) == ("rollback", says) if code != Exit.LOCKED else ("rollback", found.what)
    )
    assert found.code == code
    assert says in found.what
    assert hint in found.hint


def test_what_a_release_changed_is_told_row_by_row(ledger, database):
    ledger.release(1, operator="ann")
    ledger.release(2, kind="rollback", of=1)
    changed(ledger, 1, "b", "update", before={"a": "1"}, after={"a": "2"})
    changed(ledger, 1, "a", "insert", after={"a": "1"})
    changed(ledger, 1, "c", "delete", before={"a": "3"}, table="author")
    changed(ledger, 1, "d", "unchanged")
    changed(ledger, 2, "b", "update", before={"a": "2"}, after={"a": "1"})
    found = history.changes_of(database, 1)
    assert [(one["table"], one["key"], one["action"], one["before"], one["after"]) for one in found] == [
        ("author", "c", "delete", {"a": "3"}, {}),
        ("book", "a", "insert", {}, {"a": "1"}),
        ("book", "b", "update", {"a": "1"}, {"a": "2"}),
    ]
    assert {(one["release"], one["operator"], one["kind"]) for one in found} == {(1, "ann", "release")}
    assert len(history.changes_of(database, 1, most=2)) == 2
    assert refusal(history.changes_of, database, 3)[0] == Exit.USAGE
    rows = history.why(database, RowName("book", "b"))
    assert [(one["release"], one["kind"]) for one in rows] == [(2, "rollback"), (1, "release")]
    assert history.why(database, RowName("author", "x")) == []
    for name in ("bok", "auther"):
        code, says = refusal(history.why, database, RowName(name, "x"))
        assert (code, f'no table there is called "{name}"' in says) == (Exit.USAGE, True)
    ledger.place.run("create table stranger (a int)")
    assert history.why(database, RowName("stranger", "x")) == []


def test_releases_are_told_with_what_undid_them_and_who_made_them(ledger, database):
    ledger.release(1, operator="ann", commit="abcdefghi")
    ledger.release(2, kind="rollback", of=1)
    ledger.place.run("alter table maulstick.release add who jsonb")
    who = {"host": "h", "session_user": "u", "left_out": ["book 1"], "version": "1"}
    ledger.place.run("update maulstick.release set who = %s::jsonb where number = 1", json.dumps(who))
    second, first = history.releases(database)
    assert (second["undone_by"], first["undone_by"], second["left_out"]) == (None, 2, [])
    assert (first["commit"], first["digest"], first["left_out"]) == ("abcdefg", "d", ["book 1"])
    assert first["claimed"] == {
        **{"operator": "ann", "host": "h", "actor": None, "run": None, "version": "1"},
        "commit": "abcdefghi",
    }
    assert first["proven"] == {"session_user": "u"}
    assert second["proven"] == {"session_user": None}


def sealed(id_):
    return replace(seal(planned(), {}), id=id_, rows={"book 1": id_})


def test_a_sealed_plan_that_was_carried_out_is_refused(ledger, database):
    for number, plan, subject in ((1, "a", OTHER), (2, "b", OTHER), (3, None, OTHER), (4, "d", "work lamp")):
        ledger.release(number, plan=plan, subject=subject, shapes={"book": BOOK.to_json()})
    require_unused(sealed("c"), database)
    code, says = refusal(require_unused, sealed("b"), database)
    assert (code, says.splitlines()[0]) == (
        Exit.REFUSED,
        "plan: was carried out by release 2; nothing was changed",
    )
    seals = [sealed(one) for one in "abc"]
    assert carried_out(seals, database) == [{"book 1": "a"}, {"book 1": "b"}]
    assert carried_out([], database) == []
    ledger.place.run("drop schema maulstick cascade")
    assert carried_out(seals, database) == []
    require_unused(sealed("b"), database)


def test_what_a_sealed_plan_wrote_hidden_is_made_public_by_publish(ledger, database):
    def hint(plan):
        with pytest.raises(Problem) as caught:
            require_unused(sealed(plan), database)
        return caught.value.hint

    shapes = {"shelf": {}, "book": {"publish": "public"}}
    ledger.release(1, kind="publish")
    ledger.release(2, plan="plain", shapes={"book": {"hidden": "x"}})
    ledger.release(3, plan="hides", shapes=shapes)
    publish = f"{AGAIN}; invoke publish makes public what it wrote hidden"
    assert (hint("plain"), hint("hides")) == (AGAIN, publish)
    ledger.release(4, kind="publish", subject=OTHER)
    ledger.release(5, kind="release")
    assert hint("hides") == publish
    ledger.release(6, kind="publish", plan="itself", shapes=shapes)
    assert (hint("hides"), hint("itself")) == (AGAIN, publish)
