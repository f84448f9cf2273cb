"""Connections to a target's database: who only reads there, and who releases."""

from __future__ import annotations

from contextlib import AbstractContextManager
from urllib.parse import unquote

from maulstick.errors import Problem
from maulstick.hosts.environment import DATABASE
from maulstick.hosts.host import Host
from maulstick.postgres.connection import Database, connect
from maulstick.postgres.connections import Connections
from maulstick.project.dsn import parse
from maulstick.project.inventory import Target


def releasing(
    target: Target, host: Host, *, read_only: bool = False, kept: Connections | None = None
) -> AbstractContextManager[Database]:
    """Open a connection that may release: with the rights of `database_user`, whoever logs in.

    Among the connections `kept` by a command, one that goes there already is used.
    """
    where, opened = f"database of {target.name}", connect if kept is None else kept.lend
    return opened(host.database, where, read_only=read_only, role=target.database_user)


def reading(
    target: Target, host: Host, *, read_only: bool = False, kept: Connections | None = None
) -> AbstractContextManager[Database]:
    """Open a connection for what only reads: to `plan_database` where the inventory has one."""
    if target.plan_database is None:
        return releasing(target, host, read_only=read_only, kept=kept)
    where, opened = f"database of {target.name} (plan_database)", connect if kept is None else kept.lend
    return opened(host.plan_database, where, read_only=read_only)


def releaser(target: Target, host: Host) -> str | None:
    """Return the role that releases, where it is another than the one that reads; None if nobody knows."""
    if target.plan_database is None:
        return None
    if target.database_user is not None:
        return target.database_user
    try:
        url = host.environment.get(DATABASE)
    except Problem:  # whoever may only plan
        return None
    address = parse(url.reveal()) if url else None
    return unquote(address.user) if address and address.user else None
