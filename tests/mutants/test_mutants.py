"""What the campaign of mutants changes, which it draws, and what it leaves alone."""

from __future__ import annotations

import json
import os

import pytest

pytest.importorskip("cosmic_ray")

from tests.mutants.__main__ import unrecorded
from tests.mutants.campaign import drawn, interval, within
from tests.mutants.core import PACKAGES, Mutant, package_of
from tests.mutants.covering import Record
from tests.mutants.python_mutants import python_mutants
from tests.mutants.sql_mutants import sql_mutants


def made(text: str, kind: str, source: str = "one.py") -> list[str | None]:
    mutants = (sql_mutants if kind.startswith("sql-") else python_mutants)(source, text)
    return [one.change(text) for one in mutants if one.kind == kind]


@pytest.mark.parametrize(
    ("kind", "sql", "expected"),
    [
        ("sql-distinct-from", "select a is distinct from b", ["select a is not distinct from b"]),
        ("sql-null", "select a is null", ["select a is not null"]),
        ("sql-equals", "select from a where b = c", ["select from a where b <> c"]),
        ("sql-equals", "insert into a update set b = c", []),
        ("sql-and-or", "select a and b or c", ["select a or b or c", "select a and b and c"]),
        ("sql-and-or", "select 1 where a between 1 and 2", []),
        ("sql-exists", "select not exists (select)", ["select exists (select)"]),
        ("sql-union", "select 1 union all select 2", ["select 1 union select 2"]),
        ("sql-set", "select 1 except select 2", ["select 1 intersect select 2"]),
        ("sql-join", "select from a left join b on c = d", ["select from a join b on c = d"]),
        ("sql-order", "select a order by a desc, b", ["select a order by a, b"]),
        ("sql-limit", "select a from b limit 1", ["select a from b"]),
        (
            "sql-compare",
            "select a where b > 1 and c ->> 'd' = e",
            ["select a where b >= 1 and c ->> 'd' = e"],
        ),
        ("sql-lock", "select from a for update of a nowait;", ["select from a;"]),
        (
            "sql-coalesce",
            "select coalesce(a(b, c), d)",
            ["select coalesce(d, a(b, c))", "select (a(b, c))"],
        ),
        (
            "sql-drop-condition",
            "select from a join b on c = d where e and (f or g) order by 1",
            [
                "select from a join b on true where e and (f or g) order by 1",
                "select from a join b on c = d where true and (f or g) order by 1",
                "select from a join b on c = d where e and true order by 1",
            ],
        ),
        (
            "sql-drop-arm",
            "select case when a then 1 when b then 2 else 3 end",
            ["select case when b then 2 else 3 end", "select case when a then 1 else 3 end"],
        ),
    ],
)
def test_sql_is_changed_in_one_place(kind, sql, expected):
    assert made(sql, kind, "one.sql") == expected
    assert made(f'SQL = """{sql}"""\n', kind) == [f'SQL = """{one}"""\n' for one in expected]


def test_sql_is_found_in_strings_with_values_and_in_several_pieces():
    text = """def one(a):\n    return f"select from {a['b and c']} " "where d = 1 and e"\n"""
    assert made(text, "sql-and-or") == [text.replace("1 and e", "1 or e")]
    assert made(text, "sql-equals") == [text.replace("d = 1", "d <> 1")]


@pytest.mark.parametrize(
    "text",
    [
        'def one():\n    """Select from what is null and not there."""\n',
        'WHY = "neither here nor there: take it from one side"\n',
        "SQL = \"select 'this and that'\"\n",
        'SQL = """select 1 -- this and that\n"""\n',
    ],
)
def test_words_for_people_are_left_alone(text):
    assert sql_mutants("one.py", text) == []


def test_python_is_changed_by_cosmic_ray_and_by_us():
    text = "def one(a: int | None):\n    return [b for b in a if b > 3] if a is not None else [1, 2]\n"
    kinds = {one.kind for one in python_mutants("one.py", text)}
    expected = {"AddNot", "DropElement", "DropFilter", "NumberReplacer", "ReplaceComparisonOperator_Gt_GtE"}
    assert kinds == {*expected, "ReplaceComparisonOperator_IsNot_Is"}
    assert made(text, "DropElement") == [text.replace("[1, 2]", "[2]"), text.replace("[1, 2]", "[1]")]
    assert made("if a in b:\n    c()\n", "ReplaceMembership") == ["if a not in b:\n    c()\n"]
    assert made("if a in b:\n    c()\n", "DropCall") == ["if a in b:\n    pass\n"]


def test_each_file_has_its_share_of_a_sample_and_a_seed_draws_the_same():
    every = [
        Mutant(f"{name}.py", n, "kind", str) for name, many in (("a", 300), ("b", 100)) for n in range(many)
    ]
    sample = drawn(every, 40, 7)
    assert sorted(one.source for one in sample) == ["a.py"] * 30 + ["b.py"] * 10
    assert sample == drawn(every, 40, 7) != drawn(every, 40, 8)
    assert drawn(every, 4000, 7) != every
    assert {*drawn(every, 4000, 7)} == {*every}


def test_tests_that_killed_before_come_first_and_then_one_of_each_file():
    tests = {"a.py::one": 1.0, "a.py::two": 2.0, "b.py::one": 3.0, "b.py::two": 4.0}
    source = "maulstick/bundle/trust.py"
    record = Record(tests, {source: {number: {*tests} for number in range(999)}})
    mutant = Mutant(source, 40, "kind", str)
    assert record.of(mutant)[2:] == ["a.py::two", "b.py::two"]
    record.killers[source]["b.py::two"] += 1
    assert record.of(mutant)[0] == "b.py::two"
    assert within([*tests], tests, 3, 5.5) == (["a.py::one", "a.py::two"], 3.0)
    assert within([*tests], tests, 3, 0.5) == (["a.py::one"], 1.0)


def test_the_interval_of_a_share_is_wilson_s():
    assert [round(one, 3) for one in interval(90, 100)] == [0.826, 0.945]
    assert interval(0, 0) == (0.0, 1.0)


def test_only_files_of_the_core_belong_to_a_package():
    assert package_of("maulstick/plan/seal.py") == PACKAGES[0]
    assert package_of("maulstick/media/compare.py") == "maulstick/media/compare"
    assert package_of("maulstick/media/paths.py") == ""


def test_tests_that_changed_since_they_were_recorded_are_recorded_again(tmp_path):
    every = unrecorded(tmp_path)
    kept = tmp_path / "1.seconds"
    kept.write_text(json.dumps({f"{file}::test": 0.1 for file in every[1:]}))
    assert unrecorded(tmp_path) == every[:1]
    os.utime(kept, (0, 0))
    assert unrecorded(tmp_path) == every
