"""docs/commands.md as the tasks describe themselves: `python -m tests.docs.commands_page` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from invoke.parser.argument import Argument

from maulstick.cli import steps
from maulstick.cli.options import StepOptions
from maulstick.cli.task import arguments as arguments_of
from maulstick.project.plugins.registry import load
from maulstick.tasks import tasks_of
from tests.checkout import ROOT

PAGE = ROOT / "docs" / "commands.md"
REGENERATE = "python -m tests.docs.commands_page"

TOP = """# Commands

Every task with its options. The tasks describe themselves: this page is made from them, and the test suite
compares the two. `invoke --list` shows the tasks and `invoke --help TASK` one of them; what the exit codes
mean is in [architecture.md](architecture.md#exit-codes).

An option with `…` takes a value: `--target production`. One that may be repeated takes one value each time:
`--only plan --only apply`.

Invoke has options of its own, which are written before the task and concern commands that tasks run in a
shell. `--dry`, `--warn-only` and `--command-timeout` would promise something that does not happen here, and
are refused (exit 2); `--echo`, `--hide`, `--pty` and `--debug` change nothing in a release.
"""
SHARED = """
## Options that many tasks share

Each kind of subject is an option. The kinds below are those of the plugins that come with Maulstick; a
plugin of yours that adds a kind adds its option.
"""


def commands_page() -> str:
    """Return the page: what many tasks share, then each task with the options of its own."""
    namespace = tasks_of(ROOT)
    # Invoke hands a task's help out only once, so each is asked once.
    tasks = {name: namespace[name] for name in namespace.task_names}
    arguments = {name: task.get_arguments() for name, task in tasks.items()}
    shared = {*map(flag, arguments_of(StepOptions)), *load(ROOT / "plugins").kinds()}
    common = [one for one in arguments["release"] if flag(one) in shared]
    parts = [TOP, SHARED, *_table(common)]
    for name in sorted(tasks, key=_place):
        short = "".join(f" `invoke {alias}` does the same." for alias in namespace.task_names[name])
        parts.append(f"\n## {name}\n\n{tasks[name].__doc__}{short}\n")
        parts.extend(_section(arguments[name], shared))
    return "".join(parts)


def flag(argument: Argument) -> str:
    """Return an argument's option as it is typed, without its dashes."""
    return str(argument.name)


def _place(name: str) -> tuple[int, str]:
    first = ("release", *(step.name for step in steps.COMMANDS))
    return (first.index(name) if name in first else len(first) + name.count("."), name)


def _section(arguments: Sequence[Argument], shared: set[str]) -> Iterator[str]:
    common = [f"`--{flag(one)}`" for one in arguments if flag(one) in shared]
    own = [one for one in arguments if flag(one) not in shared]
    if common:
        yield f"\nShared: {', '.join(common)}.\n"
    if own:
        yield from _table(own)


def _table(arguments: Iterable[Argument]) -> Iterator[str]:
    yield "\n| option | if left out | means |\n|---|---|---|\n"
    for one in arguments:
        value = " …" if one.takes_value else ""
        default = f"`{one.default}`" if one.default not in (None, False, []) else ""
        short = "".join(f", `-{name}`" for name in one.nicknames)
        yield f"| `--{flag(one)}{value}`{short} | {default} | {one.help} |\n".replace("|  |", "| |")


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
