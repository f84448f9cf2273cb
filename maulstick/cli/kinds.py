"""The kinds of subject that plugins bring, as options of the commands that take subjects."""

from __future__ import annotations

from collections.abc import Sequence

from invoke.collection import Collection

from maulstick.cli.options import Subjects
from maulstick.cli.task import arguments, exit_code
from maulstick.console import Console
from maulstick.errors import Exit, Problem, usage
from maulstick.project.plugins.registry import Plugins
from maulstick.release.settings import CommandOptions


def taken_options(options: type[CommandOptions] = Subjects) -> set[str]:
    """Return the options beside which a kind is one too: those of every command that takes subjects."""
    own = {"help", *(name for argument in arguments(options) for name in argument.names)}
    return own.union(*map(taken_options, options.__subclasses__()))


def kinds_of(plugins: Plugins) -> list[str]:
    """List the kinds by name; one that cannot be an option beside those of commands ends the program."""
    taken = taken_options()
    try:
        kinds = list(plugins.kinds())
        for name in kinds:
            if not name.replace("-", "_").isidentifier() or name.startswith(("-", "_")):
                hint = "letters, digits and -, a letter first"
                raise Problem(f"kind {name!r}", "cannot be an option", hint, code=Exit.PLUGIN)
            if name.replace("_", "-") in taken:
                raise usage(f"kind {name}", f"clashes with the option --{name}", "give the kind another name")
    except Problem as problem:
        Console().line(str(problem))
        raise SystemExit(problem.code) from None
    return kinds


def require_options(namespace: Collection, plugins: Plugins, words: Sequence[str]) -> None:
    """Say why an option is missing that a plugin would have brought; Invoke cannot know."""
    if not any(plugin.failure for plugin in plugins.found):
        return
    names = namespace.task_names
    ours = next((n for n, word in enumerate(words) if word in names), len(words))
    arguments = (one for name in names for one in namespace[name].get_arguments())
    known = {"help", *(name.strip("_").replace("_", "-") for one in arguments for name in one.names)}

    def explain() -> int:
        plugins.require_all()
        return Exit.PLUGIN

    for word in words[ours:]:
        if word.startswith("--") and word[2:].partition("=")[0] not in known and word != "--":
            raise SystemExit(exit_code(explain, Console(verbose="-v" in words)))
