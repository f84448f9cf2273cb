"""A database's address moved to a port of this computer that leads to it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit, urlunsplit

from maulstick.errors import usage
from maulstick.redact import Secret, with_address

HERE = "127.0.0.1"
POSTGRES = 5432
# No certificate names 127.0.0.1; a root certificate goes with the name check.
WEAKER = {"verify-full": "require", "verify-ca": "require"}
DEFAULT = "sslmode=prefer"


def host_and_port(url: Secret) -> tuple[str, int]:
    """Return the host and the port in an address of a database; the host is "" where it names none."""
    try:
        parts = urlsplit(url.reveal())
        return parts.hostname or "", parts.port or POSTGRES
    except ValueError:
        pass  # Its text may hold a part of the password, so nothing is raised from it.
    hint = "in a password write %23 for #, %2F for /, %3F for ? and %40 for @"
    raise usage("DATABASE_URL", "is not an address: its port is not a number", hint)


def at_home(url: Secret, port: int) -> Secret:
    """Return an address moved to a port of 127.0.0.1; `sslmode` asks no more of it than it can give."""
    host_and_port(url)  # what is not an address is refused, without a word of it
    parts = urlsplit(with_address(url, HERE, port).reveal())
    options = [option.partition("=") for option in parts.query.split("&") if option]
    kept = [
        f"{name}={WEAKER.get(value, value) if name == 'sslmode' else value}"
        for name, _, value in options
        if (name, value) != ("sslrootcert", "system")
    ]
    if not any(name == "sslmode" for name, _, _ in options):
        kept.append(DEFAULT)
    return Secret(urlunsplit(SplitResult(parts.scheme, parts.netloc, parts.path, "&".join(kept), "")))
