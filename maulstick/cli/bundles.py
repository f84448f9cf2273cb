"""The bundles that a command line names instead of subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from maulstick.cli.arguments import Command
from maulstick.cli.options import NamedBundles, NamedSubjects, SubjectsOrBundles, listed, require_undecided
from maulstick.console import Console
from maulstick.errors import usage
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Target
from maulstick.release.settings import Choices

Bundles = Mapping[Subject, Path]


def named_bundles(command: Command[SubjectsOrBundles], targets: Sequence[Target]) -> Bundles | None:
    """Return the folders that `--bundle` and `--changed-since` name; None where neither was typed."""
    from maulstick.bundle.selection import named

    options, console, kinds = command.options, command.console(), list(command.keys)
    if not typed_option(options):
        return None
    _require_alone(command)
    folders = dict(named(listed("--bundle", options.bundle)))
    if options.changed_since:
        folders |= changed_bundles(options.changed_since, targets, console)
    if not folders:
        console.line(f"no bundle has changed since {options.changed_since}")

    def place(subject: Subject) -> tuple[int, str]:
        return kinds.index(command.plugins.kind(subject.kind).name), subject.key

    return {subject: folders[subject] for subject in sorted(folders, key=place)}


def require_one_naming(command: Command[NamedSubjects]) -> None:
    """Refuse what names subjects twice, and choices beside a sealed plan (exit 2)."""
    options, bundles = command.options, typed_option(command.options)
    if options.plan:
        if options.all:
            raise usage("--all", "does not go with --plan", "a sealed plan names its subjects")
        require_undecided(options)
    if bundles and options.all:
        raise usage("--all", f"does not go with {bundles}", "a bundle names its own subject")
    if options.all and command.named():
        raise usage("--all", "names every subject already", "leave it out, or name none")


def typed_option(options: NamedBundles) -> str:
    """Return the option that names bundles as it was typed, "" where neither was."""
    if options.bundle:
        return "--bundle"
    return "--changed-since" if options.changed_since else ""


def changed_bundles(revision: str, targets: Sequence[Target], console: Console) -> Bundles:
    """List the targets' own bundles that git says have changed; those that are gone are named."""
    from maulstick.bundle.selection import changed

    folders: dict[Subject, Path] = {}
    for parent in dict.fromkeys(_bundles_of(target) for target in targets):
        since = changed(parent, revision)
        folders |= since.folders
        for gone in since.deleted:
            console.line(f"{gone}: is deleted; what was released from it stays where it is")
    return folders


def _require_alone(command: Command[SubjectsOrBundles]) -> None:
    """Refuse what does not go with a named bundle: it names its subject, and its source is not looked at."""
    typed = ["select"] if command.options.select else []
    for name in (*typed, *(kind for kind, keys in command.keys.items() if keys)):
        what = f"does not go with {typed_option(command.options)}"
        raise usage(f"--{name}", what, "a bundle names its own subject")
    if isinstance(command.options, Choices) and command.options.prune:
        what = f"does not go with {typed_option(command.options)}"
        raise usage("--prune", what, "only the source can tell what it has deleted")


def _bundles_of(target: Target) -> Path:
    if target.source is None:
        hint = "--bundle .sandbox/releases/KIND/KEY names one"
        raise usage("--changed-since", "git does not hold the sandbox's bundles", hint)
    return target.source.bundles
