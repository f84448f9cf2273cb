"""What each task does with what its user typed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick import inventory as inventories
from maulstick import options
from maulstick import playbook as books
from maulstick.console import Console
from maulstick.content import Subject
from maulstick.errors import Exit, did_you_mean, usage
from maulstick.playbook import PlaybookStep
from maulstick.plugins import Plugins

if TYPE_CHECKING:
    from maulstick.host import Host, Place


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as typed: the project it was typed in and the values of its options."""

    project: Path
    plugins: Plugins
    kinds: tuple[str, ...]
    given: Mapping[str, Any]

    def subjects(self) -> list[Subject]:
        """Return the subjects named, in the order of kinds; none is a usage problem."""
        named = [(kind, key) for kind in self.kinds for key in self.given.get(kind.replace("-", "_")) or ()]
        for text in self.given.get("select") or ():
            kind, equals, key = str(text).partition("=")
            if not equals:
                raise usage(f"--select {text}", "is not KIND=KEY", "for example --select series=embodiment")
            named.append((kind, key))
        if not named:
            options = " or ".join(f"--{kind} KEY" for kind in self.kinds) or "--select KIND=KEY"
            raise usage("subject", "nothing was named", options)
        return [Subject(self.plugins.kind(kind).name, key) for kind, key in named]

    def inventory(self) -> inventories.Inventory:
        """Return the inventory that the command names."""
        return inventories.load(self.project / self.given["inventory"])

    def playbook(self) -> books.Playbook:
        """Return the playbook that the command names."""
        return books.load(self.project / "playbooks", self.given["playbook"], books.core_steps())


def release(typed: Typed) -> int:
    """Release each subject by every step of the playbook, or by those that were asked for."""
    steps = typed.playbook().steps
    names = [step.name for step in steps]
    start, only, skip = typed.given["start_at"], typed.given["only"] or (), typed.given["skip"] or ()
    for option, named in (("--start-at", [start] if start else ()), ("--only", only), ("--skip", skip)):
        for name in named:
            if name not in names:
                raise usage(f"{option} {name}", "is no step of this playbook", did_you_mean(name, names))
    begin = names.index(start) if start else 0
    chosen = [step for step in steps[begin:] if step.name not in skip and (not only or step.name in only)]
    if not chosen:
        raise usage("release", "no step is left to perform", "leave out --only or --skip")
    return _perform(typed, chosen)


def single(step: str) -> Callable[[Typed], int]:
    """Return the command that performs one step alone on the bundle that is there."""

    def alone(typed: Typed) -> int:
        if step == "export" and typed.given["out"]:
            return _export_to(typed, typed.given["out"])
        return _perform(typed, (PlaybookStep(step, {}),))

    return alone


def plugins(typed: Typed) -> int:
    """List the plugins with their hooks, and those that could not be loaded with the reason."""
    console = Console()
    for plugin in typed.plugins.found:
        says = f"could not be loaded: {plugin.failure}" if plugin.failure else ", ".join(plugin.hooks)
        console.result(f"{plugin.name:<14} {plugin.where:<26} {says}")
    return Exit.PLUGIN if any(plugin.failure for plugin in typed.plugins.found) else Exit.DONE


def playbooks(typed: Typed) -> int:
    """List the playbooks with what they say and their steps."""
    console = Console()
    for book in books.all_playbooks(typed.project / "playbooks", books.core_steps()):
        console.result(f"{book.name:<10} {book.says}\n{'':<10} {' '.join(step.name for step in book.steps)}")
    return Exit.DONE


def targets(typed: Typed) -> int:
    """List the targets; the default is marked."""
    console, found = Console(), typed.inventory()
    for name, target in found.targets.items():
        mark = "default" if name == found.default else ""
        console.result(
            f"{name:<14} {target.host:<8} {target.app or '-':<24} {target.site or '-'} {mark}".rstrip()
        )
    return Exit.DONE


def history(typed: Typed) -> int:
    """List the releases that the target's ledger holds, newest first."""
    from maulstick.history import releases

    with ExitStack() as stack:
        place, host = _reach(typed, stack, Console())
        for line in releases(host.database, place.target.name):
            Console().result(line)
    return Exit.DONE


def _reach(typed: Typed, stack: ExitStack, console: Console) -> tuple[Place, Host]:
    from maulstick.host import open_host, place_of

    target = typed.inventory().target(typed.given["target"])
    place = place_of(target, typed.project, console.line)
    return place, open_host(place.target, stack, console.line)


def _perform(typed: Typed, steps: Sequence[PlaybookStep]) -> int:
    from maulstick.everything import every_subject
    from maulstick.performance import perform_all

    console = Console()
    named = () if typed.given.get("all") else typed.subjects()
    typed.plugins.require_all()
    with ExitStack() as stack:
        place, host = _reach(typed, stack, console)
        return perform_all(
            named or every_subject(place.source, typed.plugins),
            steps,
            place=place,
            host=host,
            plugins=typed.plugins,
            console=console,
            given=typed.given,
        )


def _export_to(typed: Typed, out: str) -> int:
    from maulstick.bundle import write_whole
    from maulstick.export import exported
    from maulstick.host import place_of

    subjects = typed.subjects()
    if len(subjects) > 1:
        raise usage("--out", "takes one subject", "name one, or leave --out away")
    subject = subjects[0]
    place = place_of(typed.inventory().target(typed.given["target"]), typed.project, Console().line)
    with exported(subject, place.source, typed.plugins) as found:
        blocks = found.sql()
        if out == "-":
            sys.stdout.buffer.writelines(blocks)
        else:
            write_whole(Path(out), blocks)
    return Exit.DONE


def _sandbox_up(typed: Typed) -> int:
    from maulstick.sandbox.lifecycle import up

    console = Console()
    box = up(_sandbox(typed), say=console.line)
    console.result(f"the sandbox is up: {box.site}/series")
    return Exit.DONE


def _sandbox_down(typed: Typed) -> int:
    from maulstick.sandbox.lifecycle import down

    down(_sandbox(typed))
    Console().result("the sandbox is down; what it holds stays in .sandbox/")
    return Exit.DONE


def _sandbox_reset(typed: Typed) -> int:
    from maulstick.sandbox.lifecycle import reset

    console = Console()
    box = reset(_sandbox(typed), say=console.line)
    console.result(f"the sandbox is as on its first day: {box.site}/series")
    return Exit.DONE


def _sandbox_open(typed: Typed) -> int:
    import webbrowser

    from maulstick.sandbox.lifecycle import up

    console = Console()
    address = f"{up(_sandbox(typed), say=console.line).site}/series"
    webbrowser.open(address)
    console.result(address)
    return Exit.DONE


def _sandbox(typed: Typed) -> Path:
    return typed.project / ".sandbox"


OTHERS: Mapping[str, tuple[str, Callable[[Typed], int], options.Options]] = {
    "history": ("List the releases of a target, or each change of one.", history, options.HISTORY),
    "plugins": ("List the plugins and their hooks.", plugins, {}),
    "playbooks": ("List the playbooks and their steps.", playbooks, {}),
    "targets": ("List the targets of the inventory.", targets, options.INVENTORY),
}
SANDBOX: Mapping[str, tuple[str, Callable[[Typed], int]]] = {
    "up": ("Start the sandbox, or repair it.", _sandbox_up),
    "down": ("Stop the sandbox; what it holds stays.", _sandbox_down),
    "reset": ("Set the sandbox back to its first day.", _sandbox_reset),
    "open": ("Open the sandbox's site in the browser.", _sandbox_open),
}
