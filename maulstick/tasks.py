"""The Invoke tasks: parse, call, report."""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import Task

# Invoke forbids bytecode, for the sake of tasks.py; every module of ours would be compiled at each command.
sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)

from maulstick import (
    commands,
    doctor_commands,
    github_commands,
    media_commands,
    options,
    release_commands,
    sandbox_commands,
)
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.options import Options
from maulstick.plugins import Plugins, load
from maulstick.typed import Typed

GARBAGE = 50_000
Body = Callable[[Typed], int]
Members = Mapping[str, tuple[str, Body, Options]]
Add = Callable[[str, str, Body, Options, Collection], None]


def tasks_of(project: Path) -> Collection:
    """Return the tasks of a project: its plugins' kinds of subject become options."""
    plugins = load(project / "plugins")
    kinds = _kinds(plugins)
    subjects: dict[str, options.Option] = {
        name: ([], f"release this {name}, named by its key; may be repeated") for name in kinds
    }
    subjects["select"] = ([], "a subject as KIND=KEY; may be repeated")
    namespace = Collection()

    def add(name: str, says: str, body: Body, known: Options, to: Collection) -> None:
        to.add_task(_task(name, says, body, known, project, plugins, kinds))

    release = {**subjects, **options.COMMON, **options.RELEASE}
    add(
        "release",
        "Release a subject: every step of a playbook.",
        release_commands.release,
        release,
        namespace,
    )
    for step, (says, more) in options.STEPS.items():
        add(step, says, release_commands.single(step), {**subjects, **options.COMMON, **more}, namespace)
    says = "Ask whether all is there; changes nothing."
    add("doctor", says, doctor_commands.doctor, {**subjects, **options.DOCTOR}, namespace)
    for name, (says, body, known) in commands.OTHERS.items():
        add(name, says, body, known, namespace)
    listing = _group("plugins", commands.PLUGINS, add)
    listing.default = "list"
    of_subjects = {"status": subjects}
    media = {
        name: (says, body, {**of_subjects.get(name, {}), **known})
        for name, (says, body, known) in media_commands.MEDIA.items()
    }
    sandbox: Members = {name: (says, body, {}) for name, (says, body) in sandbox_commands.SANDBOX.items()}
    namespace.add_collection(listing)
    for group, members in (("media", media), ("github", github_commands.GITHUB), ("sandbox", sandbox)):
        namespace.add_collection(_group(group, members, add))
    return namespace


def _group(name: str, members: Members, add: Add) -> Collection:
    group = Collection(name)
    for task, (says, body, known) in members.items():
        add(task, says, body, known, group)
    return group


def _kinds(plugins: Plugins) -> Iterable[str]:
    try:
        kinds = plugins.kinds()
        for name in kinds:
            if name in options.TAKEN:
                raise usage(f"kind {name}", f"clashes with the option --{name}", "give the kind another name")
    except Problem as problem:
        Console().line(str(problem))
        raise SystemExit(problem.code) from None
    return kinds


def _task(
    name: str,
    says: str,
    body: Body,
    given_options: Options,
    project: Path,
    plugins: Plugins,
    kinds: Iterable[str],
) -> Task[Any]:
    def run(context: Context, **given: Any) -> None:
        gc.set_threshold(GARBAGE)  # a command ends soon: what its imports make is not looked through again
        raise SystemExit(_exit(lambda: body(Typed(project, plugins, tuple(kinds), given))))

    known = {key.replace("-", "_"): value for key, value in given_options.items()}
    parameters = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=None if default == [] else default)
        for key, (default, _) in known.items()
    ]
    first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    run.__signature__ = inspect.Signature([first, *parameters])  # type: ignore[attr-defined]
    run.__doc__ = says
    return Task(
        run,
        name=name,
        positional=[],
        iterable=[key for key, (default, _) in known.items() if default == []],
        help={key: text for key, (_, text) in known.items()},
        auto_shortflags=False,
    )


def _exit(body: Callable[[], int]) -> int:
    try:
        return body()
    except Problem as problem:
        Console().line(str(problem))
        return problem.code
    except KeyboardInterrupt:
        Console().line("\ninterrupted")
        return Exit.INTERRUPTED
