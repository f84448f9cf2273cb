"""Playbooks: what they give, and every mistake in one with its path, its words and its hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.playbook import SHIPPED, Playbook, PlaybookStep, all_playbooks, known_steps, load

VALUES = {"browser": "true", "run": '"make"', "url": '"https://chat.test"', "format": '"ntfy"'}
KNOWN = {**known_steps(), "thumbnails": frozenset({"size", "format", "force"})}
HEAD = 'name = "release"\nsays = "rows"\n'
FILE = "playbooks/release.toml"
ONE_STEP = 'at least one: [[step]] with name = "check" below it'
STEP = 'write each step as [[step]] with name = "check" below it'
STEPS = "check, export, plan, deploy, upload, apply, publish, verify, command, webhook, thumbnails"


def step(name: str, *lines: str) -> str:
    """Return a step of a playbook."""
    return "\n".join(["[[step]]", f'name = "{name}"', *lines, ""])


MISTAKES = [
    ("", f"{FILE}/name: is required", 'the name of the file: name = "release"'),
    (
        'name = "relase"',
        f'{FILE}/name: should be "release", the name of the file, not "relase"',
        "rename one of them",
    ),
    (
        'name = "release"',
        f"{FILE}/says: is required",
        'what it does, in a few words: says = "pictures and rows, no code"',
    ),
    (
        'name = "release"\nsays = []',
        f"{FILE}/says: should be text, not a list",
        'text goes in quotes: says = "…"',
    ),
    (HEAD, f"{FILE}/step: is required", ONE_STEP),
    (HEAD + "step = []", f"{FILE}/step: is required", ONE_STEP),
    (HEAD + '[[steps]]\nname = "check"', f"{FILE}/steps: is not known", 'did you mean "step"?'),
    (HEAD + '[step]\nname = "check"', f"{FILE}/step: should be a list of tables, not a table", STEP),
    (HEAD + 'step = ["check"]', f'{FILE}/step/1: should be a table, not "check"', STEP),
    (HEAD + "[[step]]", f"{FILE}/step/1/name: is required", f"one of {STEPS}"),
    (
        HEAD + step("check") + step("uplaod"),
        f'{FILE}/step/2/name: there is no step "uplaod"',
        'did you mean "upload"?',
    ),
    (
        HEAD + step("check") + step("plan") + step("check"),
        f'{FILE}/step/3/name: "check" is there already; a step runs once',
        "remove one of them",
    ),
    (
        HEAD + step("verify", "concurency = 4"),
        f"{FILE}/step/verify/concurency: is not known",
        'did you mean "concurrency"?',
    ),
    (
        HEAD + step("check", "timeout = 4"),
        f"{FILE}/step/check/timeout: is not known",
        "known here: delay, name, retries, tags, targets, when",
    ),
    (
        HEAD + step("upload", 'concurrency = "4"'),
        f'{FILE}/step/upload/concurrency: should be a whole number from 1 to 64, not "4"',
        "without quotes: concurrency = 4",
    ),
    (
        HEAD + step("upload", "concurrency = 0"),
        f"{FILE}/step/upload/concurrency: should be a whole number from 1 to 64, not 0",
        "without quotes: concurrency = 4",
    ),
    (
        HEAD + step("apply", "lock_wait = true"),
        f"{FILE}/step/apply/lock_wait: should be a whole number from 0 to 86400, not true",
        "without quotes: lock_wait = 4",
    ),
    (
        HEAD + step("thumbnails", "size = 2.5"),
        f"{FILE}/step/thumbnails/size: should be a whole number, text, or true or false, not 2.5",
        "write one value",
    ),
    (
        HEAD + step("thumbnails", "size = {}"),
        f"{FILE}/step/thumbnails/size: should be a whole number, text, or true or false, not a table",
        "write one value",
    ),
    (
        HEAD + "[[step]\n",
        f"{FILE}: expected ']]' at the end of an array declaration, line 3, column 7",
        "fix that line",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of playbooks with nothing in it."""
    folder = tmp_path / "playbooks"
    folder.mkdir()
    return folder


def read(folder: Path, text: str) -> Playbook:
    """Read a playbook `release` of that text."""
    (folder / "release.toml").write_text(text, encoding="utf-8")
    return load(folder, "release", KNOWN)


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES, ids=[case[1] for case in MISTAKES])
def test_a_mistake_is_named_with_its_path(folder: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(Problem) as caught:
        read(folder, text)
    found = caught.value
    assert (f"{found.where}: {found.what}", found.hint, found.code) == (message, hint, Exit.USAGE)


def test_steps_keep_their_order_and_their_options(folder: Path) -> None:
    found = read(
        folder, HEAD + step("plan") + step("check") + step("verify", "concurrency = 4", "timeout = 30")
    )
    assert (found.name, found.says, found.path) == ("release", "rows", folder / "release.toml")
    assert found.steps == (
        PlaybookStep("plan", {}),
        PlaybookStep("check", {}),
        PlaybookStep("verify", {"concurrency": 4, "timeout": 30}),
    )


def test_options_of_a_plugins_step_may_be_numbers_texts_and_flags(folder: Path) -> None:
    found = read(folder, HEAD + step("thumbnails", "size = 400", 'format = "webp"', "force = true"))
    assert found.steps[0].options == {"size": 400, "format": "webp", "force": True}


def test_every_option_of_our_steps_is_accepted(folder: Path) -> None:
    steps = [
        step(name, *[f"{option} = {VALUES.get(option, '5')}" for option in sorted(options)])
        for name, options in known_steps().items()
    ]
    assert [one.name for one in read(folder, HEAD + "".join(steps)).steps] == list(known_steps())


def test_an_unknown_playbook_is_answered_with_the_nearest(folder: Path) -> None:
    read(folder, HEAD + step("check"))
    with pytest.raises(Problem) as caught:
        load(folder, "relase", KNOWN)
    assert str(caught.value) == 'playbooks/relase.toml: does not exist\n  hint: did you mean "release"?'
    assert caught.value.code == Exit.USAGE


@pytest.mark.parametrize("name", ["../playbooks/release", "release.toml", "", "."])
def test_a_name_is_never_a_path(folder: Path, name: str) -> None:
    read(folder, HEAD + step("check"))
    with pytest.raises(Problem, match="does not exist"):
        load(folder, name, KNOWN)


def test_a_file_whose_name_nobody_could_type_is_refused(folder: Path) -> None:
    (folder / "my release.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        all_playbooks(folder, known_steps())
    message = 'playbooks/my release.toml: a playbook\'s name is letters, digits, "-" and "_"'
    assert str(caught.value) == f"{message}\n  hint: rename the file"


def test_a_project_without_playbooks_has_those_that_come_with_maulstick(tmp_path: Path) -> None:
    shipped = all_playbooks(tmp_path / "playbooks", known_steps())
    assert [one.name for one in shipped] == ["classic", "content", "media", "release"]


def test_a_playbook_of_the_project_wins_over_the_one_of_its_name(folder: Path) -> None:
    assert load(folder, "release", known_steps()).path == SHIPPED / "release.toml"
    assert read(folder, HEAD + step("check")).path == folder / "release.toml"


def test_a_file_in_place_of_the_folder_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "playbooks").touch()
    with pytest.raises(Problem, match="cannot be read: not a directory"):
        all_playbooks(tmp_path / "playbooks", KNOWN)


def test_a_playbook_that_cannot_be_read_says_why(folder: Path) -> None:
    (folder / "release.toml").mkdir()
    with pytest.raises(Problem, match="cannot be read: is a directory"):
        load(folder, "release", KNOWN)


def test_all_playbooks_come_by_name_and_other_files_do_not(folder: Path) -> None:
    read(folder, HEAD + step("check"))
    (folder / "content.toml").write_text('name = "content"\nsays = "x"\n' + step("plan"), encoding="utf-8")
    (folder / "notes.md").touch()
    (folder / "mine.toml").write_text('name = "mine"\nsays = "x"\n' + step("plan"), encoding="utf-8")
    named = [one.name for one in all_playbooks(folder, known_steps())]
    assert named == ["classic", "content", "media", "mine", "release"]
