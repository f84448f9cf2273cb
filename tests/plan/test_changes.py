"""Three ways: each file of tests/plan/changes tells of one row, release by release."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from maulstick.errors import Exit, Problem
from maulstick.plan.changes import ACTIONS, Change
from maulstick.project.declarations import Table
from tests.databases.places import Place, apply, export, plan

CASES = sorted((Path(__file__).parent / "changes").glob("*.toml"))
ROOM = """
create table thing (id serial primary key, slug text not null unique, room text default 'hall',
  colour text, status text default 'available', price numeric(8,2) default 0, meta jsonb);
insert into thing (slug) values ('vase');
"""
NULL = "(null)"
DELETED = "(deleted)"
WORDS = {"says", "theirs", "production", "release"}
STEPS = {"local", "production", "action", "columns", "leaves", "base", "number"}


def table_of(case: dict[str, Any]) -> Table:
    return Table("thing", key="slug", where="room = %(key)s", theirs=tuple(case.get("theirs", ())))


def edit(place: Place, to: dict[str, str] | str | None) -> None:
    """Give the row these values; it is made where it is not there."""
    if to == DELETED:
        place.run("delete from thing where slug = 'lamp'")
    if not isinstance(to, dict):
        return
    if not place.rows("select from thing where slug = 'lamp'"):
        place.run("insert into thing (slug) values ('lamp')")
    for column, value in to.items():
        text = None if value == NULL else value
        kind = {"price": "::numeric", "meta": "::jsonb"}.get(column, "")
        place.run(f"update thing set {column} = %s{kind} where slug = 'lamp'", text)


def row_of(place: Place, columns: dict[str, str]) -> dict[str, str]:
    texts = ", ".join(f"coalesce({column}::text, '{NULL}')" for column in columns)
    [row] = place.rows(f"select {texts} from thing where slug = 'lamp'")
    return dict(zip(columns, row, strict=True))


def base_of(place: Place, columns: dict[str, str]) -> dict[str, str]:
    values = place.value("select values from maulstick.base where key = 'lamp'")
    return {column: NULL if values[column] is None else values[column] for column in columns}


def play(source: Place, production: Place, case: dict[str, Any], step: dict[str, Any]) -> None:
    """Make both sides' edits, release, and hold everything that the step says."""
    edit(source, step.get("local"))
    edit(production, step.get("production"))
    bundle = export(source, table_of(case), key="hall")
    changes = [change for change in plan(bundle, production).changes if change.key == "lamp"]
    assert [change.action for change in changes] == (
        [] if step["action"] == "unchanged" else [step["action"]]
    )
    if "columns" in step:
        assert {name: cell["action"] for name, cell in changes[0].columns.items()} == step["columns"]
    before = production.dump(but=("agreed",))
    if step["action"] == "conflict":
        with pytest.raises(Problem, match="thing lamp") as caught:
            apply(bundle, production)
        assert (caught.value.code, production.dump(but=("agreed",))) == (Exit.REFUSED, before)
    else:
        released = apply(bundle, production)
        assert (released.number is not None) == step.get("number", released.number is not None)
        assert released.number or production.dump(but=("agreed",)) == before
    if "leaves" in step and step["leaves"] != DELETED:
        assert row_of(production, step["leaves"]) == step["leaves"]
    if step.get("leaves") == DELETED:
        assert production.rows("select slug from thing") == [("vase",)]
    if "base" in step:
        assert base_of(production, step["base"]) == step["base"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_row_changes_as_its_file_says(source, production, path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    for place in (source, production):
        place.run(ROOM)
    for step in case["release"]:
        play(source, production, case, step)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_file_holds_only_words_that_are_read(path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    assert case["says"]
    assert set(case) <= WORDS
    assert all(set(step) <= STEPS and "action" in step for step in case["release"])


def test_there_are_files_for_each_action():
    text = "".join(path.read_text(encoding="utf-8") for path in CASES)
    actions = ("insert", "update", "unchanged", "kept", "conflict", "gone", "removed")
    assert [action for action in actions if f'action = "{action}"' not in text] == []


def test_a_row_has_the_actions_of_its_columns():
    cells = '{"title": {"action": "update"}, "price": {"action": "kept"}}'
    assert [one for one in ACTIONS if Change("book", "1", "update", cells).has_cell(one)] == [
        "update",
        "kept",
    ]
    assert [one for one in ACTIONS if Change("book", "1", "insert").has_cell(one)] == ["insert"]
