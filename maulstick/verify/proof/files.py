"""Questions to sounds, films and other files: those that were released, and what pages and rows name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, unquote, urlsplit

from maulstick.media.local_addresses import is_lost
from maulstick.project.declarations import Check, MediaFile
from maulstick.verify.html.pictures import plain
from maulstick.verify.http import Web
from maulstick.verify.proof.addresses import is_neighbour, unfit
from maulstick.verify.proof.likeness import likeness
from maulstick.verify.proof.pictures import (
    AS_IT_IS,
    Original,
    Picture,
    named,
    nowhere,
    public_address,
    require_no_gate,
    wrong_bytes,
    wrong_status,
    wrong_type,
)
from maulstick.verify.response import OK, PARTLY, Answer, Unreachable, Wrong

WHOLE = 16 << 20
"""Bytes of the largest file that is always read whole."""
PIECE = 1 << 16
"""Bytes that are asked for of what only has to be there."""
EMPTY = 416
"""An empty file has no part that could be asked for."""


def others(media: Iterable[MediaFile]) -> list[MediaFile]:
    """Return the files that are no pictures."""
    return [file for file in media if not file.type.startswith("image/")]


def delivered(
    web: Web, file: MediaFile, public: str, *, whole: bool = True, original: Original = nowhere
) -> Check:
    """Ask for a file as a visitor does: it must have its type and its bytes, or be its picture packed anew.

    Of a large one that need not be read `whole`, both ends and its length are asked for.
    """
    name, address = f"file {file.key}", f"{public}/{quote(file.key, safe=AS_IT_IS)}"
    if told := unfit(address, web.site):
        return Check(name, False, *told)
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


def sounds(shown: Iterable[str], media: Iterable[MediaFile], public: str) -> list[Picture]:
    """Return the sounds and films of pages to ask for, but those that are asked for as released files."""
    released = {file.key: file for file in media}
    own = {public_address(key, public) for key in released}
    found = {plain(address): named(address, released, public) for address in shown}
    return [found[address] for address in sorted(found.keys() - own)]


def heard(web: Web, sound: Picture) -> Check:
    """Ask for a sound that a page plays: it must be there, and be the released one where it promises that."""
    name = f"sound {unquote(urlsplit(sound.address).path)}"
    if told := unfit(sound.address, web.site):
        return Check(name, False, *told)
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
    if is_lost(address, web.site):
        return Check(name, False, f"visitors of {web.site} cannot reach it")
    neighbour = is_neighbour(address, web.site)
    try:
        says = _missing((replace(web, patience=0) if neighbour else web).part(address, 0, PIECE - 1))
        return Check(name, not says, says or "is there")
    except Unreachable as problem:
        return Check(name, False if neighbour else None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)


def _missing(answer: Answer) -> str:
    return "" if answer.status == EMPTY else wrong_status(answer)


def _wrong_ends(web: Web, address: str, file: MediaFile) -> str:
    """Return what is wrong with a file's length and type, "" where both of its ends are there."""
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


def _wrong(answer: Answer, file: MediaFile, asked: str) -> str:
    return _wrong_head(answer, file, asked) or wrong_bytes(answer, file)


def _wrong_head(answer: Answer, file: MediaFile, asked: str) -> str:
    if says := wrong_status(answer):
        return says
    if says := wrong_type(answer, file):
        require_no_gate(answer, asked)
    return says


def _wrong_length(there: str, file: MediaFile) -> str:
    return "" if there == str(file.bytes) else f"has other bytes: {there}, released were {file.bytes}"


def _length(answer: Answer) -> str | None:
    """Return how long all of an answer is, None where its headers do not tell."""
    return None if answer.headers.get("content-encoding") else answer.headers.get("content-length")
