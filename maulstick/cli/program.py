"""The command `maulstick`: Invoke's program under our name, which also works where no project is yet."""

from __future__ import annotations

from maulstick.signals import before_commands

before_commands()  # what is imported here takes long enough for Ctrl-C

import io
import os
import shlex
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from importlib.metadata import version
from pathlib import Path

from invoke.exceptions import Exit
from invoke.program import Program

from maulstick.cli.shell_words import NAME, for_bash, split, unquoted
from maulstick.console import Console

SHOWN = (
    ("doctor", "is everything there that a release needs?"),
    ("status", "how every subject stands on both sides"),
    ("plan", "what a release would change, row by row"),
    ("release", "every step of a playbook, to the live site"),
    ("history", "the releases of a target, and who made them"),
    ("rollback", "a release's rows as they were before it"),
)
"""The commands that matter first."""
SHELL = "MAULSTICK_COMPLETES"
"""The variable in which our script for bash says so: what it is given, it offers as it is."""


PLACED = {
    "init": ("--folder",),
    "plugins.new": ("--name",),
    "sandbox.sql": ("--side", "--sql"),
    "sandbox.psql": ("--side",),
}
"""Commands that take words without their options, and the options, in order."""


class Maulstick(Program):
    """Invoke's program with our greeting, and with completion of values.

    Where no tasks.py is found, in this folder or above it, the tasks are those of this folder.
    """

    def normalize_argv(self, argv: list[str] | None) -> None:
        """Take `init DIR` and the like as they are; Invoke's parser would see another command in the word."""
        super().normalize_argv(argv)
        for at, word in enumerate(self.argv):
            if word in PLACED:
                for place, option in enumerate(PLACED[word]):
                    here = at + 1 + 2 * place
                    if len(self.argv) <= here or self.argv[here].startswith("-"):
                        break
                    self.argv.insert(here, option)
                break

    def load_collection(self) -> None:
        """Load the project's tasks.py, or the tasks that need none."""
        folder = _project()
        if folder is None:
            from maulstick.cli.namespace import tasks_of

            self.collection = tasks_of(Path.cwd())
        else:
            super().load_collection()

    def no_tasks_given(self) -> None:
        """Greet, and say where one stands."""
        commands = "\n".join(f"  {NAME} {name:<10} {says}" for name, says in SHOWN)
        says = "releases one piece of content to a live site, and touches nothing else there"
        greeting = f"Maulstick {version(NAME)} {says}.\n\n{commands}\n  {NAME} --list     all commands"
        Console().result(f"{greeting}\n\n{_next_command()}")
        raise Exit

    def parse_cleanup(self) -> None:
        """Complete what is being typed; which options and commands there are is Invoke's to say."""
        if not self.args.complete.value:
            super().parse_cleanup()
            return
        words, typed = split(self.core.remainder)
        words = [*words[1:], unquoted(typed)]
        values = _values(words)
        if values is None:
            self.core.remainder = shlex.join([NAME, *(word for word in words if word)])
            values = self._own_words()
        if os.environ.get(SHELL) == "bash":
            values = [*for_bash(typed, values)]
        Console().result("\n".join(values))
        raise Exit

    def _own_words(self) -> list[str]:
        """Return what Invoke offers."""
        said = io.StringIO()
        with redirect_stdout(said), suppress(Exit):
            super().parse_cleanup()
        return said.getvalue().splitlines()


def _project() -> Path | None:
    """Find the folder of the tasks.py that Invoke would find, None where there is none."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "tasks.py").is_file()), None)


def _next_command() -> str:
    """Return what to type next, by what is there."""
    folder = _project()
    if folder is None or not (folder / "inventory.toml").is_file():
        return f"No project here yet. Begin with: {NAME} init"
    from maulstick.cli.loading import plugins_of

    plugins = plugins_of(folder)
    kinds = sorted(plugins.kinds()) if not any(plugin.failure for plugin in plugins.found) else []
    if not plugins.found:
        return f"No plugin says what to release yet. Write one with: {NAME} plugins.new NAME --table TABLE"
    if not kinds:
        return f"No plugin could say what to release. See: {NAME} plugins"
    return f"Ready. For example: {NAME} release --{kinds[0]} …"


def _values(words: Sequence[str]) -> list[str] | None:
    """Return what may stand for the word that is being typed, None where no value is."""
    from maulstick.cli.completion import values_of

    return values_of(_project() or Path.cwd(), words)


def main() -> None:
    """Run the command line."""
    before_commands()
    Maulstick(name="Maulstick", binary=NAME, binary_names=[NAME], version=version(NAME)).run()
