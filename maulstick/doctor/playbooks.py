"""Questions about the playbooks, and about the browser that one of them may need."""

from __future__ import annotations

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, ok
from maulstick.project import playbook as books
from maulstick.text import amount
from maulstick.verify.browser import browser as started


def playbooks(context: DoctorContext) -> Finding:
    """Check that every playbook can be read and names only steps that exist."""
    names = ", ".join(book.name for book in _all(context))
    return ok(f"{amount(len(names.split(', ')), 'playbook')}: {names}")


def browser(context: DoctorContext) -> Finding:
    """Check that Chromium starts, if a playbook or the user wants it."""
    wants = [book.name for book in _all(context) for step in book.steps if step.options.get("browser")]
    wants += ["--browser"] if context.browser_wanted else []
    if not wants:
        return ok("not asked for")
    with started(context.target.site) as program:
        return ok(f"Chromium {program.program.version} starts; wanted by {', '.join(wants)}")


def _all(context: DoctorContext) -> list[books.Playbook]:
    steps = books.known_steps(context.plugins.steps().values())
    return books.all_playbooks(context.project / "playbooks", steps)
