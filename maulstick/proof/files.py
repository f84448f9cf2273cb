"""Questions to sounds, films and other files, and to addresses elsewhere that rows name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import quote

from maulstick.content import Check, MediaFile
from maulstick.proof.pictures import AS_IT_IS
from maulstick.web import Answer, Unreachable, Web, Wrong

WHOLE = 32 << 20
"""Bytes up to which a file is read whole; of a larger one its end is asked for, as players of films do."""
PIECE = 1 << 16


def others(media: Iterable[MediaFile]) -> list[MediaFile]:
    """Return the files that are no pictures."""
    return [file for file in media if not file.type.startswith("image/")]


def delivered(web: Web, file: MediaFile, public: str) -> Check:
    """Ask for a file as a visitor does: it must have its type and its bytes."""
    name, address = f"file {file.key}", f"{public}/{quote(file.key, safe=AS_IT_IS)}"
    try:
        large = file.bytes > WHOLE
        answer = web.part(address, file.bytes - PIECE, file.bytes - 1) if large else web.get(address)
    except Unreachable as problem:
        return Check(name, None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    wrong = _wrong(answer, file)
    return Check(name, not wrong, wrong or f"{file.bytes} bytes as released")


def elsewhere(web: Web, address: str) -> Check:
    """Ask for a full address that a row names: whatever is there, a visitor must get it."""
    name = f"address {address}"
    try:
        answer = web.part(address, 0, PIECE - 1)
    except Unreachable as problem:
        return Check(name, None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    # An empty file has no part that could be asked for.
    well = answer.status in (200, 206, 416)
    return Check(name, well, "is there" if well else f"answers {answer.status}")


def _wrong(answer: Answer, file: MediaFile) -> str:
    if answer.status not in (200, 206):
        return f"answers {answer.status}"
    if answer.type.replace("/x-", "/") != file.type.replace("/x-", "/"):  # audio/x-wav is audio/wav
        return f"is {answer.type or 'of no type'}, released was {file.type}"
    if answer.status == 206:
        total = answer.headers.get("content-range", "").rpartition("/")[2]
        return "" if total == str(file.bytes) else f"has other bytes: {total}, released were {file.bytes}"
    if hashlib.sha256(answer.body).hexdigest() != file.sha256:
        return f"has other bytes: {len(answer.body)}, released were {file.bytes}"
    return ""
