"""The references of inventory and playbooks: every block loads, and every key has its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maulstick.errors import Problem
from maulstick.hosts.kinds import own_kinds
from maulstick.project import inventory, playbook
from maulstick.project.host_table import table_of
from maulstick.project.inventory_file import SourceTable
from maulstick.project.play.steps import STEPS
from tests.checkout import ROOT
from tests.docs.reference_pages import REGENERATE, tables, written

INVENTORY, PLAYBOOKS = (
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("inventory.md", "playbooks.md")
)


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def section(text: str, title: str) -> str:
    """Return the part of a page under a heading."""
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def cells(text: str) -> list[list[str]]:
    """Return the cells of every line of the tables in a text, headings left out."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in row] for row in rows]


def load_inventory(folder: Path, text: str) -> inventory.Inventory:
    """Read a block as an inventory."""
    (folder / "inventory.toml").write_text(text, encoding="utf-8")
    return inventory.load(folder / "inventory.toml", own_kinds())


def load_playbook(folder: Path, text: str) -> playbook.Playbook:
    """Read a block as a playbook, in a file of its own name."""
    found = re.search(r'^name = "(.*)"', text, re.MULTILINE)
    assert found
    playbooks = folder / "playbooks"
    playbooks.mkdir(exist_ok=True)
    (playbooks / f"{found[1]}.toml").write_text(text, encoding="utf-8")
    return playbook.load(playbooks, found[1], playbook.known_steps())


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the environment that the examples speak of."""
    monkeypatch.setenv("OLIVIA_DATABASE", "postgresql://localhost/olivia_dev")
    monkeypatch.setenv("HOME", "/home/olivia")
    for name in ("STAGING_USER", "STAGING_PASSWORD", "ACCESS_ID", "ACCESS_SECRET"):
        monkeypatch.setenv(name, "known")


@pytest.mark.parametrize("block", blocks(INVENTORY, "toml"))
def test_every_inventory_in_the_docs_loads(tmp_path: Path, block: str) -> None:
    assert load_inventory(tmp_path, block).target(None)


@pytest.mark.parametrize("block", blocks(PLAYBOOKS, "toml"))
def test_every_playbook_in_the_docs_loads(tmp_path: Path, block: str) -> None:
    assert load_playbook(tmp_path, block).steps


@pytest.mark.parametrize("path", tables(), ids=lambda path: path.name)
def test_the_tables_of_keys_are_what_the_models_say(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == written(path), f"to write it again: {REGENERATE}"


def test_every_key_of_the_source_has_its_line() -> None:
    assert [row[0] for row in cells(section(INVENTORY, "The source"))] == [*SourceTable.model_fields]


def test_every_key_of_a_target_has_its_line_and_its_hosts() -> None:
    said = {(row[0], row[1]) for row in cells(section(INVENTORY, "The targets"))}
    tables = [table_of(kind) for kind in own_kinds().values()]
    assert {key for key, _ in said} == {key for table in tables for key in table.model_fields}
    assert {("app", "fly"), ("site", "fly, direct, ssh"), ("site", "sandbox"), ("confirm", "all")} <= said


def test_every_kind_of_host_is_said_in_its_own_words() -> None:
    said = " ".join(INVENTORY.split())
    assert [
        kind.name for kind in own_kinds().values() if f"- **`{kind.name}`**: {kind.says}." not in said
    ] == []


def test_every_step_and_option_has_its_line_and_its_range() -> None:
    said = {(row[0], row[1]): row[2] for row in cells(section(PLAYBOOKS, "Steps"))}
    known = playbook.known_steps()
    assert {*said} == {(name, option) for name, options in known.items() for option in options or ("",)}
    assert said["upload", "concurrency"].endswith(", 1 to 64")


def test_the_steps_that_come_with_it_are_those_that_have_a_model() -> None:
    assert [*STEPS] == [*playbook.CORE_STEPS, *playbook.SHIPPED_STEPS]


def test_the_playbooks_that_come_with_it_are_the_ones_in_the_docs() -> None:
    shipped = playbook.all_playbooks(ROOT / "no playbooks of its own", playbook.known_steps())
    table = PLAYBOOKS.split("A playbook of your own")[0]
    said = {row[0]: row[1].split(":")[0] for row in cells(table)}
    assert said == {one.name: ", ".join(step.name for step in one.steps) for one in shipped}


def test_the_inventory_that_comes_with_it_says_what_the_docs_say(tmp_path: Path) -> None:
    shipped = inventory.load(ROOT / "inventory.toml", own_kinds())
    (tmp_path / "site").mkdir()
    example = load_inventory(tmp_path / "site", blocks(INVENTORY, "toml")[0])
    assert shipped.default == example.default == "sandbox"
    assert set(shipped.targets) == set(example.targets) == {"sandbox", "production"}
    assert shipped.target("production").address == example.target("production").address


def test_the_mistake_shown_for_an_inventory_is_the_one_that_is_said(tmp_path: Path) -> None:
    broken = blocks(INVENTORY, "toml")[0].replace('app = "olivia-art-portfolio"\n', "")
    with pytest.raises(Problem) as caught:
        load_inventory(tmp_path, broken)
    assert [f"{caught.value}\n"] == blocks(INVENTORY, "text")


def test_the_mistake_shown_for_a_playbook_is_the_one_that_is_said(tmp_path: Path) -> None:
    broken = blocks(PLAYBOOKS, "toml")[0].replace("concurrency = 2", "concurency = 2")
    with pytest.raises(Problem) as caught:
        load_playbook(tmp_path, broken)
    assert [f"{caught.value}\n"] == blocks(PLAYBOOKS, "text")
