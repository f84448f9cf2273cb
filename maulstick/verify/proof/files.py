"""Questions to pictures, sounds, films and other files: does a visitor get them, as they were released?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from maulstick.media.content_types import is_right
from maulstick.media.local_addresses import is_lost
from maulstick.project.declarations import Check, MediaFile
from maulstick.verify.barriers import GONE, age, challenge, gate, refusal
from maulstick.verify.html.page import parse
from maulstick.verify.html.scripted import is_login_form
from maulstick.verify.http import Web
from maulstick.verify.image_services import is_optimised
from maulstick.verify.proof.addresses import AS_IT_IS, Picture, is_neighbour, unfit
from maulstick.verify.proof.likeness import likeness
from maulstick.verify.response import OK, PARTLY, SiteResponse, Unreachable, Wrong

Original = Callable[[MediaFile], Path | None]
"""Returns where a released file lies on this machine."""
WELL = (OK, PARTLY)
WHOLE = 16 << 20
"""Bytes of the largest file that is always read whole."""
PIECE = 1 << 16
"""Bytes that are asked for of what only has to be there."""
EMPTY = 416
"""An empty file has no part that could be asked for."""


def nowhere(file: MediaFile) -> None:
    """Know of no file where it lies on this machine."""


def proven(web: Web, picture: Picture, original: Original = nowhere) -> Check:
    """Ask for a picture as a visitor does; a released one must have its bytes, or be it, recompressed."""
    name = f"image {unquote(urlsplit(picture.address).path)}"
    if unfitness := unfit(picture.address, web.site):
        return Check(name, False, *unfitness)
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


def delivered(
    web: Web, file: MediaFile, public: str, *, whole: bool = True, original: Original = nowhere
) -> Check:
    """Ask for a file as a visitor does: it must have its type and its bytes, or be its picture recompressed.

    Of a large one that need not be read `whole`, both ends and its length are asked for.
    """
    name, address = f"file {file.key}", f"{public}/{quote(file.key, safe=AS_IT_IS)}"
    if unfitness := unfit(address, web.site):
        return Check(name, False, *unfitness)
    at_its_ends = not whole and file.bytes > WHOLE
    try:
        if not at_its_ends:
            return Check(name, *_whole(web, address, file, original))
        wrong = _wrong_ends(web, address, file)
    except Unreachable as problem:
        return Check(name, None, problem.what, problem.hint)
    except Wrong as problem:
        return Check(name, False, problem.what, problem.hint)
    return Check(name, not wrong, wrong or f"{file.bytes} bytes by both its ends")


def heard(web: Web, sound: Picture) -> Check:
    """Ask for a sound that a page plays: it must be there, and be the released one where it promises that."""
    name = f"sound {unquote(urlsplit(sound.address).path)}"
    if unfitness := unfit(sound.address, web.site):
        return Check(name, False, *unfitness)
    neighbour = not sound.ours and is_neighbour(sound.address, web.site)
    try:
        visitor = replace(web, patience=0) if neighbour else web
        answer = (
            visitor.fetch(sound.address, sound.file.bytes)
            if sound.file
            else visitor.part(sound.address, 0, PIECE - 1)
        )
        says = _wrong(answer, sound.file, sound.address) if sound.file else _missing(answer)
        return Check(name, not says, says or "is there")
    except Unreachable as problem:
        return Check(name, False if neighbour else None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)


def elsewhere(web: Web, address: str) -> Check:
    """Ask for a full address that a row names: whatever is there, a visitor must get it."""
    name = f"address {address}"
    if web.site and is_lost(address, web.site):
        return Check(name, False, f"visitors of {web.site} cannot reach it")
    neighbour = is_neighbour(address, web.site)
    try:
        says = _missing((replace(web, patience=0) if neighbour else web).part(address, 0, PIECE - 1))
        return Check(name, not says, says or "is there")
    except Unreachable as problem:
        return Check(name, False if neighbour else None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)


def wrong_status(answer: SiteResponse) -> str:
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


def require_no_gate(answer: SiteResponse, asked: str) -> None:
    """Raise Unreachable where a page came instead of a file, and it is a login or a challenge."""
    if not _is_page(answer):
        return
    page = parse(answer.body, answer.address, answer.charset)
    says = gate(asked, answer.address) or challenge(page.title, page.html)
    if says or is_login_form(page):
        raise Unreachable(answer.address, says or "is a login form")


def wrong_type(answer: SiteResponse, file: MediaFile) -> str:
    """Return in words that an answer has another type than a file, "" where it has not."""
    if is_right(answer.type, file.key, file.type):
        return ""
    return f"is {answer.type or 'of no type'}, released was {file.type}"


def wrong_bytes(answer: SiteResponse, file: MediaFile) -> str:
    """Return in words that an answer has other bytes than a file, "" where it has not."""
    return (
        "" if answer.sha256 == file.sha256 else f"has other bytes: {answer.size}, released were {file.bytes}"
    )


def _no_picture(answer: SiteResponse, picture: Picture) -> str:
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


def _compared(
    web: Web, answer: SiteResponse, picture: Picture, original: Original
) -> tuple[bool | None, str]:
    file = picture.file
    if file is None:
        return True, f"{answer.size} bytes"
    if answer.sha256 == file.sha256:
        wrong = wrong_type(answer, file)
        return not wrong, wrong or f"{answer.size} bytes as released"
    return likeness(answer.body or web.whole(picture.address).body, file, original(file))


def _is_page(answer: SiteResponse) -> bool:
    return answer.type in ("text/html", "application/xhtml+xml")


def _missing(answer: SiteResponse) -> str:
    return "" if answer.status == EMPTY else wrong_status(answer)


def _wrong_ends(web: Web, address: str, file: MediaFile) -> str:
    """Find what is wrong with a file's length and type, "" where both of its ends are there."""
    for first in (0, file.bytes - PIECE):
        answer = web.part(address, first, first + PIECE - 1)
        part = answer.status == PARTLY
        length = answer.headers.get("content-range", "").rpartition("/")[2] if part else _length(answer)
        if not part and length is None:
            return _wrong(web.fetch(address, file.bytes), file, address)
        if wrong := _wrong_head(answer, file, address) or _wrong_length(str(length), file):
            return wrong
        if not part:  # some servers send all of it, of which no more was read
            return ""
        if answer.size != PIECE:
            return _wrong_length(str(first + answer.size), file)
    return ""


def _whole(web: Web, address: str, file: MediaFile, original: Original) -> tuple[bool | None, str]:
    answer = web.fetch(address, file.bytes)
    image = file.type.startswith("image/") and answer.type.startswith("image/")
    if image and answer.status == OK and answer.sha256 != file.sha256:
        return likeness(answer.body or web.whole(address).body, file, original(file))
    wrong = _wrong(answer, file, address)
    return not wrong, wrong or f"{file.bytes} bytes as released"


def _wrong(answer: SiteResponse, file: MediaFile, asked: str) -> str:
    return _wrong_head(answer, file, asked) or wrong_bytes(answer, file)


def _wrong_head(answer: SiteResponse, file: MediaFile, asked: str) -> str:
    if says := wrong_status(answer):
        return says
    if says := wrong_type(answer, file):
        require_no_gate(answer, asked)
    return says


def _wrong_length(there: str, file: MediaFile) -> str:
    return "" if there == str(file.bytes) else f"has other bytes: {there}, released were {file.bytes}"


def _length(answer: SiteResponse) -> str | None:
    """Return how long all of an answer is, None where its headers do not say."""
    return None if answer.headers.get("content-encoding") else answer.headers.get("content-length")
