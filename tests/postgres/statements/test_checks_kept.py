"""Checks and foreign keys that only production has: rows that would break them are named first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.postgres.sql.bundle_tables import BundleTables
from maulstick.postgres.sql.constraints.checks import checks
from maulstick.postgres.sql.constraints.hidden_rows import hidden_rows_fit
from maulstick.postgres.sql.temp_tables import CHANGE, PROBLEM, keys, ready
from maulstick.postgres.tables.specs import Reference
from maulstick.project.declarations import Table

TABLES = """
create table work (id bigserial primary key, slug text not null unique, n int, size int, area text, of_id int,
  own int, public boolean);
create table other (id bigserial primary key, slug text not null unique, n int);
"""
THERE = """
create schema far; create table area (name text primary key, n int, unique (name, n));
create table far.place (n int primary key); create table of (id int primary key);
insert into area values ('hill', 1), ('lake', 2); insert into far.place values (1), (2);
insert into other values (1, 'o', 7);
"""


@pytest.fixture
def works(staging):
    """Works to write into production."""
    tables = (Table("work", key="slug", skip="own"), Table("other", key="slug", where="true"))
    here = "insert into work (slug) values ('x'); insert into other (slug) values ('x')"
    return staging(TABLES, *tables, here=here, there=THERE, key="x")


def broken(works, constraint, *rows, table="work", **more):
    """Return what is said of rows to write that have these values."""
    spec = replace(works.specs["work"], **more)
    specs = {"work": spec, "other": works.specs["other"]}
    works.scratch.place.run(f"alter table public.{table} add constraint rule {constraint} not valid")
    put(works, spec, rows)
    works.run(checks(BundleTables(specs, specs, specs)))
    return works.problems("kind, table_name, key, says")


def put(works, spec, rows):
    for n, values in enumerate(rows, 1):
        works.scratch.fill(keys(spec), {"row": f"(0,{n})", "key": f"w{n}", "found": False})
        works.scratch.fill(ready(spec), {"maulstick_row": f"(0,{n})", "slug": f"w{n}", **values})


def named(found):
    return [key for _, _, key, _ in found]


@pytest.mark.parametrize(
    ("constraint", "rows", "names"),
    [
        ("check (n > 0)", [{"n": 1}, {"n": 0}, {"n": None}, {"n": -1}], ["w2", "w4"]),
        (
            "check (n < size and size < 9)",
            [{"n": 1, "size": 2}, {"n": 2, "size": 1}, {"n": 1, "size": 9}],
            ["w2", "w3"],
        ),
        ("check (slug <> 'w1')", [{}, {}], ["w1"]),
        ("check (own > 0)", [{"n": 0}], []),
        ("check (of_id > 0)", [{"of_id": 0}], []),
        ("check (10 / n > 0)", [{"n": 0}, {"n": -1}], []),
    ],
)
def test_a_row_that_breaks_a_check_is_named(works, constraint, rows, names):
    found = broken(works, constraint, *rows, references={"of_id": Reference("of")})
    assert [one[:2] for one in found] == [("check", "work")] * len(names)
    assert named(found) == names


def test_the_check_is_named_with_what_it_asks(works):
    [(_, _, _, says)] = broken(works, "check (n > 0)", {"n": 0})
    assert says == "breaks the check rule of production: (n > 0)"


@pytest.mark.parametrize(
    ("constraint", "rows", "says"),
    [
        ("foreign key (area) references public.area", [{"area": "hill"}, {"area": "sea"}, {"area": None}],
         [("w2", "its area is not in area of production (rule)")]),
        ("foreign key (n) references far.place", [{"n": 2}, {"n": 3}],
         [("w2", "its n is not in far.place of production (rule)")]),
        ("foreign key (area, n) references public.area (name, n)",
         [{"area": "hill", "n": 1}, {"area": "hill", "n": 2}, {"area": "sea", "n": None}, {"n": 9}],
         [("w2", "its area, n is not in area of production (rule)")]),
        ("foreign key (n, area) references public.area (n, name)",
         [{"area": "hill", "n": 1}, {"area": "lake", "n": 1}],
         [("w2", "its n, area is not in area of production (rule)")]),
        ("foreign key (of_id) references public.of", [{"of_id": 3}], []),
        ("foreign key (own) references public.of", [{"n": 3}], []),
        ("foreign key (n) references public.other_n", [{"n": 3}], []),
    ],
)  # fmt: skip
def test_a_row_that_would_reference_nothing_is_named(works, constraint, rows, says):
    works.scratch.place.run(
        "create unique index on public.area (n, name);"
        "alter table public.other rename to other_n; alter table public.other_n add unique (n)"
    )
    travelling = works.specs["other"]
    works.specs["other"] = replace(travelling, name="other_n")
    if "other_n" in constraint:
        constraint = f"{constraint} (n)"
    found = broken(works, constraint, *rows, references={"of_id": Reference("of")})
    assert [(key, text) for _, _, key, text in found] == says


def test_constraints_of_other_tables_and_other_kinds_are_not_asked(works):
    works.scratch.place.run("alter table public.work add unique (n)")
    assert broken(works, "check (n > 9)", {"n": 1}, table="other") == []


def test_foreign_keys_of_other_tables_are_not_asked(works):
    assert broken(works, "foreign key (n) references far.place", {"n": 3}, table="other") == []


def test_a_table_in_parts_is_referenced_as_a_whole(works):
    works.scratch.place.run(
        "create table public.parted (n int primary key) partition by list (n);"
        "create table public.part_1 partition of public.parted for values in (1);"
        "create table public.part_2 partition of public.parted for values in (2);"
        "insert into public.parted values (1), (2);"
        "alter table public.work add constraint rule foreign key (n) references public.parted"
    )
    put(works, works.specs["work"], ({"n": 1}, {"n": 2}, {"n": 5}))
    works.run(checks(BundleTables(works.specs, works.specs, works.specs)))
    says = "its n is not in parted of production (rule)"
    assert works.problems() == [("work", "w3", says)]


def test_a_foreign_key_that_is_not_enforced_is_not_asked(works):
    if works.scratch.place.connection.info.server_version < 180000:
        pytest.skip("foreign keys that are not enforced came with PostgreSQL 18")
    works.scratch.place.run(
        "alter table public.work add constraint rule foreign key (n) references far.place not enforced"
    )
    put(works, works.specs["work"], ({"n": 5},))
    works.run(checks(BundleTables(works.specs, works.specs, works.specs)))
    assert works.problems() == []


def test_the_first_check_that_cannot_be_asked_hides_no_other(works):
    works.scratch.place.run("alter table public.work add constraint a_rule check (own > 0) not valid")
    assert named(broken(works, "check (n > 0)", {"n": 0})) == ["w1"]


def test_a_table_without_columns_of_its_own_is_not_asked(works):
    bundle = {"work": replace(works.specs["work"], columns=(), theirs=())}
    assert checks(BundleTables(bundle, bundle, bundle)).strip() == ""


HIDING = {"action": "insert"}


def hidden(
    works, constraint, *rows, mode="", setting="yes", pulled=None, hidden=(), filled=True, changes=None
):
    """Return what is said of rows that would go in hidden."""
    spec = replace(works.specs["work"], publish="public", hidden=hidden)
    if hidden:
        works.scratch.place.run(f"alter table {ready(spec)} alter public type text using null")
    works.scratch.place.run(f"alter table public.work add constraint rule {constraint} not valid")
    works.scratch.set(hidden=setting, mode=mode)
    put(works, spec, rows)
    for n in range(len(rows)):
        change = {"table_name": "work", "key": f"w{n + 1}", "row": f"(0,{n + 1})", **HIDING}
        works.scratch.fill(CHANGE, {**change, **(changes or {})}, {**change, "table_name": "other"})
    specs = {"work": spec}
    works.run(hidden_rows_fit(BundleTables(specs, specs, specs if filled else {}, pulled)))
    return works.problems("kind, table_name, key, says")


RULE = "check (public or n > 0)"
BREAKS = [
    ("check", "work", "w1", "while it is hidden, it breaks the check rule of production: (public OR (n > 0))")
]


@pytest.mark.parametrize(
    ("row", "more", "breaks"),
    [
        ({"n": 0, "public": True}, {}, True),
        ({"n": 1, "public": True}, {}, False),
        ({"n": 0, "public": False}, {}, False),
        ({"n": 0, "public": True}, {"setting": ""}, False),
        ({"n": 0, "public": True}, {"setting": "", "mode": "plan"}, True),
        ({"n": 0, "public": True}, {"setting": "", "mode": "rehearse"}, False),
        ({"n": 0, "public": True}, {"pulled": "production"}, False),
        ({"n": 0, "public": True}, {"filled": False}, False),
        ({"n": 0, "public": True}, {"changes": {"action": "kept"}}, False),
        (
            {"n": 0, "public": True},
            {"changes": {"action": "update", "after": {"public": "true"}, "before": {"public": "false"}}},
            True,
        ),
        ({"n": 0, "public": True}, {"changes": {"action": "update", "after": {"n": "0"}}}, False),
    ],
)
def test_a_row_that_breaks_a_check_only_while_it_is_hidden_is_named(works, row, more, breaks):
    assert hidden(works, RULE, row, **more) == BREAKS * breaks


@pytest.mark.parametrize(
    ("constraint", "names"),
    [
        ("check (n > 0)", []),
        ("check (public is not null)", []),
        ("check (public)", ["w1", "w2"]),
        ("check (public or 10 / n > 0)", []),
        ("check (public or own > 0)", []),
        ("check (public or slug <> 'w2')", ["w2"]),
    ],
)
def test_only_checks_of_the_column_that_hides_are_asked(works, constraint, names):
    rows = ({"n": 0, "public": True}, {"n": 0, "public": True})
    assert named(hidden(works, constraint, *rows)) == names


def test_a_value_that_cannot_hide_is_named_once(works):
    rows = ({"n": 1, "public": "yes"}, {"n": 1, "public": "yes"})
    [(kind, table, key, says)] = hidden(works, "check (n > 0)", *rows, hidden=("draft",))
    assert (kind, table, key) == ("check", "work", "w1")
    assert says.startswith("cannot be hidden: public cannot be 'draft' in production: invalid input syntax")
    works.run(f"delete from {PROBLEM}; delete from {CHANGE}")
    specs = {"work": replace(works.specs["work"], publish="public", hidden=("draft",))}
    works.run(hidden_rows_fit(BundleTables(specs, specs, specs)))
    assert works.problems() == []
