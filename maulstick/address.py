"""Addresses in the inventory: those that people may see and those that they may not."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from maulstick.errors import usage
from maulstick.redact import Secret
from maulstick.toml import Section

DATABASE = "postgresql://localhost/olivia_dev"

_SERVER = re.compile(r"(\[[0-9a-fA-F:.]+\]|\w[\w.-]*)(:[0-9]{1,5})?")


def site_address(section: Section, key: str) -> str | None:
    """Return the address of a site without a slash at its end; it may hold no user and no password."""
    value = section.text(key)
    if value is None:
        return None
    parts = _split(value)
    if parts and "@" in parts.netloc:
        what = "holds a user or a password, and this address is shown to people"
        raise usage(section.at(key), what, "give the address as visitors use it")
    if not parts or not _is_site(parts):
        raise section.wrong(key, 'an address such as "https://oliviatew.co.uk"')
    return value.rstrip("/")


def database_address(section: Section, key: str) -> Secret | None:
    """Return the address of a database, which may hold a password and is never shown."""
    value = section.text(key)
    if value is None:
        return None
    parts = _split(value)
    if not parts or parts.scheme not in ("postgresql", "postgres"):
        what = f'should be an address such as "{DATABASE}"'
        raise usage(section.at(key), what, "user, host and name in one")
    if parts.fragment or "@" in parts.path + parts.query or parts.netloc.count("@") > 1:
        what = "holds one of # / ? @ where it means something else"
        raise usage(section.at(key), what, "in a password write %23 for #, %2F for /, %3F for ?, %40 for @")
    return Secret(value)


def _is_site(parts: SplitResult) -> bool:
    plain = not parts.query and not parts.fragment
    return plain and parts.scheme in ("http", "https") and bool(_SERVER.fullmatch(parts.netloc))


def _split(value: str) -> SplitResult | None:
    try:
        return None if " " in value else urlsplit(value)
    except ValueError:
        return None
