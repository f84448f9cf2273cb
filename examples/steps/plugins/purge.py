"""Purge: the content network in front of the site forgets each released page."""

import os
from collections.abc import Iterable, Sequence

import urllib3

from maulstick import Check, Outcome, Problem, Release, Step, hookimpl


@hookimpl
def maulstick_steps() -> Iterable[Step]:
    """Offer the step `purge`: it needs the network's address in PURGE_URL."""
    yield Step("purge", run=purge, plan=would)


@hookimpl
def maulstick_check(steps: Sequence[str]) -> Iterable[Check]:
    """Miss the address before rows are live, not after."""
    if "purge" in steps:
        is_set = bool(os.environ.get("PURGE_URL"))
        answer = "is set" if is_set else "is not set in the environment"
        yield Check("PURGE_URL", is_set, answer, "the address that takes the paths to forget")


def would(release: Release) -> str:
    """Say which pages are forgotten."""
    return f"have {len(release.pages)} pages forgotten"


def purge(release: Release) -> Outcome:
    """Post the paths; an answer other than 2xx fails the step, and the rows stay live."""
    paths = [page.path for page in release.pages]
    answer = urllib3.request("POST", os.environ["PURGE_URL"], json={"paths": paths}, timeout=10)
    if answer.status // 100 != 2:
        raise Problem(
            "purge", f"the content network answers {answer.status}", "release again with --only purge"
        )
    return Outcome("done", f"{len(paths)} pages are forgotten")
