"""The documents say what is so: hooks, commands, links, modules, exit codes."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pluggy
import pytest
from invoke.tasks import Task

from maulstick.errors import Exit
from maulstick.postgres.sql.stage import settings
from maulstick.project.plugins import hookspecs
from maulstick.tasks import tasks_of
from tests.docs.documents import PAGES, ROOT, Block, anchors, blocks, commands, headings, links, page, table
from tests.docs.recordings import made, save

FIRST = "pip install -e '.[sandbox]' && invoke release --series embodiment"
PACKAGE = ROOT / "maulstick"
SECOND = "pip install -e '.[test]' && pytest -n 5"
HOOKS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("maulstick_")}
PYTHON = [(path.name, block) for path in PAGES for block in blocks(path, "python")]
COMMAND = r"(?<![\w\"'])(?:invoke|maulstick) ([a-z][^;>&]*)"
INVOKED = sorted({(path.name, line) for path in PAGES for line in commands(path) if re.search(COMMAND, line)})


def signature(name: str) -> str:
    """Return a hook with its arguments and its answer, as its heading shows it."""
    return f"`{name}{inspect.signature(HOOKS[name])}`".replace("'", "")


def module(block: Block) -> ModuleType:
    """Run a block as a module."""
    found = ModuleType("block")
    exec(compile(block.text, "block", "exec", dont_inherit=True), vars(found))
    return found


@pytest.fixture(scope="session")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Task[object]]:
    """All tasks by name, of a project with the plugin that the documents write."""
    project = made(tmp_path_factory.mktemp("project"))
    for block in blocks(page("writing-plugins.md"), "python"):
        save(block, project)
    namespace = tasks_of(project)
    return {one: namespace[name] for name, short in namespace.task_names.items() for one in (name, *short)}


def test_every_hook_has_its_heading_with_its_exact_signature() -> None:
    said = [title for title in headings(page("hooks.md")) if title.startswith("`")]
    assert said == [signature(name) for name in HOOKS]


def test_every_hook_has_an_example_that_answers_it() -> None:
    examples = [module(block) for block in blocks(page("hooks.md"), "python")]
    answered = [name for one in examples for name in HOOKS if name in vars(one)]
    assert answered == list(HOOKS)


def test_every_hook_has_its_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in HOOKS if name not in tests] == []


def test_every_argument_in_an_example_is_one_of_its_hook() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for number, block in enumerate(blocks(page("hooks.md"), "python")):
        manager.register(module(block), str(number))
    manager.check_pending()


@pytest.mark.parametrize(("name", "block"), PYTHON, ids=[name for name, _ in PYTHON])
def test_every_python_block_runs(name: str, block: Block) -> None:
    assert module(block)


def test_only_the_references_hold_toml_and_theirs_is_loaded() -> None:
    holding = {path.name for path in PAGES if blocks(path, "toml")}
    assert holding <= {"decisions.md", "inventory.md", "playbooks.md", "without-fly.md"}


@pytest.mark.parametrize(("name", "line"), INVOKED, ids=[line[:60] for _, line in INVOKED])
def test_every_command_is_a_task_with_these_options(
    name: str, line: str, tasks: dict[str, Task[object]]
) -> None:
    for command in re.findall(COMMAND, line):
        task, *options = re.findall(r'"[^"]*"|\S+', command)
        known = {flag for argument in tasks[task].get_arguments() for flag in argument.names}
        known |= (
            {"post"} if name in ("README.md", "starting.md") else set()
        )  # the kind of the plugin that it proposes
        for option in (word for word in options if word.startswith("--")):
            assert option.removeprefix("--") in known, f"{name}: {option}"


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_in_the_list_of_the_index() -> None:
    linked = {link.partition("#")[0] for link in links(page("index.md"))}
    assert {path.name for path in PAGES[1:]} - {"index.md"} <= linked


def test_the_two_commands_are_the_ones_that_this_project_is_tested_with() -> None:
    typed = [line for line in commands(page("README.md")) if "pip install" in line]
    assert typed == [f"python3 -m venv .venv && . .venv/bin/activate && {FIRST}", SECOND]
    ran = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert any(line.endswith(" -e '.[test]'") for line in ran)
    assert "pytest -n 5" in ran


def test_the_picture_of_the_page_is_small_enough_to_load_at_once() -> None:
    assert (ROOT / "docs" / "images" / "embodiment.png").stat().st_size < 400_000


def test_the_exit_codes_are_all_there() -> None:
    assert [int(row[0]) for row in table(page("architecture.md"), "Exit codes")] == list(Exit)


def test_the_packages_are_those_of_the_import_contract_in_its_order() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = re.findall(r"\w+", " ".join(contract["contracts"][0]["layers"]).replace("maulstick.", ""))
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - {"sandbox"}
    said = [row[0].strip("`") for row in table(page("architecture.md"), "Packages")]
    assert said == [layer for layer in layers if layer in rooms]


@pytest.mark.parametrize("path", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda path: path.name)
def test_every_file_of_the_code_that_a_page_names_exists(path: Path) -> None:
    """Its path is from the package or the repository's root, or it is a file that the reader saves."""
    saved = {block.saved_as for each in PAGES for block in blocks(each, "python")}
    for name in re.findall(r"`([\w/]+(?:\.\w+|/))`", path.read_text(encoding="utf-8")):
        if name.endswith(".py") or name.split("/")[0] in {room.name for room in PACKAGE.iterdir()}:
            assert (PACKAGE / name).exists() or (ROOT / name).exists() or name in saved, name


def test_the_waits_and_limits_of_a_release_are_the_ones_that_are_said() -> None:
    said = page("architecture.md").read_text(encoding="utf-8")
    assert "statement_timeout = '15min'" in settings()
    assert "`statement_timeout` 15 minutes" in said
    assert "'60s'" in settings()
    assert "60 seconds unless `lock_wait`" in said


def test_every_failure_that_the_guide_names_is_said_by_the_code() -> None:
    code = " ".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    told = " ".join(re.sub(r'"\s*f?"', "", code).split())
    lines = page("recovering.md").read_text(encoding="utf-8").splitlines()
    said = [
        text
        for line in lines
        if line[:2] == "| "
        for text in re.findall("`(.+?)`", "".join(line.split("|")[1:3]))
    ]
    parts = [
        part.strip() for text in said if not re.match("invoke |--|kill ", text) for part in text.split("…")
    ]
    assert [part for part in parts if part not in told] == []
    assert len(parts) > 15
