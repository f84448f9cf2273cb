"""An address of a database as libpq takes it, and a connection to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import pq

from maulstick.errors import Problem
from maulstick.postgres.sql_problem import one_line
from maulstick.project.dsn import as_libpq, passwords_of
from maulstick.redact import Secret, hide

CONNECT_TIMEOUT = 15
UNREACHED = {
    r"does not support SSL": "this server has no encryption: sslmode=disable in the address goes without",
    r"SSL off|no encryption": "this server wants encryption: sslmode=require in the address",
    r"certificate": "sslrootcert in the address names the file of root certificates that it is checked by",
    r"password": "are user and password right? in a password write %23 for #, %2F for / and %40 for @",
    r"role \"[^\"]*\" does not exist": "is the user in the address right?",
    r"database \"[^\"]*\" does not exist": "is the name at the end of the address right?",
    r"too many|connection slots": "the server lends no more connections: try again when others have ended",
    r"translate host name|not known": "is the host in the address right, and can it be reached from here?",
}
"""Parts of what libpq or a server says where no connection comes about, and what to do."""


def libpq_address(url: Secret) -> tuple[Secret, Sequence[str]] | None:
    """Return an address as libpq takes it, and what to say about the rest; None if it is not an address."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    found = as_libpq(url.reveal(), known)
    return found and (Secret(found[0]), found[1])


def settings_of(url: Secret) -> Mapping[str, str]:
    """Return what libpq takes from an address, and from the environment where the address does not say."""
    address = libpq_address(url)
    try:
        given = pq.Conninfo.parse((url if address is None else address[0]).reveal().encode())
    except psycopg.Error:
        given = []
    options = [*pq.Conninfo.get_defaults(), *given]
    return {one.keyword.decode(): one.val.decode() for one in options if one.val is not None}


def open_connection(url: Secret, where: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection; raise a problem that shows no password if it fails."""
    address = libpq_address(url)
    url = url if address is None else address[0]
    try:
        return psycopg.connect(
            url.reveal(),
            connect_timeout=CONNECT_TIMEOUT,
            prepare_threshold=None,
            autocommit=True,
            client_encoding="UTF8",
            fallback_application_name="maulstick",
        )
    except psycopg.Error as error:
        says = hide(one_line(str(error)), *passwords_of(url), url)
        known = (hint for part, hint in UNREACHED.items() if re.search(part, says))
        hint = next(known, "is the server running, and is the address right?")
        raise Problem(where, f"cannot be reached: {says}", hint) from None
