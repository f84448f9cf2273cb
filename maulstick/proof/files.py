"""Questions to sounds, films and other files: those that were released, and what pages and rows name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, unquote, urlsplit

from maulstick.content import Check, MediaFile
from maulstick.page import plain
from maulstick.proof.addresses import is_neighbour, unfit
from maulstick.proof.pictures import AS_IT_IS, Picture, named, public_address
from maulstick.web import PARTLY, Answer, Unreachable, Web, Wrong

WHOLE = 16 << 20
"""Bytes up to which a file is asked for whole; a larger one is read piece by piece, as players do."""
PIECE = 1 << 16
"""Bytes that are asked for of what only has to be there."""
THERE = (200, PARTLY, 416)
"""An empty file has no part that could be asked for."""


def others(media: Iterable[MediaFile]) -> list[MediaFile]:
    """Return the files that are no pictures."""
    return [file for file in media if not file.type.startswith("image/")]


def delivered(web: Web, file: MediaFile, public: str, *, whole: bool = True) -> Check:
    """Ask for a file as a visitor does: it must have its type and its bytes.

    Of a large one that need not be read `whole`, both ends and how long it is are asked for.
    """
    name, address = f"file {file.key}", f"{public}/{quote(file.key, safe=AS_IT_IS)}"
    if told := unfit(address, web.site):
        return Check(name, False, *told)
    try:
        if file.bytes <= WHOLE:
            wrong = _wrong(web.get(address), file)
        else:
            wrong = _in_pieces(web, address, file) if whole else _at_its_ends(web, address, file)
    except Unreachable as problem:
        return Check(name, None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    return Check(name, not wrong, wrong or f"{file.bytes} bytes as released")


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
        answer = visitor.get(sound.address) if sound.file else visitor.part(sound.address, 0, PIECE - 1)
    except Unreachable as problem:
        return Check(name, False if neighbour else None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    if sound.file is not None:
        says = _wrong(answer, sound.file)
    else:
        says = "" if answer.status in THERE else f"answers {answer.status}"
    return Check(name, not says, says or "is there")


def elsewhere(web: Web, address: str) -> Check:
    """Ask for a full address that a row names: whatever is there, a visitor must get it."""
    name = f"address {address}"
    try:
        answer = web.part(address, 0, PIECE - 1)
    except Unreachable as problem:
        return Check(name, None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    well = answer.status in THERE
    return Check(name, well, "is there" if well else f"answers {answer.status}")


def _in_pieces(web: Web, address: str, file: MediaFile) -> str:
    """Return what is wrong with a large file, "" where nothing is; one piece at a time is in memory."""
    digest, read = hashlib.sha256(), 0
    while read < file.bytes:
        answer = web.part(address, read, min(read + WHOLE, file.bytes) - 1)
        if answer.status != PARTLY:  # some servers send all of it
            return _wrong(answer, file)
        if wrong := _wrong_part(answer, file):
            return wrong
        digest.update(answer.body)
        read += len(answer.body)
    return "" if digest.hexdigest() == file.sha256 else _other(read, file)


def _at_its_ends(web: Web, address: str, file: MediaFile) -> str:
    """Return what is wrong with a large file of which only both ends are asked for, "" where nothing is."""
    for first in (0, file.bytes - PIECE):
        answer = web.part(address, first, first + PIECE - 1)
        if answer.status != PARTLY:
            return _wrong(answer, file)
        if wrong := _wrong_part(answer, file):
            return wrong
        if len(answer.body) != PIECE:
            return _other(first + len(answer.body), file)
    return ""


def _wrong_part(answer: Answer, file: MediaFile) -> str:
    total = answer.headers.get("content-range", "").rpartition("/")[2]
    fits = total == str(file.bytes) and answer.body
    return _wrong_head(answer, file) or ("" if fits else _other(total, file))


def _wrong(answer: Answer, file: MediaFile) -> str:
    same = hashlib.sha256(answer.body).hexdigest() == file.sha256
    return _wrong_head(answer, file) or ("" if same else _other(len(answer.body), file))


def _wrong_head(answer: Answer, file: MediaFile) -> str:
    if answer.status not in (200, PARTLY):
        return f"answers {answer.status}"
    if answer.type.replace("/x-", "/") != file.type.replace("/x-", "/"):  # audio/x-wav is audio/wav
        return f"is {answer.type or 'of no type'}, released was {file.type}"
    return ""


def _other(there: int | str, file: MediaFile) -> str:
    return f"has other bytes: {there}, released were {file.bytes}"
