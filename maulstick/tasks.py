"""The Invoke tasks: parse, call, report."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    sys.exit("maulstick: does not run on Windows itself; use WSL")

import gc
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.tasks import Task

# Invoke forbids bytecode, for the sake of tasks.py; every module of ours would be compiled at each command.
sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
gc.set_threshold(50_000)  # a command ends soon: what its imports make is not looked through again

from maulstick.cli import copies as copy_commands
from maulstick.cli import doctor as doctor_commands
from maulstick.cli import github as github_commands
from maulstick.cli import listings as commands
from maulstick.cli import media as media_commands
from maulstick.cli import options
from maulstick.cli import release as release_commands
from maulstick.cli import sandbox as sandbox_commands
from maulstick.cli.arguments import Typed, attribute
from maulstick.cli.options import Options
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.files import no_room
from maulstick.hosts import kinds as host_kinds
from maulstick.project.plugins.registry import Plugins, load
from maulstick.release import core_steps
from maulstick.streams import require_streams

Body = Callable[[Typed], int]
Members = Mapping[str, tuple[str, Body, Options]]
Add = Callable[[str, str, Body, Options, Collection], None]


def tasks_of(project: Path) -> Collection:
    """Return the tasks of a project: its plugins' kinds of subject become options."""
    plugins = load(project / "plugins", host_kinds, core_steps)
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
    groups: Mapping[str, Members] = {
        "ledger": copy_commands.LEDGER,
        "media": media,
        "github": github_commands.GITHUB,
        "sandbox": sandbox,
    }
    for group, members in groups.items():
        namespace.add_collection(_group(group, members, add))
    _require_options(namespace, plugins, sys.argv[1:])
    return namespace


def _require_options(namespace: Collection, plugins: Plugins, words: Sequence[str]) -> None:
    """Say why an option is missing that a plugin would have brought; Invoke has no idea."""
    if not any(plugin.failure for plugin in plugins.found):
        return
    names = namespace.task_names
    ours = next((n for n, word in enumerate(words) if word in names), len(words))
    known = {"help", *(flag for name in names for flag in _flags(namespace[name]))}
    for word in words[ours:]:
        if word.startswith("--") and word[2:].partition("=")[0] not in known and word != "--":
            raise SystemExit(_exit(lambda: _no_option(plugins), Console(verbose="-v" in words)))


def _flags(task: Task[Any]) -> Iterable[str]:
    return (name.strip("_").replace("_", "-") for name in task.argspec(task.body).parameters)


def _no_option(plugins: Plugins) -> int:
    plugins.require_all()
    return Exit.PLUGIN


def _group(name: str, members: Members, add: Add) -> Collection:
    group = Collection(name)
    for task, (says, body, known) in members.items():
        add(task, says, body, known, group)
    return group


def _kinds(plugins: Plugins) -> Iterable[str]:
    try:
        kinds = plugins.kinds()
        for name in kinds:
            if not attribute(name).isidentifier() or name.startswith(("-", "_")):
                hint = "letters, digits and -, a letter first"
                raise Problem(f"kind {name!r}", "cannot be an option", hint, code=Exit.PLUGIN)
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
    def run(context: Context, /, **given: Any) -> None:
        typed = Typed(project, plugins, tuple(kinds), given)

        def act() -> int:
            _require_plain(context)
            return body(typed)

        if code := _exit(act, typed.console()):
            raise SystemExit(code)

    known = {attribute(key): value for key, value in given_options.items()}
    parameters = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=None if default == [] else default)
        for key, (default, _) in known.items()
    ]
    first = inspect.Parameter("_context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    run.__signature__ = inspect.Signature([first, *parameters])  # type: ignore[attr-defined]
    run.__doc__ = says
    return _Task(
        run,
        name=name,
        positional=[],
        iterable=[key for key, (default, _) in known.items() if default == []],
        help={key: text for key, (_, text) in known.items()},
        auto_shortflags=False,
    )


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


class _Task(Task[Any]):
    """A task some of whose options may be typed short."""

    def arg_opts(self, name: str, default: str, taken_names: set[str]) -> dict[str, Any]:
        opts = super().arg_opts(name, default, taken_names)
        if name in options.SHORT:
            opts["names"].append(options.SHORT[name])
        return opts


def _exit(body: Callable[[], int], console: Console) -> int:
    try:
        require_streams()
        return body()
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
