"""The live site of a release; nothing is asked of it before somebody wants to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache

from maulstick.bundle.names import MANIFEST
from maulstick.console import Console
from maulstick.errors import Problem
from maulstick.hosts.host import Host
from maulstick.project.inventory import Target
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.verify.http import Web
from maulstick.verify.live import Live
from maulstick.verify.proof.site import AT_ONCE, Verifier
from maulstick.verify.response import Unreachable

TIMEOUT = 20
"""Seconds that a page may take, unless the playbook says otherwise."""
PATIENCE = 3
"""How many timeouts a page is asked for again before the answer is given up."""


@contextmanager
def live_of(context: ReleaseContext) -> Iterator[Live]:
    """Yield the release as plugins see it for the block; nothing is opened before it is asked for."""
    with ExitStack() as stack:
        yield Live(
            context.subject,
            site_of(context, {}),
            bundle=context.load_bundle,
            has_bundle=(context.folder / MANIFEST).is_file,
            database=cache(lambda: stack.enter_context(context.reading())),
            machine=lambda: context.host.machine,
        )


def site_of(context: ReleaseContext, options: Options) -> Web:
    """Return the target's site as visitors see it who may come in, with the playbook's `timeout`."""
    timeout = float(options.get("timeout", TIMEOUT))
    return target_site(context.place.target, context.host, context.console, timeout)


def target_site(target: Target, host: Host, console: Console, timeout: float = TIMEOUT) -> Web:
    """Return a target's site as visitors see it who may come in; waiting for it is said.

    Nobody waits for one that is known to have ended: its host is looked at before each wait. One that is
    deployed to may be asleep, and a look at it costs a call.
    """

    def look() -> None:
        try:
            host.look()
        except Problem as problem:
            raise Unreachable(problem.where, problem.what, problem.hint) from None

    web = Web(target.site, timeout, patience=PATIENCE * timeout, say=console.line, headers=target.headers)
    return replace(web, look=look) if host.code is None else web


def web_of(site: str, context: ReleaseContext, options: Options) -> Web:
    """Return a site as its visitors see it, with the playbook's `timeout`; waiting for it is said."""
    timeout = float(options.get("timeout", TIMEOUT))
    return Web(site, timeout, patience=PATIENCE * timeout, say=context.console.line)


def visitor_of(context: ReleaseContext, options: Options) -> Verifier:
    """Return who asks for the pages, with the playbook's `concurrency`."""
    at_once = int(options.get("concurrency", AT_ONCE))
    return Verifier(context.plugins, context.console, context.place.source.site or "", at_once)
