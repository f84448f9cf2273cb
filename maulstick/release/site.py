"""A run's live site, opened: nothing is asked of it before somebody wants to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache

from maulstick.release.context import Run
from maulstick.release.settings import Options
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.proof.site import AT_ONCE, Verifier

TIMEOUT = 20
"""Seconds that a page may take, unless the playbook says otherwise."""
PATIENCE = 3
"""How many times that it is asked for again before nobody can tell."""


@contextmanager
def live_of(run: Run) -> Iterator[Live]:
    """Yield a run's release for the block; nothing is opened before it is asked for."""
    with ExitStack() as stack:
        yield Live(
            run.subject,
            site_of(run, {}),
            bundle=lambda: run.bundle,
            database=cache(lambda: stack.enter_context(run.reading())),
            machine=lambda: run.host.machine,
        )


def site_of(run: Run, options: Options) -> Web:
    """Return the target's site as its visitors see it who may come in."""
    return replace(web_of(run.place.target.site, run, options), headers=run.place.target.headers)


def web_of(site: str, run: Run, options: Options) -> Web:
    """Return a site as its visitors see it, with the playbook's `timeout`; waiting for it is said."""
    timeout = float(options.get("timeout", TIMEOUT))
    return Web(site, timeout, patience=PATIENCE * timeout, say=run.console.line)


def visitor_of(run: Run, options: Options) -> Verifier:
    """Return who asks the pages of a run, with the playbook's `concurrency`."""
    at_once = int(options.get("concurrency", AT_ONCE))
    return Verifier(run.plugins, run.console, run.place.source.site or "", at_once)
