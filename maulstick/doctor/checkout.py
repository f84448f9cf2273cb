"""Questions about the site's git checkout: is it clean, does anyone else have its commit."""

from __future__ import annotations

from maulstick import git
from maulstick.doctor.answer import Answer, fail, ok, places, skipped, warn
from maulstick.doctor.context import Patient
from maulstick.text import amount

SHORT = 7


def checkout(patient: Patient) -> Answer:
    """Tell whether the checkout is there and clean, as a deploy wants it."""
    folder = patient.local.checkout
    if folder is None:
        return skipped("the inventory names none, so nothing is deployed")
    commit, changed = git.head(folder)[:SHORT], git.dirty(folder)
    if changed:
        says = f"{amount(len(changed), 'change')} that no commit holds{places(changed)}"
        return fail(says, "commit or stash them, or use --playbook content, which deploys nothing")
    return ok(f"clean, at {commit}")


def pushed(patient: Patient) -> Answer:
    """Tell whether a remote has the commit that a deploy would ship."""
    folder = patient.local.checkout
    if folder is None:
        return skipped("the inventory names no checkout")
    commit = git.head(folder)[:SHORT]
    if git.pushed(folder):
        return ok(f"a remote branch has {commit}")
    if patient.target.host == "sandbox":
        return ok("the sandbox's checkout has nobody to push to")
    return warn(f"no remote branch has {commit}: nobody else has what would be deployed", "git push")
