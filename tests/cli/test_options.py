"""Options are what their commands say, and those that make no sense are refused before anything is asked."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from maulstick.cli.arguments import Definition
from maulstick.cli.commands import release, steps
from maulstick.cli.commands.steps import Apply
from maulstick.cli.options import StepOptions, listed, require_limit
from maulstick.cli.task import arguments
from maulstick.errors import Exit, Problem
from maulstick.release.settings import Choices, ReleaseSettings, read


def test_a_limit_below_nothing_is_refused() -> None:
    with pytest.raises(Problem, match="--prune-limit: -1 is not a number of rows") as caught:
        require_limit(Choices(prune_limit=-1))
    assert caught.value.code == Exit.USAGE


@pytest.mark.parametrize("limit", [0, 1])
def test_any_other_limit_is_taken(limit: int) -> None:
    require_limit(Choices(prune_limit=limit))


def test_steps_read_what_was_typed_for_their_command() -> None:
    typed = Apply(yes=True, take=("local",), rehearse=True, target=("live",))
    assert read(ReleaseSettings, vars(typed)) == ReleaseSettings(yes=True, take=("local",), rehearse=True)


def test_an_option_that_a_command_does_not_offer_has_its_default() -> None:
    assert read(ReleaseSettings, vars(StepOptions())) == ReleaseSettings()


def test_every_option_that_steps_read_is_offered_by_a_command() -> None:
    offered = {
        field.name for command in (*release.COMMANDS, *steps.COMMANDS) for field in fields(command.options)
    }
    assert {field.name for field in fields(ReleaseSettings) if field.metadata} <= offered


@pytest.mark.parametrize("command", [*release.COMMANDS, *steps.COMMANDS], ids=lambda command: command.name)
def test_an_option_stands_once_in_its_command(command: Definition[Any]) -> None:
    names = [name for argument in arguments(command.options) for name in argument.names]
    assert len(names) == len(set(names))


def test_a_json_list_stands_for_its_texts() -> None:
    assert listed("--select", ("page=about", '["series=a,b", "series=[c]"]')) == [
        "page=about",
        "series=a,b",
        "series=[c]",
    ]


@pytest.mark.parametrize("text", ["[series=a]", "[1]", "["])
def test_what_begins_like_a_list_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        listed("--select", (text,))
    assert str(caught.value).startswith(f"--select {text}: is not a JSON list of texts")
