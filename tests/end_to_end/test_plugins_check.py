"""`invoke plugins.check`: declarations held against both databases, each with a word and a hint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.end_to_end.projects import Project

PRESS = """
from maulstick import JsonReference, Kind, Match, Query, Table, hookimpl

@hookimpl
def maulstick_kinds():
    yield Kind("press", table="press_features", key="{key}")

@hookimpl
def maulstick_tables(subject):
    if subject.kind == "press":
        yield Table({table})

@hookimpl
def maulstick_queries(subject):
    if subject.kind == "press":
        yield Query("a question", "{query}", expect="0")
"""
TABLE = '"press_features", key="title"'
ONE = (
    "insert into press_features (title, publication, inserted_at, updated_at) values ('A', 'B', now(), now())"
)


@pytest.fixture
def press(other: Project) -> Project:
    """A project with a plugin of its own."""
    return _with_press(other)


def _with_press(
    project: Project, table: str = TABLE, *, key: str = "title", query: str = "select 0"
) -> Project:
    text = PRESS.format(key=key, table=table, query=query)
    (project.folder / "plugins" / "press.py").write_text(text)
    return project


@contextmanager
def _changed(project: Project, there: str, back: str) -> Iterator[None]:
    project.rows(there)
    try:
        yield
    finally:
        project.rows(back)


def test_our_own_plugins_hold(fresh_once: Project) -> None:
    ran = fresh_once.invoke("plugins.check")
    assert ran.code == 0, ran.out + ran.err
    lines = ran.out.splitlines()
    assert "ok    series embodiment: artworks: key slug, 4 rows" in lines
    assert "ok    artwork hallway-unfinished: series: matched by slug" in lines
    assert 'ok    series embodiment: query "artworks with a picture and no analysis": must answer 0' in lines
    assert {line.split()[0] for line in lines} == {"ok"}


def test_plugins_alone_still_lists(fresh_once: Project) -> None:
    assert fresh_once.invoke("plugins").out == fresh_once.invoke("plugins.list").out


def test_nothing_is_changed(fresh_once: Project) -> None:
    ledger = "select to_regnamespace('maulstick') is null"
    fresh_once.invoke("plugins.check")
    assert fresh_once.rows(ledger) == [(True,)]


def test_a_kind_without_a_subject_is_held_by_its_tables(press: Project) -> None:
    press.local("delete from press_features")
    ran = press.invoke("plugins.check")
    assert ran.code == 0, ran.out + ran.err
    assert "warn  kind press: press_features is empty in the source" in ran.out
    assert "ok    press: press_features: key title\n" in ran.out


def test_a_misspelt_column_is_a_wrong_declaration(other: Project) -> None:
    ran = _with_press(other, '"press_features", key="titel", theirs="position"').invoke("plugins.check")
    assert ran.code == 6
    assert "press_features.titel: no such column in the source database\n" in ran.out
    assert '      hint: did you mean "title"?\n' in ran.out
    assert "ok    series embodiment: artworks: key slug" in ran.out


def test_a_misspelt_key_of_a_kind_is_a_wrong_declaration(other: Project) -> None:
    ran = _with_press(other, key="titel").invoke("plugins.check")
    assert ran.code == 6
    assert 'fail  kind press: no such column "press_features.titel"\n' in ran.out


def test_an_undeclared_reference_shows_both_declarations(other: Project) -> None:
    table = '"annotations", key="anchor_key"); yield Table("press_features", key="title"'
    ran = _with_press(other, table).invoke("plugins.check")
    assert ran.code == 6
    assert "Leave()} to leave production's own value, or references={\"" in ran.out


def test_a_query_that_cannot_run_is_a_wrong_declaration(other: Project) -> None:
    ran = _with_press(other, query="select count(*) from press_featurs").invoke("plugins.check")
    assert ran.code == 6
    assert 'query "a question": relation "press_featurs" does not exist' in ran.out


def test_a_column_that_production_lacks_is_refused(fresh_once: Project, press: Project) -> None:
    there = "alter table press_features rename column position to place"
    with _changed(press, there, "alter table press_features rename column place to position"):
        ran = press.invoke("plugins.check")
    assert ran.code == 3, ran.out + ran.err
    assert "sandbox cannot take it: press_features.position: is not in sandbox\n" in ran.out


def test_keys_that_production_has_twice_are_a_warning(press: Project) -> None:
    with _changed(press, f"{ONE}; {ONE}", "delete from press_features where publication = 'B'"):
        ran = press.invoke("plugins.check")
    assert ran.code == 0, ran.out + ran.err
    assert "rows in sandbox share 1 key; a release of one of them is refused\n" in ran.out


def test_a_match_on_no_reference_is_refused(other: Project) -> None:
    table = TABLE + ', references={"publication": Match("name")}'
    ran = _with_press(other, table).invoke("plugins.check")
    assert ran.code == 6, ran.out + ran.err
    assert "press_features.publication: is not a foreign key in the source" in ran.out


def test_a_plugin_that_cannot_be_loaded_is_a_wrong_declaration(other: Project) -> None:
    (other.folder / "plugins" / "broken.py").write_text("import nothing_there\n")
    ran = other.invoke("plugins.check")
    assert ran.code == 6
    assert "fail  plugins/broken.py: could not be loaded: ModuleNotFoundError" in ran.out
