"""Variables, conditions and targets of steps: what they become for each target, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.kinds import own_kinds
from maulstick.project import inventory
from maulstick.project.play.prepared import Play, names_used, prepared
from maulstick.project.play.variables import typed
from maulstick.project.playbook import PlaybookStep, known_steps, load

KNOWN = {**known_steps(), "warm": frozenset({"theme", "times"})}
MEMBERS = {"staging": ("staging",), "production": ("production",), "live": ("production",)}
FILE = "playbooks/mine.toml"
NOT_KNOWN = "is not a variable of this playbook or its targets"


def steps_for(
    folder: Path, text: str, target: str = "staging", environment: Any = None, **variables: Any
) -> list[PlaybookStep]:
    """Return the steps of a playbook of that text as they are for a target."""
    (folder / "playbooks").mkdir(exist_ok=True)
    (folder / FILE).write_text(f'name = "mine"\nsays = "x"\n{text}', encoding="utf-8")
    book = load(folder / "playbooks", "mine", KNOWN)
    play = Play(FILE, KNOWN, MEMBERS, environment)
    return prepared(play, book.steps, target, {**book.vars, **variables})


def step(name: str, *lines: str) -> str:
    return "\n".join(["[[step]]", f'name = "{name}"', *lines, ""])


def problem(folder: Path, text: str, **variables: Any) -> str:
    with pytest.raises(Problem) as caught:
        steps_for(folder, text, **variables)
    assert caught.value.code == Exit.USAGE
    return str(caught.value)


def test_a_variable_fills_texts_and_numbers(tmp_path: Path) -> None:
    text = '[vars]\nn = 3\ntheme = "dark mode"\nslow = true\n' + "".join(
        [
            step("upload", 'concurrency = "{{ n * 2 }}"'),
            step("verify", 'browser = "{{ slow }}"', 'timeout = "{{ 60 if slow else 5 }}"'),
            step("command", 'run = "make {{ theme | quote }} {{ target }}"', 'timeout = "{{ n }}"'),
            step("warm", 'theme = "{{ theme }}"', 'times = "{{ n }}"'),
        ]
    )
    upload, verify, command, warm = steps_for(tmp_path, text)
    assert upload.options == {"concurrency": 6}
    assert verify.options == {"browser": True, "timeout": 60}
    assert command.options == {"run": "make 'dark mode' staging", "timeout": 3}
    assert warm.options == {"theme": "dark mode", "times": 3}


def test_the_last_one_who_sets_a_variable_wins(tmp_path: Path) -> None:
    (tmp_path / "inventory.toml").write_text(
        'default = "a"\n[vars]\nx = 2\ny = 2\n[targets.a]\nhost = "sandbox"\n[targets.b]\nhost = "sandbox"\n'
        '[targets.b.vars]\ny = 3\nz = "${HOME}"\n'
    )
    targets = inventory.load(tmp_path / "inventory.toml", own_kinds()).targets
    assert targets["a"].vars == {"x": 2, "y": 2}
    assert {**targets["b"].vars, "z": ""} == {"x": 2, "y": 3, "z": ""}
    known = {"w": "1", **targets["b"].vars}
    assert typed(["w=5", "y=4", "new=true"], known, ["new"]) == {"w": "5", "y": 4, "new": True}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("theme", "--set theme: is not NAME=VALUE\n  hint: for example --set theme=dark"),
        (
            "thme=x",
            '--set thme: is not a variable of this playbook or its targets\n  hint: did you mean "theme"?',
        ),
        (
            "target=x",
            "--set target: is not a variable of this playbook or its targets\n  hint: known here: theme",
        ),
    ],
)
def test_what_is_typed_must_be_a_variable_that_exists(text: str, says: str) -> None:
    with pytest.raises(Problem) as caught:
        typed([text], {"theme": "dark"}, ["target"])
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            step("warm", 'theme = "{{ thme }}"'),
            f'{FILE}/step/warm/theme: there is no variable "thme"\n'
            '  hint: did you mean "theme"? variables here: target, theme',
        ),
        (
            step("upload", 'concurrency = "{{ theme }}"'),
            f'{FILE}/step/upload/concurrency: should be a whole number from 1 to 64, not "dark"\n'
            "  hint: without quotes: concurrency = 4",
        ),
        (
            step("warm", 'theme = "{{ theme"'),
            f"{FILE}/step/warm/theme: cannot be read: unexpected end of template, expected 'end of print "
            "statement'.\n  hint: write a variable as {{ name }}",
        ),
        (
            step("warm", 'theme = "{{ theme.__class__.__mro__ }}"'),
            f"{FILE}/step/warm/theme: cannot be rendered: access to attribute '__class__' of 'str' object is "
            "unsafe.\n  hint: see docs/playbooks.md, Variables",
        ),
        (
            step("warm", 'when = "{{ theme }}"'),
            f"{FILE}/step/warm/when: is an expression itself\n  hint: write it without {{{{ }}}}",
        ),
        (
            step("plan") + step("warm", 'when = "rows_changed or (code_changed and thme)"'),
            f'{FILE}/step/warm/when: there is no variable "thme"\n'
            '  hint: did you mean "theme"? variables here: code_changed, rows_changed, target, theme',
        ),
        (
            step("warm", 'when = "theme"'),
            f"{FILE}/step/warm/when: should be true or false, and is 'dark'\n"
            "  hint: for example when = \"rows_changed and target == 'production'\"",
        ),
        (
            step("warm", 'when = "rows_changed"') + step("plan"),
            f"{FILE}/step/warm/when: rows_changed is known only after the step plan\n"
            "  hint: have it planned before this step",
        ),
        (
            step("warm", 'targets = ["stagin"]'),
            f'{FILE}/step/warm/targets: no target or group is called "stagin"\n'
            '  hint: did you mean "staging"?',
        ),
        (
            step("apply", "always = true"),
            f'{FILE}/step/apply/always: does not go with the step "apply"\n  hint: remove the line',
        ),
        (
            step("deploy", "retries = 2"),
            f'{FILE}/step/deploy/retries: does not go with the step "deploy"\n  hint: remove the line',
        ),
        (
            step("webhook", 'url = "https://hooks.slack.com/services/T/B/x"', 'format = "slack"'),
            f"{FILE}/step/webhook/url: is a secret, which does not belong in a file\n"
            '  hint: put it into the environment: url = "${SLACK_URL}"',
        ),
        (
            step("apply", 'step = "webhook"', 'url = "https://a.test"'),
            f'{FILE}/step/1/name: "apply" is a step itself\n  hint: give this one a name of its own',
        ),
    ],
)
def test_a_mistake_is_named_with_file_step_and_option(tmp_path: Path, text: str, says: str) -> None:
    assert problem(tmp_path, '[vars]\ntheme = "dark"\n' + text) == says


def test_a_variable_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert problem(tmp_path, '[vars]\ntarget = "x"\n"a b" = 2\n' + step("check")) == (
        f"{FILE}/vars/target: is known without being set\n  hint: give the variable another name\n"
        f'{FILE}/vars/a b: a variable\'s name is letters, digits and "_"\n  hint: rename it'
    )


def test_an_address_is_read_from_the_environment_and_stays_there(tmp_path: Path) -> None:
    text = step("webhook", 'url = "${CHAT}"')
    assert steps_for(tmp_path, text)[0].options == {"url": "${CHAT}"}
    assert steps_for(tmp_path, text, environment={"CHAT": "https://a.test"})[0].options == {"url": "${CHAT}"}
    for environment, says in (
        ({}, "needs ${CHAT}, which is not in the environment"),
        ({"CHAT": "secret"}, "should be an address that begins with https:// or http://"),
    ):
        with pytest.raises(Problem) as caught:
            steps_for(tmp_path, text, environment=environment)
        assert (caught.value.where, caught.value.what) == (f"{FILE}/step/webhook/url", says)


def test_a_step_is_left_out_where_it_is_not_for_the_target_or_its_condition_is_known(tmp_path: Path) -> None:
    text = "[vars]\nbeta = false\n" + "".join(
        [
            step("check", 'when = "beta is defined"'),
            step("export", 'targets = ["live"]'),
            step("plan", "when = \"beta or target != 'staging'\""),
            step("command", 'when = "beta"', 'run = "{{ nothing }}"'),
        ]
    )
    assert [one.left_out for one in steps_for(tmp_path, text)] == [
        "",
        "only for live",
        "not when beta or target != 'staging'",
        "not when beta",
    ]
    assert [one.left_out for one in steps_for(tmp_path, text, "production")] == ["", "", "", "not when beta"]
    assert names_used(load(tmp_path / "playbooks", "mine", KNOWN).steps) == {"beta", "target", "nothing"}
