"""What lets a visitor into a site behind a login: headers of the inventory, or a user and a password."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from maulstick.address import site_address
from maulstick.errors import usage
from maulstick.redact import Secret
from maulstick.toml import Section

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


def admitted_site(section: Section) -> tuple[str | None, Mapping[str, Secret]]:
    """Return a target's site, and the headers that let us in; the site's address keeps no password."""
    if "site" not in section.values:
        return None, _headers(section, None)
    address = section.text("site") or ""
    user = _user(address)
    if user is None:
        return site_address(section, "site"), _headers(section, None)
    scheme, _, rest = address.partition("://")
    bare = Section(section.where, {**section.values, "site": f"{scheme}://{rest.partition('@')[2]}"})
    return site_address(bare, "site"), _headers(section, user)


def _user(address: str) -> str | None:
    """Return the user and the password in an address, None where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    named, at, _ = parts.netloc.rpartition("@")
    return unquote(named) if at and parts.scheme in ("http", "https") and "@" not in named else None


def _headers(section: Section, user: str | None) -> Mapping[str, Secret]:
    found = dict(_written(section)) if "headers" in section.values else {}
    basic = section.text("basic_auth")
    if basic is not None:
        if ":" not in basic:
            raise usage(section.at("basic_auth"), "should be a user, a colon and a password", BASIC)
        if user is not None:
            raise usage(section.at("basic_auth"), "stands beside a user in site", "one of them is enough")
        user = basic
    if user is None:
        return found
    if any(name.lower() == "authorization" for name in found):
        where = section.at("headers" if basic is None else "basic_auth")
        raise usage(where, "says twice who we are", "take Authorization out of the headers, or the user out")
    text = user if ":" in user else f"{user}:"
    return {**found, "Authorization": Secret(f"Basic {b64encode(text.encode()).decode()}")}


def _written(section: Section) -> Iterator[tuple[str, Secret]]:
    headers = section.table("headers", f"write [{'.'.join(section.where.split('/')[1:])}.headers]")
    for name in headers.values:
        if not TOKEN.fullmatch(name):
            raise usage(headers.at(name), "is no header's name", "such as CF-Access-Client-Id")
        if name.lower() in OURS:
            raise usage(headers.at(name), "is sent by itself", "take it out")
        said = headers.needed(name, f'its value, best from the environment: {name} = "${{NAME}}"')
        if not said.isascii():
            raise usage(headers.at(name), "holds a letter that no header may", "write it in ASCII")
        yield name, Secret(said)
