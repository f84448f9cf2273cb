"""Addresses in the inventory: those that people may see and those that they may not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from maulstick.project import dsn
from maulstick.project.mistakes import Mistake, should_be

DATABASE = "postgresql://localhost/olivia_dev"
STAGING = "s3://olivia-staging/uploads"

_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
_SERVER = re.compile(r"(\[[0-9a-fA-F:.]+\]|\w[\w.-]*)(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A bucket of the target's own storage, and what the keys of files begin with in it."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def bucket_place(text: str) -> BucketPlace:
    """Return a place in a bucket, `s3://BUCKET/PREFIX`; its prefix is empty or ends with a slash."""
    place = _BUCKET.fullmatch(text)
    if place is None:
        hint = "a folder of this machine goes under media_root"
        raise should_be(f'a bucket and what its keys begin with, such as "{STAGING}"', hint)
    prefix = (place[2] or "").strip("/")
    return BucketPlace(place[1], f"{prefix}/" if prefix else "")


def site_address(text: str) -> str:
    """Return the address of a site without a slash at its end; it may hold no user and no password."""
    parts = _split(text)
    if parts and "@" in parts.netloc:
        what = "holds a user or a password, and this address is shown to people"
        raise Mistake(what, "give the address as visitors use it")
    if not parts or not _is_site(parts):
        raise should_be('an address such as "https://oliviatew.co.uk"')
    return text.rstrip("/")


def database_address(text: str) -> str:
    """Return the address of a database, which may hold a password and is never shown."""
    if dsn.is_words(text):
        return text
    parts = _split(text)
    if not parts or not dsn.SCHEME.match(text):
        raise Mistake(f'should be an address such as "{DATABASE}"', "user, host and name in one")
    if parts.fragment or "@" in parts.path + parts.query or parts.netloc.count("@") > 1:
        what = "holds one of # / ? @ where it means something else"
        raise Mistake(what, "in a password write %23 for #, %2F for /, %3F for ?, %40 for @")
    return text


def _is_site(parts: SplitResult) -> bool:
    plain = not parts.query and not parts.fragment
    return plain and parts.scheme in ("http", "https") and bool(_SERVER.fullmatch(parts.netloc))


def _split(value: str) -> SplitResult | None:
    try:
        return None if " " in value else urlsplit(value)
    except ValueError:
        return None
