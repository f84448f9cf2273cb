"""What lets a visitor into a site behind a login: headers of the inventory, or a user and a password."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from maulstick.project.addresses import site_address
from maulstick.project.mistakes import Mistake
from maulstick.redact import Secret

BASIC = 'basic_auth = "${USER}:${PASSWORD}"'
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110, 5.6.2)."""
OURS = (
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "range",
    "transfer-encoding",
)


@dataclass(frozen=True, slots=True)
class Door:
    """A site's address, which people see, and the user and the password that stood in it."""

    address: str
    user: str | None = field(default=None, repr=False)


def door(text: str) -> Door:
    """Return a site and who we are there: its address keeps no password."""
    user = _user(text)
    if user is None:
        return Door(site_address(text))
    scheme, _, rest = text.partition("://")
    return Door(site_address(f"{scheme}://{rest.partition('@')[2]}"), user)


def _user(address: str) -> str | None:
    """Return the user and the password in an address, None where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    login, at, _ = parts.netloc.rpartition("@")
    return unquote(login) if at and parts.scheme in ("http", "https") and "@" not in login else None


def user_and_password(text: str) -> str:
    """Return a user, a colon and a password."""
    if ":" not in text:
        raise Mistake("should be a user, a colon and a password", BASIC)
    return text


def header_name(name: str) -> str:
    """Return the name of a header that may be sent."""
    if not TOKEN.fullmatch(name):
        raise Mistake("is not a header's name", "such as CF-Access-Client-Id")
    if name.lower() in OURS:
        raise Mistake("is sent by itself", "take it out")
    return name


def header_value(text: str) -> str:
    """Return what a header may say."""
    if not text.isascii():
        raise Mistake("holds a letter that no header may", "write it in ASCII")
    if not text.isprintable():
        raise Mistake("holds the end of a line or a control character", "write it on one line")
    return text


def names_us(headers: Mapping[str, object]) -> bool:
    """Return whether headers say who we are."""
    return any(name.lower() == "authorization" for name in headers)


def authorization(user: str) -> Secret:
    """Return the header by which a user and a password are said."""
    text = user if ":" in user else f"{user}:"
    return Secret(f"Basic {b64encode(text.encode()).decode()}")
