"""What a release writes into the ledger, and what it reads there first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.quoting import block
from maulstick.postgres.sql.ledger import older, read_ledger, record_who, write_ledger
from maulstick.postgres.sql.rollback.sums import ADD_SUMS, require_unedited
from maulstick.postgres.sql.temp_tables import (
    CHANGE,
    DIFFERS,
    DOOMED,
    HIDDEN,
    KNOWN,
    PROBLEM,
    RENAMES,
    RESULT,
    keys,
)
from tests.postgres.catalogue.asking import roles
from tests.postgres.statements.test_decided import SPEC

OWN, OTHER = "shelf poetry", "author Emily"
SPECS = {"book": SPEC}


@pytest.fixture
def ledger(scratch):
    """A ledger with a release of this subject and one of another."""
    scratch.release(1)
    scratch.release(2, subject=OTHER)
    scratch.set(operator="somebody", commit="abc", plan="p1")
    return scratch


def written(scratch, specs=SPECS, digest="new", rows="rows"):
    """Write the ledger, and return the number of the release, None if there is nothing to record."""
    scratch.place.run(write_ledger(OWN, "2025", digest, rows, specs))
    found = scratch.rows(f"select number from {RESULT}")
    return found[0][0] if found else None


def decided(scratch, key, action, local=None, base=None, subjects=(OWN,), was=None, times=None, **change):
    """Put what was decided about a row where a release has it."""
    row = {"table_name": "book", "key": key, "row": f"(0,{len(scratch.rows(f'select from {CHANGE}')) + 1})"}
    scratch.fill(CHANGE, {**row, "action": action, **change})
    more = {"local": local, "base": base, "subjects": [*subjects], "was": was, "times": times}
    scratch.fill(DIFFERS, {**row, **more})


def known(scratch, key, values, subjects=(OWN,), release=1, table="book"):
    row = {"table_name": table, "key": key, "values": values, "subjects": [*subjects], "release": release}
    scratch.fill("maulstick.base_row", row)


def changes(scratch, number=3):
    columns = "key, action, before, after, base, subjects, was, times"
    asked = f"select {columns} from maulstick.change where release = {number} order by key"
    return {key: tuple(rest) for key, *rest in scratch.rows(asked)}


def base(scratch):
    rows = scratch.rows("select key, values, subjects, release from maulstick.base order by key")
    return {key: tuple(rest) for key, *rest in rows}


X, Y, Z = {"x": "1"}, {"x": "2"}, {"x": "0", "z": "9"}
CASES = {
    # action, (local, base, subjects, was), what was decided; what is recorded, what base is then
    "new": ("insert", (X, None, [], None), {}, (None, X), X),
    "new as decided": ("insert", (X, Z, [], None), {"after": Y}, (None, Y), {"x": "1", "z": "9"}),
    "new as it was decided": ("insert", (X, None, [], None), {"after": X}, (None, X), X),
    "changed": (
        "update",
        ({"x": "1", "z": "9"}, Z, [OWN], None),
        {"before": {"x": "0"}, "after": X},
        ({"x": "0"}, X),
        {"x": "1", "z": "9"},
    ),
    "changed whole": ("update", (X, {"x": "0"}, [OWN], None), {"before": Y, "after": X}, (Y, X), X),
    "kept": ("kept", (X, {"x": "0"}, [OWN], None), {}, (None, None), X),
    "kept as before": ("kept", (X, X, [OWN], None), {}, None, None),
    "unchanged": ("unchanged", (X, X, [OWN], None), {}, None, None),
    "unchanged beside other columns": ("unchanged", (X, {"x": "1", "z": "9"}, [OWN], None), {}, None, None),
    "found": ("unchanged", (X, None, [], None), {}, (None, None), X),
    "of another": ("unchanged", (X, X, [OTHER], None), {}, (None, None), X),
    "of several": ("unchanged", (X, X, ["z", OTHER], None), {}, (None, None), X),
    "edited alike": ("unchanged", (X, {"x": "0"}, [OWN], None), {}, (None, None), X),
    "removed": ("removed", (X, X, [OTHER], None), {}, None, None),
    "removed and edited": ("removed", (X, {"x": "0"}, [OWN], None), {}, (None, None), X),
    "renamed": ("update", (X, {"x": "0"}, [OWN], "old name"), {"after": X}, (None, X), X),
}


@pytest.mark.parametrize("case", CASES)
def test_a_row_is_recorded_where_something_of_it_moved(ledger, case):
    action, (local, known_values, subjects, was), change, told, expected = CASES[case]
    if known_values is not None:
        known(ledger, was or "k", known_values, subjects)
    known(ledger, "other", Y, [OTHER], release=2)
    decided(ledger, "k", action, local, known_values, subjects, was, {"t": "1"}, **change)
    number = written(ledger)
    assert (number is None) == (told is None)
    own = {} if told is None else {"k": (action, *told, known_values, subjects, was, {"t": "1"})}
    assert changes(ledger) == own
    found = base(ledger)
    assert found.pop("other") == (Y, [OTHER], 2)
    if told is None:
        assert found == {"k": (known_values, subjects, 1)}
    else:
        assert found == {"k": (expected, sorted({*subjects, OWN}), 3)}


@pytest.mark.parametrize("case", [case for case, (_, _, _, told, _) in CASES.items() if told is None])
def test_a_row_of_which_nothing_moved_is_not_recorded_beside_others(ledger, case):
    action, (local, known_values, subjects, was), change, *_ = CASES[case]
    known(ledger, "k", known_values, subjects)
    decided(ledger, "k", action, local, known_values, subjects, was, **change)
    decided(ledger, "new", "insert", X, None, [])
    assert written(ledger) == 3
    assert [*changes(ledger)] == ["new"]
    assert base(ledger)["k"] == (known_values, subjects, 1)


def test_what_is_new_is_kept_once(ledger):
    """Base refers to the change that holds the same values."""
    decided(ledger, "new", "insert", X, None, [])
    decided(ledger, "whole", "update", X, {"x": "0"}, before=Y, after=X)
    known(ledger, "whole", {"x": "0"})
    decided(ledger, "part", "update", {"x": "1", "z": "9"}, Z, before=Y, after=X)
    known(ledger, "part", Z)
    written(ledger)
    held = dict(ledger.rows("select key, values from maulstick.base_row"))
    assert held == {"new": None, "whole": None, "part": {"x": "1", "z": "9"}}


def test_a_deleted_row_is_recorded_and_forgotten(ledger):
    known(ledger, "k", X, [OTHER, OWN])
    for key in ("k", "unknown"):
        row = {"table_name": "book", "key": key, "image": {"x": "3"}, "times": {"t": "1"}}
        ledger.fill(DOOMED, row)
    known(ledger, "k", Y, table="other")
    assert written(ledger) == 3
    assert changes(ledger) == {
        "k": ("delete", {"x": "3"}, None, X, [OTHER, OWN], None, {"t": "1"}),
        "unknown": ("delete", {"x": "3"}, None, None, [], None, {"t": "1"}),
    }
    assert base(ledger) == {"k": (Y, [OWN], 1)}


def left(scratch, key="k"):
    known(scratch, key, X, [OTHER, OWN])
    scratch.fill(CHANGE, {"table_name": "book", "key": key, "action": "left"})


def test_a_row_that_left_its_slice_is_no_release_but_loses_its_subject(ledger):
    left(ledger)
    known(ledger, "other", X, [OTHER, OWN])
    assert written(ledger) is None
    assert base(ledger) == {"k": (X, [OTHER], 1), "other": (X, [OTHER, OWN], 1)}


def test_a_row_that_left_is_recorded_beside_others(ledger):
    left(ledger)
    decided(ledger, "new", "insert", X, None, [])
    ledger.fill(CHANGE, {"table_name": "book", "key": "never released", "action": "left"})
    assert written(ledger) == 3
    assert changes(ledger).keys() == {"k", "new"}
    assert changes(ledger)["k"] == ("left", None, None, X, [OTHER, OWN], None, None)
    assert base(ledger)["k"] == (X, [OTHER], 1)


def test_an_upload_alone_is_a_release(ledger):
    row = {"key": "a", "sha256": "0"}
    ledger.fill("maulstick.upload", {**row, "subject": OTHER})
    ledger.fill("maulstick.upload", {**row, "subject": OWN, "release": 1})
    assert written(ledger) is None
    ledger.fill("maulstick.upload", {**row, "subject": OWN})
    assert written(ledger) == 3
    assert ledger.rows("select subject, release from maulstick.upload order by 1, 2") == [
        (OTHER, None),
        (OWN, 1),
        (OWN, 3),
    ]


def test_a_release_is_recorded_with_what_it_was_made_from(ledger):
    ledger.place.run("update maulstick.ledger set target = 'shop'")
    decided(ledger, "new", "insert", X, None, [])
    written(ledger)
    columns = "subject, digest, kind, of, operator, commit, target, as_of, plan, verified"
    asked = f"select {columns}, shapes ? 'book', started <= finished, sums from maulstick.release"
    [row] = ledger.rows(f"{asked} where number = 3")
    told = (OWN, "new", "release", None, "somebody", "abc", "shop", "2025", "p1", None)
    assert row[:-1] == (*told, True, True)
    assert row[-1].keys() == {"book"}


def test_the_first_release_is_the_first(scratch):
    decided(scratch, "new", "insert", X, None, [])
    assert written(scratch) == 1


def test_the_whole_ledger_is_held_before_it_is_written(ledger):
    """Whoever would plant something in a part of it that this release does not write waits too."""
    locked = (
        "select c.relname from pg_locks as l join pg_class as c on c.oid = l.relation"
        " where l.pid = pg_backend_pid() and l.mode = 'RowExclusiveLock' and c.relname = 'object'"
    )
    assert ledger.rows(locked) == []
    written(ledger)
    assert ledger.rows(locked) == [("object",)]


def test_what_is_not_known_of_a_release_is_asked_of_the_database(ledger):
    ledger.set(operator="", commit="", plan="")
    ledger.place.run("update maulstick.ledger set target = null")
    decided(ledger, "new", "insert", X, None, [])
    written(ledger)
    asked = "select operator, commit, target, plan from maulstick.release where number = 3"
    assert ledger.rows(asked) == [("postgres", None, ledger.place.database, None)]


def agreed(scratch):
    return scratch.rows("select subject, rows, release from maulstick.agreed order by 1")


def test_what_agrees_with_base_is_remembered_by_the_last_release(ledger):
    decided(ledger, "k", "unchanged", X, X)
    assert written(ledger) is None
    assert agreed(ledger) == [(OWN, "rows", 2)]
    ledger.release(3, subject=OTHER)
    assert written(ledger) is None
    assert agreed(ledger) == [(OWN, "rows", 2)]
    assert written(ledger, rows="others") is None
    assert agreed(ledger) == [(OWN, "others", 3)]


@pytest.mark.parametrize(("subjects", "release", "moved"), [((OWN,), 3, 3), ((OTHER,), 3, 2), ((OWN,), 2, 2)])
def test_what_agrees_is_remembered_anew_after_base_has_moved(ledger, subjects, release, moved):
    written(ledger)
    ledger.release(3, subject=OTHER)
    known(ledger, "k", X, subjects, release)
    written(ledger)
    assert agreed(ledger) == [(OWN, "rows", moved)]


@pytest.mark.parametrize(
    ("action", "is_agreed"),
    [("unchanged", True), ("left", True), ("gone", False), ("kept", False), ("removed", False)],
)
def test_only_what_is_as_released_agrees(ledger, action, is_agreed):
    ledger.fill(CHANGE, {"table_name": "book", "key": "k", "action": action})
    assert written(ledger) is None
    assert agreed(ledger) == [(OWN, "rows", 2)] * is_agreed


def test_a_release_agrees_with_what_it_wrote(ledger):
    decided(ledger, "k", "insert", X, None, [])
    assert written(ledger) == 3
    assert agreed(ledger) == [(OWN, "rows", 3)]


def test_nothing_agrees_with_a_ledger_without_releases_or_with_rows_that_are_hidden(scratch):
    assert written(scratch) is None
    assert agreed(scratch) == []
    scratch.release(1)
    scratch.place.run(f'create temp table {HIDDEN} (table_name text, "row" tid, is_new boolean)')
    specs = {"book": replace(SPEC, publish="a")}
    scratch.fill(HIDDEN, {"table_name": "book"})
    assert written(scratch, specs) is None
    assert agreed(scratch) == []
    scratch.place.run(f"delete from {HIDDEN}")
    assert written(scratch, specs) is None
    assert agreed(scratch) == [(OWN, "rows", 1)]


def test_the_base_of_the_subject_and_of_its_bundle_s_rows_is_read(ledger):
    ledger.place.run(f'create temp table {keys(SPEC)} ("row" tid, key text, found boolean)')
    ledger.fill(keys(SPEC), {"key": "staged"}, {"key": "both"}, {"key": "new"})
    ledger.fill(RENAMES, {"table_name": "book", "old": "renamed"}, {"table_name": "other", "old": "stranger"})
    known(ledger, "both", X, [OWN, OTHER])
    changed = {"release": 1, "table_name": "book", "key": "both", "action": "update", "subjects": []}
    ledger.fill("maulstick.change", {**changed, "after": Z})
    known(ledger, "gone", X)
    for key in ("staged", "renamed", "stranger", "far"):
        known(ledger, key, Y, [OTHER])
    known(ledger, "staged", Z, [OTHER], table="other")
    known(ledger, "by change", None)
    row = {"release": 1, "table_name": "book", "key": "by change", "action": "insert", "subjects": []}
    ledger.fill("maulstick.change", {**row, "after": {"x": "7"}}, {**row, "release": 2, "after": {"x": "8"}})
    matched = replace(SPEC, name="author", travels=False)
    ledger.place.run(read_ledger(OWN, {**SPECS, "author": matched}))
    found = ledger.rows(f"select table_name, key, values, subjects from {KNOWN} order by 1, 2")
    assert found == [
        ("book", "both", X, [OWN, OTHER]),
        ("book", "by change", {"x": "7"}, [OWN]),
        ("book", "gone", X, [OWN]),
        ("book", "renamed", Y, [OTHER]),
        ("book", "staged", Y, [OTHER]),
    ]


@pytest.mark.parametrize(
    ("named", "own", "says"),
    [
        ("staging", "production", 'this database calls itself "production", not "staging"'),
        ("production", "production", ""),
        ("", "production", ""),
        ("staging", None, ""),
    ],
)
def test_a_ledger_of_another_target_is_named(ledger, named, own, says):
    ledger.place.run("update maulstick.ledger set target = %s", own)
    ledger.set(target=named)
    ledger.place.run(read_ledger(OWN, {}))
    assert ledger.rows(f"select key, says from {PROBLEM}") == ([("production", says)] if says else [])


def test_where_there_is_no_ledger_nothing_is_read(ledger):
    ledger.place.run("drop schema maulstick cascade")
    ledger.place.run(read_ledger(OWN, {}) + older(OWN, "2020", "d"))
    assert ledger.rows(f"select from {KNOWN} union all select from {PROBLEM}") == []


@pytest.mark.parametrize(
    ("as_of", "digest", "edited", "allowed", "says"),
    [
        ("2023", "other", 1, "", "differs from it in book 1"),
        ("2023", "other", 3, "", "differs from it in book 1, book 2, book 3"),
        ("2023", "other", 5, "", "differs from it in book 1, book 2, book 3 and 2 more"),
        ("2024", "other", 1, "", ""),
        ("2023", "d", 1, "", ""),
        ("2023", "other", 0, "", ""),
        ("2023", "other", 1, "yes", ""),
        ("2025", "other", 1, "", ""),
    ],
)
def test_an_older_bundle_is_refused_if_it_would_set_a_row_back(ledger, as_of, digest, edited, allowed, says):
    ledger.release(3, subject=OTHER, as_of="2030", digest="theirs")
    ledger.release(4, as_of="2024", digest="d")
    ledger.release(5, subject=OTHER, as_of="2030", digest="theirs")
    for n in range(edited, 0, -1):
        ledger.fill(DIFFERS, {"table_name": "book", "key": str(n), "local": X, "base": Y})
    ledger.fill(DIFFERS, {"table_name": "book", "key": "0", "local": X, "base": {**X, "z": "9"}})
    ledger.set(older=allowed)
    ledger.place.run(older(OWN, as_of, digest))
    found = [(key, told) for key, told in ledger.rows(f"select key, says from {PROBLEM}")]
    before = "release 4 was made from newer content (2024) than this bundle"
    assert found == ([("4", f"{before} ({as_of}), which {says}")] if says else [])


def test_the_rows_of_an_older_bundle_are_named_by_their_tables(ledger):
    for table, key in (("book", "1"), ("author", "2"), ("book", "0")):
        ledger.fill(DIFFERS, {"table_name": table, "key": key, "local": X})
    ledger.place.run(older(OWN, "2023", "mine"))
    [(says,)] = ledger.rows(f"select says from {PROBLEM}")
    assert says.endswith("differs from it in author 2, book 0, book 1")


def test_only_the_last_release_of_a_subject_counts_for_how_old_a_bundle_is(ledger):
    ledger.release(3, as_of="2030", digest="newer")
    ledger.release(4, as_of="2020", digest="older")
    ledger.fill(DIFFERS, {"table_name": "book", "key": "1", "local": X})
    ledger.place.run(older(OWN, "2025", "mine"))
    assert ledger.rows(f"select from {PROBLEM}") == []


@pytest.mark.parametrize("column", ["there", "missing"])
def test_who_made_a_release_is_recorded_beside_it(ledger, column):
    if column == "there":
        ledger.place.run("alter table maulstick.release add who jsonb")
    else:
        ledger.place.run(
            "alter table maulstick.release add who jsonb; alter table maulstick.release drop who"
        )
    ledger.place.run("create table public.mine (who text)")
    ledger.set(claims='{"host": "h"}')
    ledger.place.run(record_who())
    ledger.fill(RESULT, {"number": 2})
    ledger.place.run(record_who())
    asked = "select number, who from maulstick.release order by 1"
    assert ledger.rows(asked) == [(1, None), (2, {"host": "h", "session_user": "postgres"})]


def test_who_claims_nothing_is_not_recorded(ledger):
    ledger.fill(RESULT, {"number": 2})
    ledger.place.run(record_who())
    assert ledger.rows("select from pg_attribute where attname = 'who'") == []


SUMMED = ("before", "after", "base", "subjects", "was", "times", "action", "key")


@pytest.mark.parametrize("column", SUMMED)
def test_whatever_was_edited_in_the_ledger_is_noticed_by_its_table(ledger, column):
    decided(ledger, "k", "update", X, Y, was="w", times={"t": "1"}, before=Y, after=X)
    decided(ledger, "l", "update", X, Y, before=Y, after=X)
    assert written(ledger) == 3
    row = {"release": 3, "table_name": "author", "key": "k", "action": "update", "subjects": [OWN]}
    ledger.place.run("update maulstick.release set sums = null where number <> 3")
    assert [ledger.run(require_unedited(number)) for number in (1, 2, 3)] == ["", "", ""]
    new = "array['x']" if column == "subjects" else "'{}'"
    ledger.place.run(f"update maulstick.change set {column} = {new} where key = 'k'")
    says = "what the ledger keeps of release 3 was edited since (rows of {}); nothing was changed"
    assert ledger.run(require_unedited(3)) == says.format("book")
    assert ledger.run(require_unedited(2)) == ""
    ledger.fill("maulstick.change", row)
    assert ledger.run(require_unedited(3)) == says.format("author, book")
    ledger.place.run("delete from maulstick.change where table_name = 'book'")
    assert ledger.run(require_unedited(3)) == says.format("author, book")
    ledger.place.run("update maulstick.release set sums = null where number = 3")
    assert ledger.run(require_unedited(3)) == ""
    ledger.place.run("alter table maulstick.release drop sums")
    assert ledger.run(require_unedited(3)) == ""


SUMS_THERE = """select exists (select from pg_attribute where attrelid = 'maulstick.release'::regclass
  and attname = 'sums')"""


def adding(ledger, role=None):
    """Begin a release in a ledger, as a role, and return whether it has sums."""
    with roles(ledger.place, "guest"):
        if role:
            ledger.place.run(f"grant usage on schema maulstick to {role}; set local role {role}")
        said = ledger.run(block(f"begin\n  {ADD_SUMS}\nend"))
        ledger.place.run("reset role")
        [(is_there,)] = ledger.rows(SUMS_THERE)
    assert said == ""
    return is_there


def test_a_ledger_gets_sums_once_from_who_owns_it(ledger):
    assert adding(ledger) is True
    ledger.place.run("alter table maulstick.release drop sums; create table public.book (sums jsonb)")
    assert adding(ledger, "guest") is False
    assert adding(ledger) is True
    assert adding(ledger) is True


def test_a_sum_is_of_one_release_and_written_to_it_alone(ledger):
    decided(ledger, "k", "insert", X, None, [])
    before = ledger.rows("select number, sums from maulstick.release order by 1")
    assert written(ledger) == 3
    row = {"release": 2, "table_name": "author", "key": "k", "action": "insert", "subjects": []}
    assert ledger.rows("select number, sums from maulstick.release where number < 3 order by 1") == before
    assert ledger.run(require_unedited(3)) == ""
    ledger.fill("maulstick.change", row)
    assert ledger.run(require_unedited(3)) == ""
    ledger.place.run("delete from maulstick.change where release = 3")
    assert ledger.run(require_unedited(3)) == (
        "what the ledger keeps of release 3 was edited since (rows of book); nothing was changed"
    )
    accept = "update maulstick.release set sums = null where number = 3"
    assert accept in require_unedited(3)


def test_a_column_of_another_table_is_no_sum(ledger):
    ledger.place.run("alter table maulstick.release drop sums; create table public.book (sums jsonb)")
    assert ledger.run(require_unedited(2)) == ""
