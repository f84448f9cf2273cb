"""What is written into each row, the proof that it is held, and which row fails: no other is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.search_path import as_ourselves
from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.failing_row import failing_row
from maulstick.postgres.sql.rows_to_write import rows_to_write
from maulstick.postgres.sql.temp_tables import CHANGE, DIFFERS, DOOMED, RESULT, keys, ready, real, stage
from maulstick.postgres.sql.verify import end, rows_hold, verify
from maulstick.postgres.sql.write import write, write_rows
from maulstick.postgres.tables.specs import Link, Pointing, Reference
from maulstick.project.declarations import JsonReference, Query
from tests.postgres.statements.test_decided import SPEC

TIMES = {"inserted_at": "timestamp without time zone", "updated_at": "timestamp with time zone"}
TEXTS = dict.fromkeys(("key", "a", "b", "part", "shelf", "slug", "code"), "text")
BOOK = replace(SPEC, columns=("key", "a", "b"), types=TEXTS, times=TIMES)
PAGE = replace(
    SPEC, name="page", key=("key", "part"), columns=("key", "part", "a"), types=TEXTS, nullable=("part",),
    surrogate=None, key_is_value=False,
)  # fmt: skip
SPECS = {"book": BOOK, "page": PAGE}
ALL = BundleTables(SPECS, SPECS, SPECS)
OLD = "2020-01-01 00:00:00"
TABLES = """
create table public.book (id bigserial primary key, key text, a text, b text, own text default 'own',
  inserted_at timestamp, updated_at timestamptz, unique (key));
create table public.page (key text, part text, a text);
create table public.log (says text);
create function public.notes() returns trigger language plpgsql as
  $$ begin insert into log values (tg_op || ' ' || tg_table_name); return null; end $$;
create trigger notes after update on public.book for each statement execute function public.notes();
"""


@pytest.fixture
def shop(scratch):
    """Books that are there, with what each holds, and pages without ids."""
    scratch.place.run(TABLES)
    scratch.set(path="public, pg_temp")
    for id_, key in enumerate(("changed", "both", "alike", "kept", "beside"), 2):
        row = {"id": id_, "key": key, "a": "1", "b": "1", "inserted_at": OLD, "updated_at": OLD}
        scratch.fill("public.book", row)
    for part in (None, "1", "2"):
        scratch.fill("public.page", {"key": "p", "part": part, "a": "1"})
    return scratch


def change(scratch, text):
    """Change something there as the site does."""
    scratch.place.run(f"set local search_path = public; {text}; set local search_path = pg_catalog, pg_temp")


def tables(scratch, *specs):
    """Make the tables in which a release works on some tables."""
    for spec in specs:
        columns = ", ".join(spec.columns)
        linked = ", ".join(
            f"null::text as {one}" if one in (*spec.references, *spec.pointing) else one
            for one in spec.columns
        )
        scratch.place.run(
            f"create temp table {ready(spec)} as select null::tid as maulstick_row, {columns}"
            f" from {real(spec)} with no data;"
            f"create temp table {stage(spec)} as select {linked}, null::boolean as maulstick_matched"
            f" from {real(spec)} with no data;"
            f'create temp table {keys(spec)} ("row" tid, key text, found boolean, id bigint)'
        )


def decided(scratch, spec, key, action, values, *, id_=None, sets=None, after=None, found=None):
    """Put a row in all the places where a release has one that it has decided about."""
    place = f"(0,{scratch.rows(f'select count(*) from {keys(spec)}')[0][0] + 1})"
    is_found = action != "insert" if found is None else found
    scratch.fill(keys(spec), {"row": place, "key": key, "found": is_found, "id": id_})
    scratch.fill(stage(spec), values)
    scratch.fill(ready(spec), {"maulstick_row": place, **values})
    if after is None and sets is not None:
        after = {name: values[name] for name in sets}
    row = {"table_name": spec.label, "key": key, "row": place}
    scratch.fill(CHANGE, {**row, "action": action, "sets": sets, "after": after})
    scratch.fill(DIFFERS, {**row, "local": values})
    other = {**row, "table_name": "other", "action": "update", "sets": ["b"], "after": {"b": "x"}}
    scratch.fill(CHANGE, other)
    scratch.fill(DIFFERS, {**row, "table_name": "other", "local": {"other": "x"}})


def release(scratch):
    """Decide about a few books and pages."""
    tables(scratch, BOOK, PAGE)
    new = {"key": "new", "a": "9", "b": "9"}
    decided(scratch, BOOK, "new", "insert", new, id_=11)
    for id_, key, sets in ((2, "changed", ["a"]), (3, "both", ["a", "b"]), (4, "alike", ["a"])):
        decided(scratch, BOOK, key, "update", {"key": key, "a": "9", "b": "9"}, id_=id_, sets=sets)
    decided(scratch, BOOK, "kept", "kept", {"key": "kept", "a": "9", "b": "9"}, id_=5, sets=["a"])
    decided(scratch, PAGE, "p", "update", {"key": "p", "part": None, "a": "9"}, sets=["a"])
    decided(scratch, PAGE, "p1", "update", {"key": "p", "part": "1", "a": "8"}, sets=["a"])
    decided(scratch, PAGE, "p3", "insert", {"key": "p", "part": "3", "a": "9"})


def there(scratch):
    books = scratch.rows("select key, id, a, b, own from public.book order by id")
    pages = scratch.rows("select part, a from public.page order by part nulls first")
    return [*books, *pages]


WRITTEN = [
    ("changed", 2, "9", "1", "own"),
    ("both", 3, "9", "9", "own"),
    ("alike", 4, "9", "1", "own"),
    ("kept", 5, "1", "1", "own"),
    ("beside", 6, "1", "1", "own"),
    ("new", 11, "9", "9", "own"),
    (None, "9"),
    ("1", "8"),
    ("2", "1"),
    ("3", "9"),
]


def test_only_what_differs_is_written_into_the_rows_that_differ(shop):
    release(shop)
    shop.place.run(write_rows(ALL))
    assert there(shop) == WRITTEN
    assert shop.rows("select says from public.log") == [("UPDATE book",)] * 2
    assert shop.rows("show search_path") == [("pg_catalog, pg_temp",)]
    second = "date_trunc('second', now())"
    asked = (
        f"select key, inserted_at = {second} at time zone 'UTC', updated_at = {second}"
        f" from public.book where inserted_at > '{OLD}' or updated_at > '{OLD}' order by id"
    )
    assert shop.rows(asked) == [
        ("changed", False, True),
        ("both", False, True),
        ("alike", False, True),
        ("new", True, True),
    ]


def test_rows_to_delete_go_first_and_what_production_put_into_its_own_columns_is_recorded(shop):
    shop.place.run(
        "create function public.fills() returns trigger language plpgsql as"
        " $$ begin new.b := 'own ' || new.key; return new; end $$;"
        "create trigger fills before insert on public.book for each row execute function public.fills();"
        "insert into public.book (id, key, b) values (12, 'again', 'old')"
    )
    theirs = replace(BOOK, theirs=("b",))
    specs = {"book": theirs}
    tables(shop, theirs)
    decided(shop, theirs, "new", "insert", {"key": "new", "a": "9", "b": "9"}, id_=21)
    restored = {"key": "again", "a": "8"}
    decided(shop, theirs, "again", "insert", {**restored, "b": "7"}, id_=22, after=restored)
    decided(shop, theirs, "changed", "update", {"key": "changed", "a": "9", "b": "9"}, id_=2, sets=["a"])
    shop.place.run(
        f"insert into {DOOMED} (table_name, key, id, o, c) select 'book', key, id::text, tableoid, ctid"
        " from public.book where id = 12"
    )
    shop.place.run(write(BundleTables(specs, specs, specs)))
    assert shop.rows("select id, key, b from public.book where id > 6 order by id") == [
        (21, "new", "own new"),
        (22, "again", "own again"),
    ]
    found = shop.rows(f"select key, after from {CHANGE} where table_name = 'book' order by key")
    assert found == [
        ("again", {**restored, "b": "own again"}),
        ("changed", {"a": "9"}),
        ("new", {"key": "new", "a": "9", "b": "own new"}),
    ]
    others = shop.rows(f"select distinct after from {CHANGE} where table_name = 'other'")
    assert others == [({"b": "x"},)]
    assert shop.rows(f"select times from {DIFFERS} where table_name = 'book' and key = 'new'") == [
        ({"own": "own"},)
    ]


SHELF = replace(SPEC, name="shelf", key=("code",), columns=("code", "slug"), types=TEXTS)
ON_SHELF = replace(
    BOOK, columns=("key", "a", "shelf"), links=(Link(("shelf",), "shelf", ("slug",)),), parents=("shelf",)
)
TAIL = replace(SPEC, name="tail", columns=("key",), types=TEXTS, surrogate=None)
LED = {"page": PAGE, "shelf": SHELF, "book": ON_SHELF, "tail": TAIL}


@pytest.fixture
def shelves(shop):
    """Books that stand on shelves by name, some of which are to be renamed."""
    shop.place.run(
        "create table public.shelf (id bigserial primary key, code text unique, slug text unique);"
        "insert into public.shelf values (1, 'c1', 's1'), (2, 'c2', 's2'), (3, 'c3', 's3');"
        "alter table public.book add shelf text references public.shelf (slug);"
    )
    change(shop, "update book set shelf = 's' || least(id - 1, 3); delete from log")
    shop.place.run("create table public.tail (key text)")
    tables(shop, *LED.values())
    decided(shop, PAGE, "p3", "insert", {"key": "p", "part": "3", "a": "9"})
    decided(shop, TAIL, "t", "insert", {"key": "t"})
    return shop


def beside(scratch):
    """Return what is in the tables before and behind those that refer to each other."""
    return scratch.rows("select part from public.page where part > '2' union all table public.tail")


def on_shelf(scratch, key, action, shelf, a="9", **more):
    decided(scratch, ON_SHELF, key, action, {"key": key, "a": a, "shelf": shelf}, **more)


def placed(scratch):
    return scratch.rows("select key, a, shelf from public.book order by id")


def test_rows_that_refer_to_a_renamed_row_follow_it_in_one_statement(shelves):
    decided(shelves, SHELF, "c1", "update", {"code": "c1", "slug": "s9"}, id_=1, sets=["slug"])
    decided(shelves, SHELF, "c2", "update", {"code": "c7", "slug": "s2"}, id_=2, sets=["code"])
    decided(shelves, SHELF, "c4", "insert", {"code": "c4", "slug": "s1"}, id_=4)
    on_shelf(shelves, "changed", "update", "s9", id_=2, sets=["a", "shelf"])
    on_shelf(shelves, "both", "update", "s9", id_=3, sets=["shelf"])
    on_shelf(shelves, "alike", "update", "s9", id_=4, sets=["a"])
    on_shelf(shelves, "kept", "kept", "s9", id_=5, sets=["shelf"])
    on_shelf(shelves, "new", "insert", "s1", id_=11)
    shelves.place.run(write_rows(BundleTables(LED, LED, LED)))
    assert placed(shelves) == [
        ("changed", "9", "s9"),
        ("both", "1", "s9"),
        ("alike", "9", "s3"),
        ("kept", "1", "s3"),
        ("beside", "1", "s3"),
        ("new", "9", "s1"),
    ]
    rows = shelves.rows("select id, code, slug from public.shelf order by id")
    assert rows == [(1, "c1", "s9"), (2, "c7", "s2"), (3, "c3", "s3"), (4, "c4", "s1")]
    assert beside(shelves) == [("3",), ("t",)]


def test_a_row_that_is_to_be_deleted_follows_too(shelves):
    """It goes later, and its foreign key holds until then."""
    decided(shelves, SHELF, "c3", "update", {"code": "c3", "slug": "s9"}, id_=3, sets=["slug"])
    decided(shelves, SHELF, "c1", "update", {"code": "c1", "slug": "s8"}, id_=1, sets=["slug"])
    on_shelf(shelves, "changed", "update", "s8", id_=2, sets=["shelf"])
    on_shelf(shelves, "beside", "update", "s9", a="1", id_=6, sets=["shelf"])
    for table, id_ in (("book", "4"), ("book", "5"), ("other", "3")):
        shelves.fill(DOOMED, {"table_name": table, "key": id_, "id": id_})
    shelves.place.run(write_rows(BundleTables(LED, LED, LED)))
    shelves_of = [shelf for *_, shelf in placed(shelves)]
    assert shelves_of == ["s8", "s2", "s9", "s9", "s9"]


def test_where_no_name_changes_rows_are_written_one_table_after_the_other(shelves):
    decided(shelves, SHELF, "c4", "insert", {"code": "c4", "slug": "s4"}, id_=4)
    on_shelf(shelves, "changed", "update", "s4", id_=2, sets=["a", "shelf"])
    on_shelf(shelves, "both", "update", "s4", id_=3, sets=["a"])
    on_shelf(shelves, "new", "insert", "s4", id_=11)
    shelves.place.run(write_rows(BundleTables(LED, LED, LED)))
    assert placed(shelves)[:2] == [("changed", "9", "s4"), ("both", "9", "s2")]
    assert placed(shelves)[-1] == ("new", "9", "s4")
    assert beside(shelves) == [("3",), ("t",)]


def proof(scratch, spec=BOOK, specs=SPECS):
    """Return which rows do not hold what was written."""
    said = scratch.run(rows_hold(spec, specs))
    return said.partition("hold what was written: ")[2].partition(" (a trigger")[0]


def test_each_row_is_proven_to_hold_what_was_written(shop):
    release(shop)
    shop.place.run(write_rows(ALL))
    assert (proof(shop), proof(shop, PAGE)) == ("", "")
    change(shop, "update public.book set b = 'x' where key in ('changed', 'kept', 'beside')")
    change(shop, "update public.page set a = 'x' where part = '2'")
    assert (proof(shop), proof(shop, PAGE)) == ("", "")
    change(shop, "update public.book set a = null, b = null where key in ('new', 'both', 'alike', 'kept')")
    change(shop, "update public.page set a = 'x' where part is distinct from '1'")
    assert proof(shop) == "alike: a; both: a, b; new: a, b"
    assert proof(shop, PAGE) == "p: a; p3: a"
    shop.place.run("delete from public.book where key in ('changed', 'new', 'kept')")
    assert proof(shop) == "alike: a; both: a, b; changed: a; new: key, a, b"
    theirs = replace(BOOK, theirs=("a", "b"))
    assert proof(shop, theirs) == "changed; new: key"
    assert proof(shop, replace(BOOK, theirs=("key", "a", "b"))) == "changed; new"


def test_a_row_that_was_decided_as_new_with_some_columns_is_proven_by_these(shop):
    release(shop)
    shop.place.run(write_rows(ALL))
    shop.place.run(f"""update {CHANGE} set after = '{{"a": "9"}}' where key = 'new'""")
    change(shop, "update public.book set b = 'x' where key = 'new'")
    assert proof(shop) == ""
    change(shop, "update public.book set a = 'x' where key = 'new'")
    assert proof(shop) == "new: a"


def test_what_makes_a_row_public_is_proven_as_it_is_to_be(shop):
    """A row may go in hidden: what is staged is not what is written."""
    release(shop)
    shop.place.run(f"update {ready(BOOK)} set b = 'hidden' where maulstick_row = '(0,1)'")
    shop.place.run(write_rows(ALL))
    assert proof(shop, replace(BOOK, publish="b")) == ""
    assert proof(shop) == "new: b"


SHELVED = replace(
    BOOK,
    columns=("key", "shelf_id", "other_id", "at", "doc"),
    types={**TEXTS, "shelf_id": "bigint", "other_id": "bigint", "at": "bigint", "doc": "jsonb"},
    references={"shelf_id": Reference("shelf"), "other_id": Reference("shelf")},
    pointers=(Pointing("at", "shelf", "key <> 'plain'"), Pointing("at")),
    json_references=(JsonReference("doc", "$.shelf", "shelf"),),
    times={},
)


@pytest.fixture
def linked(shop):
    """Staged books that refer to shelves by column, by a pointer, and inside JSON; shelf `c9` is new."""
    shop.place.run(
        "create table public.shelf (id bigserial primary key, code text unique, slug text);"
        "insert into public.shelf values (1, 'c1', 'x'), (2, 'c2', 'x');"
        "alter table public.book add shelf_id bigint references public.shelf, add other_id bigint,"
        " add at bigint, add doc jsonb"
    )
    change(shop, "update book set shelf_id = 1, at = 5, doc = '{}'")
    tables(shop, SHELF, SHELVED)
    for id_, code in ((1, "c1"), (2, "c2"), (9, "c9")):
        shop.fill(keys(SHELF), {"row": f"(0,{id_})", "key": code, "found": id_ < 9, "id": id_})
    rows = (
        ("new", "insert", None, "c9", {"shelf": "c2"}, '{"shelf": "c9"}', None),
        ("text", "insert", None, None, {"shelf": {"as text": "c2"}}, None, None),
        ("nowhere", "insert", None, "c1", {"shelf": {"no row": 77}}, '{"no row": "88"}', None),
        ("plain", "insert", None, "c1", {"n": 1}, '{"as it is": "66"}', None),
        ("changed", "update", 2, "c2", {"shelf": "c1"}, '{"shelf": "c1"}', {"shelf_id": "c2"}),
        ("both", "update", 3, "c2", {"shelf": "c1"}, '{"shelf": "c1"}', {"doc": "{}", "at": "c1"}),
        ("kept", "kept", 5, "c2", {"shelf": "c1"}, '{"shelf": "c1"}', {"doc": "{}", "at": "c1"}),
    )
    for n, (key, action, id_, shelf, doc, at, after) in enumerate(rows, 1):
        shop.fill(stage(SHELVED), {"key": key, "shelf_id": shelf, "doc": doc, "at": at})
        row = {"row": f"(0,{n})", "key": key}
        shop.fill(keys(SHELVED), {**row, "found": id_ is not None, "id": id_})
        shop.fill(CHANGE, {**row, "table_name": "book", "action": action, "after": after})
        shop.fill(CHANGE, {**row, "table_name": "other", "action": "insert"})
    return shop, {"shelf": SHELF, "book": SHELVED}


def test_rows_are_made_with_the_ids_that_they_refer_to_there(linked):
    """An updated row keeps what is not written."""
    shop, specs = linked
    shop.place.run(rows_to_write(SHELVED, specs))
    columns = "maulstick_row::text, key, shelf_id, other_id, doc, at"
    assert shop.rows(f"select {columns} from {ready(SHELVED)} order by 1") == [
        ("(0,1)", "new", 9, None, {"shelf": 2}, 9),
        ("(0,2)", "text", None, None, {"shelf": "2"}, None),
        ("(0,3)", "nowhere", 1, None, {"shelf": 77}, 88),
        ("(0,4)", "plain", 1, None, {"n": 1}, 66),
        ("(0,5)", "changed", 2, None, {}, 5),
        ("(0,6)", "both", 1, None, {"shelf": 1}, 1),
    ]


def test_rows_without_ids_are_made_by_their_keys(shop):
    tables(shop, PAGE)
    for n, (part, action, after) in enumerate(
        ((None, "update", {"a": "9"}), ("1", "update", {"part": "1"}), ("3", "insert", None)), 1
    ):
        row = {"row": f"(0,{n})", "key": str(part)}
        shop.fill(stage(PAGE), {"key": "p", "part": part, "a": "9"})
        shop.fill(keys(PAGE), {**row, "found": action == "update"})
        shop.fill(CHANGE, {**row, "table_name": "page", "action": action, "after": after})
    shop.place.run(rows_to_write(PAGE, SPECS))
    assert shop.rows(f"select part, a from {ready(PAGE)} order by maulstick_row::text") == [
        (None, "9"),
        ("1", "1"),
        ("3", "9"),
    ]


def test_references_are_proven_by_their_ids(linked):
    shop, specs = linked
    shop.place.run(rows_to_write(SHELVED, specs))
    shop.place.run(f"delete from {CHANGE} where key in ('new', 'text', 'nowhere', 'plain')")
    change(shop, "update public.book set shelf_id = 2 where id = 2")
    change(shop, """update public.book set doc = '{"shelf": 1}', at = 1 where id = 3""")
    assert proof(shop, SHELVED, specs) == ""
    change(
        shop, "update public.book set shelf_id = 1 where id = 2; update public.book set at = 2 where id = 3"
    )
    assert proof(shop, SHELVED, specs) == "both: at; changed: shelf_id"
    shop.place.run("delete from public.book where id = 3")
    assert proof(shop, SHELVED, specs) == "both: at, doc; changed: shelf_id"


NOTHING = BundleTables({}, {}, {})


@pytest.mark.parametrize(
    ("sql", "expect", "says"),
    [
        ("select 1", "1", ""),
        ("select 2", "1", "nothing was changed: ours: expected 1, the answer is 2"),
        ("select null", "1", "nothing was changed: ours: expected 1, the answer is null"),
        ("select count(*) from log", "0", ""),
        ("select 1 / 0", "1", 'nothing was changed: the query "ours" cannot be asked: division by zero'),
        ("select current_setting('search_path')", "public, pg_temp", ""),
    ],
)
def test_a_question_must_have_its_answer(shop, sql, expect, says):
    assert shop.run(verify(NOTHING, [Query("ours", sql, expect)])) == says
    assert shop.rows("show search_path") == [("pg_catalog, pg_temp",)]


LATE = "set local search_path = public; update book set a = 'x';"


def test_what_was_deferred_is_checked_under_the_site_s_path(shop):
    shop.place.run(
        "create function public.late() returns trigger language plpgsql as"
        " $$ begin if (select count(*) from log) > 0 then raise 'late'; end if; return null; end $$;"
        "create constraint trigger late after update on public.book deferrable initially deferred"
        " for each row execute function public.late(); update public.page set a = a"
    )
    assert shop.run(f"{LATE} {as_ourselves()} {verify(NOTHING, [])}") == "late"
    assert shop.run(verify(NOTHING, [])) == ""


def test_the_answer_counts_rows_by_what_became_of_them(shop):
    for n, (table, action, columns) in enumerate(
        (
            ("book", "insert", None),
            ("book", "insert", None),
            ("book", "update", {"a": {"action": "kept"}, "b": {"action": "kept"}}),
            ("page", "kept", {"a": {"action": "kept"}}),
            ("page", "update", {"a": {"action": "update"}}),
        )
    ):
        shop.fill(CHANGE, {"table_name": table, "key": str(n), "action": action, "columns": columns})
    shop.fill(DOOMED, {"table_name": "book", "key": "d"})
    shop.fill(RESULT, {"number": 7})
    text = end()
    assert text.endswith(";\ncommit;\n")
    assert end(commit=False) == text.removesuffix("commit;\n") + "rollback;\n"
    counts = {"book": {"insert": 2, "update": 1}, "page": {"kept": 1, "update": 1}}
    assert shop.rows(text.removesuffix("commit;\n").rstrip(";\n")) == [(7, counts, 1, 2)]


def failing(scratch, state, specs=SPECS):
    """Return which row fails with an SQLSTATE, "" if none does."""
    scratch.set(failed=state)
    return scratch.run(failing_row(specs).removesuffix("rollback;\n"))


def test_the_first_row_that_fails_alone_is_named(shop):
    release(shop)
    assert failing_row(SPECS).endswith("\nrollback;\n")
    assert failing(shop, "23514") == ""
    shop.place.run("alter table public.book add constraint part check (b <> '9' or key = 'alike') not valid")
    assert failing(shop, "23514").startswith('book both: new row for relation "book" violates')
    assert failing(shop, "23505") == ""
    shop.place.run("alter table public.page add constraint also check (a <> '9') not valid")
    assert failing(shop, "23514", {"page": PAGE}).startswith("page p: ")
    assert failing(shop, "23514", {"page": replace(PAGE, travels=False)}) == ""
    shop.place.run(f"delete from {CHANGE} where key in ('both', 'p')")
    assert failing(shop, "23514").startswith("book new: ")
    assert failing(shop, "23514", {"page": PAGE}).startswith("page p3: ")


def test_what_ran_inside_a_failing_row_is_named(shop):
    """With the values that it would have had, and under the site's path."""
    release(shop)
    shop.place.run(
        "create function public.inside() returns trigger language plpgsql as $$ begin if new.key = 'new' or"
        " new.updated_at = old.updated_at then raise exception using errcode = 'ZZ001', message ="
        " concat_ws(' ', new.id, new.a, new.b, new.inserted_at ="
        " date_trunc('second', now() at time zone 'UTC'), (select count(*) from log));"
        " end if; return new; end $$;"
        "create trigger inside before insert or update on public.book for each row"
        " execute function public.inside()"
    )
    assert failing(shop, "ZZ001") == "book new: 11 9 9 t 3 (inside() line 1 at RAISE)"
