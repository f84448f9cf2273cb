"""Questions about the playbooks, and about the browser that one of them may ask for."""

from __future__ import annotations

from maulstick.doctor.answer import Answer, ok
from maulstick.doctor.context import Patient
from maulstick.project import playbook as books
from maulstick.text import amount
from maulstick.verify.browser import browser as started


def playbooks(patient: Patient) -> Answer:
    """Tell whether every playbook can be followed."""
    names = ", ".join(book.name for book in _all(patient))
    return ok(f"{amount(len(names.split(', ')), 'playbook')}: {names}")


def browser(patient: Patient) -> Answer:
    """Tell whether Chromium starts, where a playbook or the user wants it."""
    wants = [book.name for book in _all(patient) for step in book.steps if step.options.get("browser")]
    wants += ["--browser"] if patient.browser_wanted else []
    if not wants:
        return ok("not asked for")
    with started(patient.target.site) as program:
        return ok(f"Chromium {program.program.version} starts; wanted by {', '.join(wants)}")


def _all(patient: Patient) -> list[books.Playbook]:
    steps = books.known_steps(patient.plugins.steps().values())
    return books.all_playbooks(patient.project / "playbooks", steps)
