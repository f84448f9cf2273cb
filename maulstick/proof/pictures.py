"""Questions to a picture: does a visitor get it, whole, and is it the released one?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from maulstick.content import Check, MediaFile
from maulstick.media_types import is_right
from maulstick.page import plain
from maulstick.proof.addresses import is_neighbour, unfit
from maulstick.web import Answer, Unreachable, Web, Wrong

AS_IT_IS = "/!(),:;=@~*'$&"
"""What may stand in a path as it is; to some servers a plus sign is a blank."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a visitor asks for it; `file` is the released one, None for any other.

    `ours` tells that it is where files are released to.
    """

    address: str
    file: MediaFile | None
    ours: bool


def public_address(path: str, public: str) -> str:
    """Return where visitors find a file that a row names, in the form of `plain`."""
    if path.lower().startswith(("http://", "https://")):
        return plain(path)
    return f"{plain(public)}/{path.removeprefix('/')}"


def pictures(shown: Iterable[str], media: Iterable[MediaFile], public: str) -> list[Picture]:
    """Return what to ask for: each picture of the pages, and each released one that no page shows."""
    released = {file.key: file for file in media}
    # Pages differ in what they quote.
    found = {_unquoted(address): named(address, released, public) for address in shown}
    for key, file in released.items():
        if file.type.startswith("image/") and public_address(key, public) not in found:
            found[public_address(key, public)] = Picture(
                f"{public}/{quote(key, safe=AS_IT_IS)}", file, ours=True
            )
    return sorted(found.values(), key=lambda one: one.address)


def named(address: str, released: Mapping[str, MediaFile], public: str) -> Picture:
    """Return what a page names, with the released file that the address must give.

    An address elsewhere that ends in a released key promises that file too. One with a query may ask for
    another size of it.
    """
    path, home = plain(address), f"{plain(public)}/"
    ours = path.startswith(home)
    if urlsplit(address).query:
        return Picture(address, None, ours)
    ends = path.split("/")[3:]
    elsewhere = ("/".join(ends[first:]) for first in range(len(ends) - 1))
    keys = [path.removeprefix(home), *elsewhere]
    return Picture(address, next((released[key] for key in keys if key in released), None), ours)


def proven(web: Web, picture: Picture) -> Check:
    """Ask for a picture as a visitor does; a released one must have its bytes."""
    name = f"image {unquote(urlsplit(picture.address).path)}"
    if told := unfit(picture.address, web.site):
        return Check(name, False, *told)
    neighbour = not picture.ours and is_neighbour(picture.address, web.site)
    try:
        size = picture.file.bytes if picture.file else 0
        answer = (replace(web, patience=0) if neighbour else web).fetch(picture.address, size)
    except Unreachable as problem:
        return Check(name, False if neighbour else None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    wrong = _wrong(answer, picture.file)
    return Check(name, not wrong, wrong or f"{answer.size} bytes" + (" as released" if picture.file else ""))


def wrong_type(answer: Answer, file: MediaFile) -> str:
    """Return in words that an answer has another type than a file, "" where it has not."""
    if is_right(answer.type, file.key, file.type):
        return ""
    return f"is {answer.type or 'of no type'}, released was {file.type}"


def wrong_bytes(answer: Answer, file: MediaFile) -> str:
    """Return in words that an answer has other bytes than a file, "" where it has not."""
    return (
        "" if answer.sha256 == file.sha256 else f"has other bytes: {answer.size}, released were {file.bytes}"
    )


def _wrong(answer: Answer, file: MediaFile | None) -> str:
    if answer.status != 200:
        return f"answers {answer.status}"
    if not answer.type.startswith("image/"):
        return f"is {answer.type or 'of no type'}, no image"
    return "" if file is None else wrong_bytes(answer, file) or wrong_type(answer, file)


def _unquoted(address: str) -> str:
    query = urlsplit(address).query
    return plain(address) + (f"?{query}" if query else "")
