"""A command as a task of Invoke: its options become arguments, its problems an exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import Field, fields
from inspect import get_annotations
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.parser.argument import Argument
from invoke.tasks import Task

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import Subjects
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.files import no_room
from maulstick.project.plugins.registry import Plugins
from maulstick.release.settings import CommandOptions
from maulstick.signals import as_interrupts
from maulstick.streams import require_streams


class CommandTask(Task[Callable[..., None]]):
    """A task whose arguments are the options of a command, and an option for each kind of subject.

    Invoke copies tasks with all that they hold, so what a command works with is in its body alone.
    """

    def __init__(
        self,
        body: Callable[..., None],
        definition: Definition[Any],
        kinds: tuple[str, ...],
    ) -> None:
        super().__init__(body, name=definition.name, positional=())
        self.__doc__ = definition.says
        self.options, self.kinds = definition.options, kinds

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """Return the options as Invoke parses them."""
        return [*map(_of_kind, self.kinds), *arguments(self.options)]


def task_of(
    definition: Definition[Any], project: Path, plugins: Plugins, kinds: Iterable[str]
) -> CommandTask:
    """Return the task of a command in a project; where it takes subjects, each kind of them is an option."""
    known = tuple(kinds) if issubclass(definition.options, Subjects) else ()

    def run(context: Context, /, **values: Any) -> None:
        typed = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
        options = definition.options(
            **{field.name: typed[flag_of(field)] for field in fields(definition.options)}
        )
        command = Command(project, plugins, options, {kind: typed[kind] for kind in known})

        def act() -> int:
            _require_plain(context)
            with command.trace():
                return definition.act(command)

        if code := exit_code(act, command.console()):
            raise SystemExit(code)

    return CommandTask(run, definition, known)


def arguments(options: type[CommandOptions]) -> Iterator[Argument]:
    """Yield a command's options as Invoke parses them: its own, then those of each group in turn."""
    known = {field.name: field for field in fields(options)}
    for name in dict.fromkeys(name for part in options.__mro__ for name in get_annotations(part)):
        field = known[name]
        kind = list if field.default == () else str if field.default is None else type(field.default)
        yield Argument(
            names=[flag_of(field), *filter(None, [field.metadata["short"]])],
            kind=kind,
            default=[] if kind is list else field.default,
            help=field.metadata["says"],
        )


def flag_of(field: Field[Any]) -> str:
    """Return an option as it is typed, without its dashes."""
    return str(field.metadata["name"] or field.name.strip("_").replace("_", "-"))


def _of_kind(kind: str) -> Argument:
    says = f"release this {kind}, named by its key; may be repeated"
    return Argument(names=[kind], kind=list, default=[], help=says)


def exit_code(act: Callable[[], int], console: Console) -> int:
    """Return the exit code of what is done; a problem is said."""
    try:
        require_streams()
        with as_interrupts():
            return act()
    except Problem as problem:
        console.problem(problem)
        return problem.code
    except KeyboardInterrupt:
        console.trouble("\ninterrupted")
        return Exit.INTERRUPTED
    except OSError as error:
        full = no_room(error)
        if full is None:
            raise
        console.problem(full)
        return full.code


def _require_plain(context: Context) -> None:
    """Refuse Invoke's own options that promise another way of running than there is (exit 2)."""
    typed = context.config._overrides
    if context.config.run.dry:
        hint = "--check rehearses release, apply and rollback; plan shows what would change"
        raise usage("--dry", "would change nothing of what happens here", hint)
    if typed.get("run", {}).get("warn"):
        raise usage("--warn-only", "means nothing here: a step that fails is never passed over")
    if typed.get("timeouts", {}).get("command"):
        hint = "times are options of steps, in the playbook: docs/playbooks.md"
        raise usage("--command-timeout", "means nothing here", hint)
