"""What each task does with what its user typed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from maulstick import ledger_commands, options
from maulstick import playbook as books
from maulstick.console import Console
from maulstick.errors import Exit, did_you_mean, usage
from maulstick.playbook import PlaybookStep
from maulstick.reaching import reach
from maulstick.typed import Typed


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


def check_plugins(typed: Typed) -> int:
    """Hold every plugin's declarations against the source and the target; nothing is changed."""
    from maulstick.plugin_check import check_plugins as check
    from maulstick.plugin_check import exit_code
    from maulstick.postgres import connect

    console = Console()
    with ExitStack() as stack:
        place, host = reach(typed, stack, console)
        local = connect(place.source.database, f"source {place.source.name}")
        source = stack.enter_context(local)
        there = connect(host.database, f"database of {place.target.name}", read_only=True)
        findings = []
        for finding in check(typed.plugins, source, stack.enter_context(there)):
            console.result(str(finding))
            findings.append(finding)
        return exit_code(findings)


def playbooks(typed: Typed) -> int:
    """List the playbooks with what they say and their steps."""
    console = Console()
    steps = books.known_steps(typed.plugins.steps().values())
    for book in books.all_playbooks(typed.project / "playbooks", steps):
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


def _perform(typed: Typed, steps: Sequence[PlaybookStep]) -> int:
    from maulstick.everything import every_subject
    from maulstick.performance import perform_all

    console = Console()
    named = () if typed.given.get("all") else typed.subjects()
    typed.plugins.require_all()
    with ExitStack() as stack:
        place, host = reach(typed, stack, console)
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


OTHERS: Mapping[str, tuple[str, Callable[[Typed], int], options.Options]] = {
    "status": (
        "Say how every subject stands on both sides.",
        ledger_commands.status,
        options.STATUS,
    ),
    "rollback": ("Put a release's rows back as they were.", ledger_commands.rollback, options.ROLLBACK),
    "why": ("Tell which releases touched a row.", ledger_commands.why, options.WHY),
    "history": (
        "List a target's releases, or each change of one.",
        ledger_commands.history,
        options.HISTORY,
    ),
    "playbooks": ("List the playbooks and their steps.", playbooks, {}),
    "targets": ("List the targets of the inventory.", targets, options.INVENTORY),
}
PLUGINS: Mapping[str, tuple[str, Callable[[Typed], int], options.Options]] = {
    "list": ("List the plugins and their hooks.", plugins, {}),
    "check": ("Hold all declarations against both databases.", check_plugins, options.TARGET),
}
"""The tasks `plugins.…`; the first is what `plugins` alone does."""
