"""The way to an app's database: by which proxy, with whose rights, and woken where it sleeps."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial

from maulstick.errors import Problem
from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.fly.machines import start_all
from maulstick.hosts.fly.proxy import POSTGRES_SSL_REQUEST, answers, app_of, managed_proxy, proxy
from maulstick.hosts.fly.refusals import FlyProblem
from maulstick.hosts.loopback import HERE, POSTGRES, at_home, host_and_port
from maulstick.redact import Secret

FLYCAST, INTERNAL, SIX_PN = ".flycast", ".internal", "fdaa:"
MANAGED = re.compile(r"(?:pgbouncer|direct)\.([a-z0-9-]+)\.flympg\.net")
PROBE_SECONDS = 5.0
WOKEN_SECONDS = 90.0

Say = Callable[[str], None]


class Tunnels:
    """Ways to private databases: opened when needed, again where one died, closed with `stack`."""

    def __init__(self, fly: Fly, database_app: str, stack: ExitStack, say: Say) -> None:
        self.fly, self.database_app, self.stack, self.say = fly, database_app, stack, say
        self._open: dict[tuple[str, int], tuple[ExitStack, int]] = {}

    def lead(self, url: Secret) -> Secret:
        """Return an address that reaches this database from here; a public one stays as it is."""
        host, port = host_and_port(url)
        if not is_private(host):
            return url
        return at_home(url, self._port(host, port))

    def _port(self, host: str, port: int) -> int:
        stack, local = self._open.pop((host, port), (None, 0))
        if stack is None or not answers(local, POSTGRES_SSL_REQUEST, PROBE_SECONDS):
            if stack is not None:
                self.say(f"the way to {host} is gone: opening it again")
                stack.close()
            stack = self.stack.enter_context(ExitStack())
            local = _opened(stack, self.fly, host, port, self.database_app, self.say)
        self._open[host, port] = stack, local
        return local


def is_private(host: str) -> bool:
    """Return whether only Fly's own network knows this host."""
    return bool(host.endswith((FLYCAST, INTERNAL)) or host.startswith(SIX_PN) or MANAGED.fullmatch(host))


def _opened(stack: ExitStack, fly: Fly, host: str, port: int, database_app: str, say: Say) -> int:
    if managed := MANAGED.fullmatch(host):
        return _managed(stack, fly, managed[1], say)
    inside = host.removesuffix(FLYCAST) + INTERNAL if host.endswith(FLYCAST) else host
    app = database_app or app_of(inside) or fly.app
    wake = partial(_woken, fly.of(app), say)
    try:
        return stack.enter_context(proxy(fly, inside, port, late=wake))
    except FlyProblem as problem:
        if problem.kind not in ("rights", "no name"):
            raise
        first = problem
    if first.kind == "no name" and wake():
        return _awake(stack, fly, inside, port, say)
    if app == fly.app:
        raise first
    say(f"{first.what}: trying {app}")
    return _by_database_app(stack, fly.of(app), port, wake, first)


def _awake(stack: ExitStack, fly: Fly, host: str, port: int, say: Say) -> int:
    began = time.monotonic()
    local = stack.enter_context(proxy(fly, host, port, patience=WOKEN_SECONDS))
    say(f"{app_of(host)} is awake ({time.monotonic() - began:.0f} s)")
    return local


def _by_database_app(
    stack: ExitStack, fly: Fly, port: int, wake: Callable[[], bool], first: FlyProblem
) -> int:
    try:
        return stack.enter_context(proxy(fly, f"{fly.app}{INTERNAL}", port, late=wake))
    except FlyProblem as second:
        what = f"the database cannot be reached: {first.what}; by {fly.app}: {second.what}"
        raise FlyProblem("fly proxy", what, second.hint, kind=second.kind) from second


def _managed(stack: ExitStack, fly: Fly, cluster: str, say: Say) -> int:
    try:
        return _any_port(stack, fly, cluster)
    except FlyProblem as problem:
        if problem.kind not in ("rights", "old"):
            raise
        first = problem
    # Not established (docs/fly-facts.md): its name is known on the network of the organization's apps.
    say(f"{first.what}: trying the rights of {fly.app}")
    try:
        return stack.enter_context(proxy(fly, f"direct.{cluster}.flympg.net", POSTGRES))
    except FlyProblem:
        raise first from None


def _any_port(stack: ExitStack, fly: Fly, cluster: str) -> int:
    try:
        return stack.enter_context(managed_proxy(fly, cluster, 0))
    except FlyProblem as problem:
        if problem.kind != "other":
            raise
    # Not established (docs/fly-facts.md): 0 may not be read as any port that is free.
    with socket.create_server((HERE, 0)) as free:
        port = int(free.getsockname()[1])
    return stack.enter_context(managed_proxy(fly, cluster, port))


def _woken(fly: Fly, say: Say) -> bool:
    """Start a database's machines where all of them sleep; False where none had to or may be started."""
    with suppress(Problem):  # Who has no rights for it may still reach one that is awake.
        return start_all(fly, say)
    return False
