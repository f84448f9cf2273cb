"""Addresses of files: which are asked for, and whether a visitor's browser can ask for them at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from maulstick.project.declarations import MediaFile
from maulstick.verify.html.pictures import plain
from maulstick.verify.http import is_inside
from maulstick.verify.image_services import is_optimised

PATH_STYLE = ("fly.storage.tigris.dev", "t3.storage.dev")
"""Tigris answers 403 to addresses of this form (docs/fly-facts.md, "Tigris")."""
AS_IT_IS = "/!(),:;=@~*'$&"
"""What may stand in a path as it is; to some servers a plus sign is a blank."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a visitor asks for it; `file` is the released one, None for any other.

    `ours` says that it is where files are released to.
    """

    address: str
    file: MediaFile | None
    ours: bool


def unfit(address: str, site: str) -> tuple[str, str] | None:
    """Find what is wrong with an address on a page of `site`, with a hint; None where nothing is."""
    parts = urlsplit(address)
    if parts.hostname in PATH_STYLE:
        return (
            "its address is path-style, which Tigris refuses",
            "set S3_PUBLIC_URL to the bucket's own host name",
        )
    if not site:
        return None
    if is_inside(address) and not is_inside(site):
        return f"{address} is known to this machine only", f"is it meant to be on {site}?"
    if parts.scheme == "http" and urlsplit(site).scheme == "https":
        return f"{address} is not encrypted on an encrypted page", "browsers may refuse it"
    return None


def is_neighbour(address: str, site: str) -> bool:
    """Return whether an address is another server's on the machine or network of a site that is inside."""
    return is_inside(address) and urlsplit(address).netloc != urlsplit(site).netloc


def public_address(path: str, public: str) -> str:
    """Find where visitors find a file that a row names, in the form of `plain`."""
    if path.lower().startswith(("http://", "https://")):
        return plain(path)
    return f"{plain(public)}/{path.removeprefix('/')}"


def pictures(shown: Iterable[str], media: Iterable[MediaFile], public: str) -> list[Picture]:
    """Return what to ask for: each picture of the pages, and each released one that no page shows."""
    released = {file.key: file for file in media}
    # Pages differ in what they quote.
    shown_from = {_unquoted(address): named(address, released, public) for address in shown}
    for key, file in released.items():
        if file.type.startswith("image/") and public_address(key, public) not in shown_from:
            shown_from[public_address(key, public)] = Picture(
                f"{public}/{quote(key, safe=AS_IT_IS)}", file, ours=True
            )
    return sorted(shown_from.values(), key=lambda picture: picture.address)


def sounds(shown: Iterable[str], media: Iterable[MediaFile], public: str) -> list[Picture]:
    """Return the sounds and films of pages to ask for, but those that are asked for as released files."""
    released = {file.key: file for file in media}
    own = {public_address(key, public) for key in released}
    played = {plain(address): named(address, released, public) for address in shown}
    return [played[address] for address in sorted(played.keys() - own)]


def others(media: Iterable[MediaFile]) -> list[MediaFile]:
    """List the files that are no pictures."""
    return [file for file in media if not file.type.startswith("image/")]


def named(address: str, released: Mapping[str, MediaFile], public: str) -> Picture:
    """Return what a page names, with the released file that the address must give.

    An address elsewhere that ends in a released key promises that file too. One with a query may ask for
    another size of it.
    """
    path, home = plain(address), f"{plain(public)}/"
    ours = path.startswith(home)
    if urlsplit(address).query or is_optimised(address):
        return Picture(address, None, ours)
    ends = path.split("/")[3:]
    elsewhere = ("/".join(ends[first:]) for first in range(len(ends) - 1))
    keys = [path.removeprefix(home), *elsewhere]
    return Picture(address, next((released[key] for key in keys if key in released), None), ours)


def _unquoted(address: str) -> str:
    query = urlsplit(address).query
    return plain(address) + (f"?{query}" if query else "")
