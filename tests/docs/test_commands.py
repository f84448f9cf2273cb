"""docs/commands.md is what the tasks say of themselves."""

from __future__ import annotations

from tests.docs.commands_page import PAGE, REGENERATE, commands_page


def test_the_page_of_commands_is_what_the_tasks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == commands_page(), f"to write it again: {REGENERATE}"
