"""The library of `examples/library`: composite keys, no ids, an enum, arrays, a tree, columns of triggers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from maulstick.bundle.bundle import Bundle
from maulstick.errors import Problem
from maulstick.project.plugins.registry import load
from tests.checkout import ROOT
from tests.commands import run
from tests.databases.deciding import undone
from tests.databases.places import Place, Released, actions, apply, export, plan

EXAMPLE = ROOT / "examples" / "library"
PLUGINS = load(EXAMPLE / "plugins")
LOCAL = "postgresql://localhost/library_dev"
ALICE = "'Alice''s Adventures in Wonderland'"
VISITORS = """
insert into members values ('M-7', 'A reader'), ('L-1', 'The desk there');
insert into topics values ('8', 'Literature', null), ('5', 'Science', null);
insert into works (author, title, topic) values ('Darwin, Charles', 'On Corals', '5');
insert into editions values ('Darwin, Charles', 'On Corals', 1842, 'paper', '{en}', 3);
insert into copies (shelfmark, number, author, title, year, medium)
  values ('DAR', 1, 'Darwin, Charles', 'On Corals', 1842, 'paper');
insert into loans values ('DAR', 1, '2025-03-01 10:00+00', 'M-7', null);
"""


@pytest.fixture
def source(source: Place) -> Place:
    """The library's local side, with the rows of the example."""
    for name in ("schema.sql", "rows.sql"):
        source.run((EXAMPLE / name).read_text(encoding="utf-8"))
    return source


@pytest.fixture
def production(production: Place) -> Place:
    """The library's live side: rows of its own, and a book lent out."""
    production.run((EXAMPLE / "schema.sql").read_text(encoding="utf-8"))
    production.run(VISITORS)
    return production


@pytest.fixture
def english(source: Place, production: Place) -> None:
    """The topic English is live."""
    apply(topic(source), production)


def topic(source: Place, code: str = "82") -> Bundle:
    return export(source, plugins=PLUGINS, kind="topic", key=code)


def reading_list(source: Place) -> Bundle:
    return export(source, plugins=PLUGINS, kind="reading-list", key="short")


def says(released: Released) -> str:
    return f"{released.word}: {released.says}"


def test_the_plugins_are_under_sixty_lines_in_all() -> None:
    assert all(not plugin.failure for plugin in PLUGINS.found)
    texts = [path.read_text(encoding="utf-8") for path in (EXAMPLE / "plugins").glob("*.py")]
    assert sum(text.count("\n") for text in texts) < 60


def test_a_topic_travels_with_all_that_is_below_it(source: Place, production: Place) -> None:
    assert says(apply(topic(source), production)) == "done: 15 inserted"
    assert production.rows("select code, within from topics order by 1") == [
        ("5", None), ("8", None), ("82", "8"), ("82-1", "82"), ("82-3", "82"),
    ]  # fmt: skip
    works = "select author, title, keywords::text, written::text from works where topic ~ '^82' order by 1, 2"
    assert production.rows(works) == source.rows(works)
    assert production.value("select languages::text from editions where medium = 'audio'") == "{en,fr}"


def test_columns_of_triggers_are_kept_by_the_triggers_there(english: None, production: Place) -> None:
    assert production.rows(f"select copies, words @@ 'rabbit' from works where title = {ALICE}") == [
        (3, True)
    ]
    production.run("insert into loans values ('CAR', 2, now(), 'M-7', null)")
    assert production.rows("select number, lent, loans from copies where shelfmark = 'CAR' order by 1") == [
        (1, False, 0), (2, True, 1), (3, False, 0),
    ]  # fmt: skip


def test_a_second_release_finds_nothing_to_do(english: None, source: Place, production: Place) -> None:
    production.run("insert into loans values ('CAR', 2, now(), 'M-7', null)")
    before = production.dump()
    assert not plan(topic(source), production).changes
    assert says(apply(topic(source), production)) == "unchanged: 15 rows equal"
    assert production.dump() == before


def test_an_edit_of_each_side_is_merged_by_column(english: None, source: Place, production: Place) -> None:
    source.run("update copies set note = 'rebound' where (shelfmark, number) = ('CAR', 1)")
    source.run(f"update works set keywords = keywords || '{{caterpillar}}' where title = {ALICE}")
    production.run("update editions set price = 9 where year = 1865")
    production.run("update topics set name = 'Verse' where code = '82-1'")
    bundle = topic(source)
    assert actions(plan(bundle, production)) == {
        ("copies", '["CAR","1"]'): "update",
        ("topics", "82-1"): "kept",
        ("works", '["Carroll, Lewis","Alice\'s Adventures in Wonderland"]'): "update",
    }
    assert says(apply(bundle, production)) == "done: 2 updated, 1 kept"
    assert production.value(f"select words @@ 'caterpillar' from works where title = {ALICE}")
    assert production.value("select name from topics where code = '82-1'") == "Verse"
    assert production.value("select price from editions where year = 1865") == 9


def test_a_rollback_leaves_production_as_it_was(source: Place, production: Place) -> None:
    tables = ("topics", "works", "sequels", "editions", "copies", "loans", "members", "entries")
    before = {table: production.rows(f"select * from {table} order by 1, 2") for table in tables}
    released = apply(topic(source), production)
    went = undone(production, released.number)
    assert [went.count(one) for one in ("delete", "insert", "update")] == [15, 0, 0]
    assert {table: production.rows(f"select * from {table} order by 1, 2") for table in tables} == before


def test_a_rollback_of_an_edit_restores_it(english: None, source: Place, production: Place) -> None:
    source.run("update copies set note = 'rebound' where (shelfmark, number) = ('CAR', 1)")
    apply(topic(source), production)
    assert undone(production).count("update") == 1
    note = production.value("select note from copies where number = 1 and shelfmark = 'CAR'")
    assert note == "spine mended"


def test_a_copy_that_was_lent_since_is_not_rolled_back(english: None, production: Place) -> None:
    production.run("insert into loans values ('CAR', 2, now(), 'M-7', null)")
    with pytest.raises(Problem, match="was changed since: lent, loans"):
        undone(production)
    assert production.value("select count(*) from copies") == 5


def test_a_branch_whose_parent_is_not_there_is_an_obstacle(source: Place, production: Place) -> None:
    [obstacle] = plan(topic(source, "82-1"), production).obstacles
    assert str(obstacle) == "topics 82: is referred to and is not in production"


def test_a_list_without_its_works_is_an_obstacle(source: Place, production: Place) -> None:
    obstacles = [str(one) for one in plan(reading_list(source), production).obstacles]
    assert obstacles == [
        'works ["Carroll, Lewis","Through the Looking-Glass"]: is referred to and is not in production',
        'works ["Rossetti, Christina","Goblin Market"]: is referred to and is not in production',
    ]


def test_a_list_whose_works_are_there_is_released(english: None, source: Place, production: Place) -> None:
    assert says(apply(reading_list(source), production)) == "done: 3 inserted"
    assert production.rows("select slug, keeper from reading_lists") == [("short", None)]
    assert says(apply(reading_list(source), production)) == "unchanged: 3 rows equal"


def test_places_on_a_list_are_swapped(english: None, source: Place, production: Place) -> None:
    apply(reading_list(source), production)
    source.run("update entries set place = 3 - place")
    assert says(apply(reading_list(source), production)) == "done: 2 updated"
    assert production.value("select title from entries where place = 1") == "Through the Looking-Glass"
    assert undone(production).count("update") == 2
    assert production.value("select title from entries where place = 1") == "Goblin Market"


def test_a_hole_in_a_list_is_refused(english: None, source: Place, production: Place) -> None:
    source.run("update entries set place = 7 where place = 2")
    with pytest.raises(Problem, match="places of the list that are missing: expected false"):
        apply(reading_list(source), production)
    assert production.value("select count(*) from reading_lists") == 0


def test_the_example_is_released_by_its_own_tasks(source: Place, production: Place, tmp_path: Path) -> None:
    invoke = _project(tmp_path / "library", source, production)
    assert invoke("plugins.check").startswith("ok    kind topic: topics.code, looked at by topic 8\n")
    invoke("export", "--topic", "8")
    assert "done       15 inserted" in invoke("apply", "--topic", "8", "--without-media", "--yes")
    invoke("export", "--reading-list", "short")
    assert "done       3 inserted" in invoke("apply", "--reading-list", "short", "--without-media", "--yes")
    assert "3 deleted" in invoke("rollback", "--last", "--yes")
    assert production.value("select count(*) from entries") == 0


def test_what_the_live_library_edits_comes_home(source: Place, production: Place, tmp_path: Path) -> None:
    invoke = _project(tmp_path / "library", source, production)
    invoke("export", "--topic", "8")
    invoke("apply", "--topic", "8", "--without-media", "--yes")
    assert "unchanged  16 rows equal" in invoke("pull", "--topic", "8")
    production.run("update copies set note = 'lost' where shelfmark = 'ROS'; update editions set price = 9")
    production.run(
        "insert into copies (shelfmark, number, author, title, year, medium)"
        " select 'ROS', 2, author, title, year, medium from copies where shelfmark = 'ROS'"
    )
    production.run("delete from copies where shelfmark = 'CAR' and number = 3")
    before = production.dump()
    said = invoke("pull", "--topic", "8", "--check", "--prune")
    assert 'copies:["CAR","3"] will be deleted in local' in said
    assert "1 inserted, 1 updated, 1 deleted; rolled back, nothing was changed" in said
    assert "done       1 inserted, 1 updated, 1 deleted" in invoke("pull", "--topic", "8", "--prune")
    copies = "select shelfmark, number, note from copies where number > 1 or note is not null order by 1, 2"
    assert source.rows(copies) == [
        ("CAR", 1, "spine mended"),
        ("CAR", 2, None),
        ("ROS", 1, "lost"),
        ("ROS", 2, None),
    ]
    assert source.value("select count(*) from editions where price = 9") == 0
    assert "unchanged  16 rows equal" in invoke("pull", "--topic", "8")
    assert "4 updated" in invoke("pull", "--topic", "8", "--theirs")
    assert production.dump() == before
    invoke("export", "--topic", "8")
    assert "unchanged  16 rows equal" in invoke("apply", "--topic", "8", "--without-media", "--yes")
    assert "4 restored" in invoke("rollback", "--local", "--last")
    assert "1 put back, 1 restored, 1 deleted" in invoke("rollback", "--local", "--release", "1")
    assert source.value("select note from copies where shelfmark = 'ROS'") is None


def _project(folder: Path, source: Place, production: Place) -> Callable[..., str]:
    """Copy the example with the addresses of both sides; return what runs a task there."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    inventory = (folder / "inventory.toml").read_text(encoding="utf-8")
    (folder / "inventory.toml").write_text(inventory.replace(LOCAL, source.url), encoding="utf-8")
    (folder / ".env.production").write_text(f"DATABASE_URL={production.url}\n", encoding="utf-8")

    def invoke(*words: str) -> str:
        ran = run(words, folder=folder, environment=os.environ)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    return invoke
