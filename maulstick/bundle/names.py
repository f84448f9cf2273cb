"""The folder of a subject's bundle: its name is made of the subject's key."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

from maulstick.opened import open_file
from maulstick.project.declarations import Subject

MANIFEST = "manifest.json"
LONGEST = 255
"""Bytes of the longest name that file systems take."""
SHORTENED = 120
"""Bytes of the key that stay in a name that is made of it."""
HEAD = 1 << 16
"""Bytes at the top of a manifest that hold its subject."""
LABEL = '"subject": '


def folder_of(bundles: Path, subject: Subject) -> Path:
    """Find the folder of a subject's bundle, whether it exists or is still to be made.

    It is named as the key where that is a folder's name. Else by the key quoted and shortened, with its
    digest; so too where the folder of another key differs from it only in case or in how its letters are
    composed: some file systems take these for the same.
    """
    kind = bundles / subject.kind
    made = kind / _made(subject.key)
    if not _could_be_a_name(subject.key):
        return made
    plain = kind / subject.key
    if _holds(plain, subject):
        return plain
    taken = not _is_plain(subject.key) or _holds(made, subject) or _is_taken(plain)
    return made if taken else plain


def file_name(subject: Subject) -> str:
    """Return a name that no other subject of its kind has, for a file that is kept beside its bundles.

    It is the key where that is a plain name in small letters, else what is made of it.
    """
    key = subject.key
    plain = _is_plain(key) and _could_be_a_name(key) and len(key.encode()) <= SHORTENED
    return key if plain and _fold(key) == key and not key.endswith(".") else _made(key)


def is_folder_of(folder: Path, subject: Subject) -> bool:
    """Return whether a folder's name is one that a subject's bundle may have."""
    return folder.parent.name == subject.kind and folder.name in (subject.key, _made(subject.key))


def _could_be_a_name(key: str) -> bool:
    """Return whether a folder can have this name at all: older bundles used any possible name."""
    return key not in ("", ".", "..") and not {"/", "\0"} & {*key} and len(key.encode()) <= LONGEST


def _is_plain(key: str) -> bool:
    return key.isprintable() and key == key.strip() and not key.startswith(".")


def _made(key: str) -> str:
    """Return a folder name that no other key gets, even on file systems that ignore case."""
    words = "".join(sign if sign.isalnum() or sign in "-_ " else _quoted(sign) for sign in key)
    while len(words.encode()) > SHORTENED:
        words = words[: SHORTENED if len(words) > SHORTENED else -1]
    return f"{words.strip()}~{sha256(key.encode()).hexdigest()[:12]}"


def _quoted(sign: str) -> str:
    return quote(sign, safe="").replace(".", "%2E")


def _holds(folder: Path, subject: Subject) -> bool:
    """Return whether a folder holds a bundle of this subject."""
    with suppress(OSError, ValueError), TextIOWrapper(open_file(folder / MANIFEST), "utf-8") as file:
        head = file.read(HEAD)
        found, _ = json.JSONDecoder().raw_decode(head, head.index(LABEL) + len(LABEL))
        return bool(found == {"kind": subject.kind, "key": subject.key})
    return False


def _is_taken(folder: Path) -> bool:
    if (folder / MANIFEST).is_file():
        return True
    try:
        near = _folded(folder.parent, folder.parent.stat().st_mtime_ns)
    except OSError:
        return False
    return bool(near.get(_fold(folder.name), frozenset()) - {folder.name})


@lru_cache(maxsize=8)
def _folded(kind: Path, changed: int) -> dict[str, frozenset[str]]:
    """List the names in a folder by their folded form; the folder is read again when it has changed."""
    names: dict[str, frozenset[str]] = {}
    for path in kind.iterdir():
        folded = _fold(path.name)
        names[folded] = names.get(folded, frozenset()) | {path.name}
    return names


def _fold(name: str) -> str:
    return normalize("NFC", name).casefold()
