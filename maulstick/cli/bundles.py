"""The bundles that a command line names instead of subjects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from maulstick.cli.arguments import Typed, attribute
from maulstick.console import Console
from maulstick.errors import usage
from maulstick.project.declarations import Subject
from maulstick.project.inventory import Source, Target

Bundles = Mapping[Subject, Path]


def given_bundles(typed: Typed, targets: Sequence[Target], steps: Collection[str]) -> Bundles | None:
    """Return the folders that `--bundle` and `--changed-since` name; None where neither was typed."""
    options = {name: typed.given.get(name) for name in ("bundle", "changed_since")}
    if not any(options.values()):
        return None
    _require_alone(typed, steps, next(_option(name) for name, value in options.items() if value))
    from maulstick.bundle.selection import named

    found = dict(named(options["bundle"] or ()))
    if options["changed_since"]:
        found |= changed_bundles(options["changed_since"], targets, typed.console())
    return dict(sorted(found.items(), key=lambda one: (_place(typed, one[0]), one[0].key)))


def changed_bundles(revision: str, targets: Sequence[Target], console: Console) -> Bundles:
    """Return the targets' own bundles that git says have changed; those that are gone are named."""
    from maulstick.bundle.selection import changed

    found: dict[Subject, Path] = {}
    for folder in dict.fromkeys(_source(target).bundles for target in targets):
        told = changed(folder, revision)
        found |= told.folders
        for gone in told.deleted:
            console.line(f"{gone}: is deleted; what was released from it stays where it is")
    return found


def _require_alone(typed: Typed, steps: Collection[str], option: str) -> None:
    """Refuse what does not go with a named bundle: it names its subject, and its source is not looked at."""
    for name in _subjects(typed):
        raise usage(f"--{name}", f"does not go with {option}", "a bundle names its own subject")
    if typed.given.get("prune"):
        raise usage("--prune", f"does not go with {option}", "only the source can tell what it has deleted")
    if "plan" not in steps:
        hint = "what came from elsewhere is looked at before it is released"
        raise usage(option, "needs the step plan", hint)


def _subjects(typed: Typed) -> Iterator[str]:
    given: Mapping[str, Any] = typed.given
    yield from (name for name in ("all", "select") if given.get(name))
    yield from (kind for kind in typed.kinds if given.get(attribute(kind)))


def _source(target: Target) -> Source:
    if target.source is None:
        hint = "--bundle .sandbox/releases/KIND/KEY names one"
        raise usage("--changed-since", "git does not hold the sandbox's bundles", hint)
    return target.source


def _place(typed: Typed, subject: Subject) -> int:
    return typed.kinds.index(typed.plugins.kind(subject.kind).name)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
