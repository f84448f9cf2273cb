"""Questions to a picture: does a visitor get it, whole, and is it the released one?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from maulstick.media.content_types import is_right
from maulstick.project.declarations import Check, MediaFile
from maulstick.verify.barriers import GONE, age, challenge, gate, refusal
from maulstick.verify.html.loose import is_form
from maulstick.verify.html.page import parse
from maulstick.verify.html.pictures import plain
from maulstick.verify.http import Web
from maulstick.verify.optimisers import is_optimised
from maulstick.verify.proof.addresses import is_neighbour, unfit
from maulstick.verify.proof.likeness import likeness
from maulstick.verify.response import OK, PARTLY, Answer, Unreachable, Wrong

Original = Callable[[MediaFile], Path | None]
"""Tells where a released file lies on this machine."""
WELL = (OK, PARTLY)
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
    if urlsplit(address).query or is_optimised(address):
        return Picture(address, None, ours)
    ends = path.split("/")[3:]
    elsewhere = ("/".join(ends[first:]) for first in range(len(ends) - 1))
    keys = [path.removeprefix(home), *elsewhere]
    return Picture(address, next((released[key] for key in keys if key in released), None), ours)


def nowhere(file: MediaFile) -> None:
    """Know of no file where it lies on this machine."""


def proven(web: Web, picture: Picture, original: Original = nowhere) -> Check:
    """Ask for a picture as a visitor does; a released one must have its bytes, or be it, packed anew."""
    name = f"image {unquote(urlsplit(picture.address).path)}"
    if told := unfit(picture.address, web.site):
        return Check(name, False, *told)
    neighbour = not picture.ours and is_neighbour(picture.address, web.site)
    try:
        size = picture.file.bytes if picture.file else 0
        visitor = replace(web, patience=0) if neighbour else web
        answer = visitor.fetch(picture.address, size)
        says = _no_picture(answer, picture)
        ok, says = (False, says) if says else _compared(visitor, answer, picture, original)
        kept = age(answer.headers) if ok is False else ""
        return Check(name, None, f"{says}; it {kept}") if kept else Check(name, ok, says)
    except Unreachable as problem:
        return Check(name, False if neighbour else None, problem.what, problem.hint)
    except Wrong as problem:
        return Check(name, False, problem.what)


def wrong_status(answer: Answer) -> str:
    """Return in words that an answer refuses a file to every visitor, "" where it gives it.

    Raises Unreachable where it says nothing of the file: a storage that refuses a file speaks XML or
    nothing, and who guards one against us speaks HTML.
    """
    if answer.status in WELL:
        return ""
    says = f"answers {answer.status}"
    if answer.status in GONE or (answer.status == 403 and not _is_page(answer)):
        return says
    raise Unreachable(answer.address, refusal(answer.status, answer.headers) or says)


def require_no_gate(answer: Answer, asked: str) -> None:
    """Raise Unreachable where a page came instead of a file, and it is a login or a challenge."""
    if not _is_page(answer):
        return
    page = parse(answer.body, answer.address, answer.charset)
    says = gate(asked, answer.address) or challenge(page.title, page.html)
    if says or is_form(page):
        raise Unreachable(answer.address, says or "is a login form")


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


def _no_picture(answer: Answer, picture: Picture) -> str:
    """Return in words that an answer is no picture, "" where it is one."""
    if says := wrong_status(answer):
        return says
    if answer.type.startswith("image/"):
        return ""
    require_no_gate(answer, picture.address)
    says = f"is {answer.type or 'of no type'}, no image"
    if is_optimised(picture.address):
        raise Unreachable(picture.address, f"{says}, of a service that sends pictures as it likes")
    return says


def _compared(web: Web, answer: Answer, picture: Picture, original: Original) -> tuple[bool | None, str]:
    file = picture.file
    if file is None:
        return True, f"{answer.size} bytes"
    if answer.sha256 == file.sha256:
        wrong = wrong_type(answer, file)
        return not wrong, wrong or f"{answer.size} bytes as released"
    return likeness(answer.body or web.whole(picture.address).body, file, original(file))


def _is_page(answer: Answer) -> bool:
    return answer.type in ("text/html", "application/xhtml+xml")


def _unquoted(address: str) -> str:
    query = urlsplit(address).query
    return plain(address) + (f"?{query}" if query else "")
