"""The Invoke tasks: parse, call, report."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import Task

from maulstick import commands
from maulstick.commands import Typed
from maulstick.errors import Exit, Problem, usage
from maulstick.plugins import Plugins, load

Body = Callable[[Typed], int]
Option = tuple[Any, str]
"""An option's default and its help; a list may be repeated."""

STEPS = {
    "check": "See that all a release needs answers; nothing is changed.",
    "export": "Read the subject from the source and write its bundle.",
    "plan": "Show what a release would change; nothing is changed.",
    "deploy": "Ship the site's code, unless production already runs it.",
    "upload": "Send the bundle's pictures and sounds to the bucket.",
    "apply": "Write the bundle's rows to production, in one transaction.",
    "verify": "Prove that the live pages show what was released.",
}
COMMON: Mapping[str, Option] = {
    "target": (None, "the target to release to, else the inventory's default"),
    "inventory": ("inventory.toml", "the inventory to read"),
    "yes": (False, "do not ask before production is changed"),
    "json": (False, "print the result as JSON"),
}
PLAYBOOK = {"playbook": ("release", "the playbook to follow, a file of playbooks/")}
EXPORT = {"out": (None, "write the SQL there instead of the bundle; - is standard output")}
PLAN = {"exit_code": (False, "exit 10 when there is something to release")}
APPLY = {"without_media": (False, "write rows although the bucket lacks files that they name")}
TARGET = {name: COMMON[name] for name in ("target", "inventory")}
MORE: Mapping[str, Mapping[str, Option]] = {"export": EXPORT, "plan": PLAN, "apply": APPLY}


def tasks_of(project: Path) -> Collection:
    """Return the tasks of a project: its plugins' kinds of subject become options."""
    plugins = load(project / "plugins")
    kinds = _kinds(plugins)
    subjects: dict[str, Option] = {
        name: ([], f"a {name} to release, by its key; may be repeated") for name in kinds
    }
    subjects["select"] = ([], "a subject as KIND=KEY; may be repeated")
    namespace = Collection()

    def add(name: str, says: str, body: Body, options: Mapping[str, Option], to: Collection) -> None:
        to.add_task(_task(name, says, body, options, project, plugins, kinds))

    release = {**subjects, **COMMON, **PLAYBOOK, **APPLY}
    add("release", "Release a subject: every step of a playbook.", commands.release, release, namespace)
    for step, says in STEPS.items():
        options = {**subjects, **COMMON, **MORE.get(step, {})}
        add(step, says, commands.single(step), options, namespace)
    add("history", "List the releases of a target.", commands.history, TARGET, namespace)
    add("plugins", "List the plugins and their hooks.", commands.plugins, {}, namespace)
    add("playbooks", "List the playbooks and their steps.", commands.playbooks, {}, namespace)
    inventory = {"inventory": COMMON["inventory"]}
    add("targets", "List the targets of the inventory.", commands.targets, inventory, namespace)
    sandbox = Collection("sandbox")
    for name, (says, body) in commands.SANDBOX.items():
        add(name, says, body, {}, sandbox)
    namespace.add_collection(sandbox)
    return namespace


def _kinds(plugins: Plugins) -> Iterable[str]:
    try:
        kinds = plugins.kinds()
        for name in kinds:
            if name.replace("-", "_") in {*COMMON, *PLAYBOOK, *EXPORT, *PLAN, *APPLY, "select"}:
                raise usage(f"kind {name}", f"clashes with the option --{name}", "give the kind another name")
    except Problem as problem:
        raise SystemExit(_shown(problem)) from None
    return kinds


def _task(
    name: str,
    says: str,
    body: Body,
    options: Mapping[str, Option],
    project: Path,
    plugins: Plugins,
    kinds: Iterable[str],
) -> Task[Any]:
    def run(context: Context, **given: Any) -> None:
        raise SystemExit(_exit(lambda: body(Typed(project, plugins, tuple(kinds), given))))

    known = {key.replace("-", "_"): value for key, value in options.items()}
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
        help={key.replace("_", "-"): text for key, (_, text) in known.items()},
        auto_shortflags=False,
    )


def _exit(body: Callable[[], int]) -> int:
    try:
        return body()
    except Problem as problem:
        sys.stderr.write(_shown(problem) + "\n")
        return problem.code
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return Exit.INTERRUPTED


def _shown(problem: Problem) -> str:
    from maulstick.console import plain

    return plain(str(problem))
