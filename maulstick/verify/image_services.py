"""Addresses of services that send a picture in another size or packing: the picture's own is inside them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from maulstick.verify.html.pictures import plain

WHOLE = re.compile(r"[a-z]+:/{1,2}(?=[^/])", re.IGNORECASE)
ENCODED = re.compile(r"[A-Za-z0-9_-]{16,}={0,2}")
KNOWN = re.compile(
    r"/(cdn-cgi/(image|imagedelivery)|_next/image|_vercel/image|_ipx|ipx|_image|\.netlify/images|unsafe"
    r"|insecure|imgproxy|imagor|thumbor|image/fetch|image/upload|fit-in|rs:[^/]*|resize:[^/]*|tr:[^/]*)(/|$)",
    re.IGNORECASE,
)


def is_optimised(address: str) -> bool:
    """Return whether an address is one of a service that sends pictures as it likes."""
    parts = urlsplit(address)
    return bool(KNOWN.search(unquote(parts.path))) or any("/" in text for text in _inside(address))


def sends(address: str, picture: str, site: str) -> bool:
    """Return whether an address on a page of `site` is a service's for a picture with that plain address."""
    hosted, path = picture.partition("://")[2], urlsplit(picture).path
    for said in _inside(address):
        text = said.partition("?")[0]
        if f"/{text}".endswith(f"/{hosted}") or f"/{text.rpartition('@')[0]}".endswith(f"/{hosted}"):
            return True
        if plain(_joined(site, text)) == picture:
            return True
    asked = unquote(urlsplit(address).path)
    if asked.endswith(f"/{hosted}"):
        return True
    return bool(KNOWN.search(asked)) and asked.partition("@")[0].endswith(path)


def _inside(address: str) -> Iterator[str]:
    """Yield what an address holds of other addresses: in its query, in its path, plain or packed."""
    parts = urlsplit(address)
    yield from (said for _, said in parse_qsl(parts.query) if "/" in said)
    path = unquote(parts.path)
    yield from (path[found.end() :] for found in WHOLE.finditer(path))
    packed = (_unpacked(part.partition(".")[0].partition("@")[0]) for part in path.split("/"))
    yield from (said for said in packed if "/" in said)


def _joined(site: str, said: str) -> str:
    try:
        return urljoin(f"{site.rstrip('/')}/", said)
    except ValueError:
        return ""


def _unpacked(part: str) -> str:
    """Return what a part of a path says in the URL-safe alphabet of base64, "" where it says nothing."""
    if not ENCODED.fullmatch(part):
        return ""
    try:
        text = base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
    return text if text.isprintable() else ""
