"""The source's media folder: the file that a stored path means, with its proof."""

from __future__ import annotations

import hashlib
import stat
import unicodedata
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from maulstick.errors import refused
from maulstick.files import BLOCK, named, unreadable
from maulstick.media.content_types import cache_control_of, type_of
from maulstick.opened import open_file
from maulstick.project.declarations import MediaFile

UNSAID = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of what no name holds: controls, bytes that are not text, ends of lines."""
NAMER = "correct what names it: a row, a plugin or --file"
LONGEST_KEY = 1024
"""Bytes of UTF-8 that S3 takes as a key."""


def is_address(value: str) -> bool:
    """Return whether a stored value is a full address, which is not ours to upload."""
    return value.lower().startswith(("http://", "https://"))


def key_of(value: str) -> str:
    """Return the key of a media path: the path to the letter, without one slash at its start.

    One that could name no file below the media folder is refused (exit 3).
    """
    key = value.removeprefix("/")
    if wrong := wrong_key(key):
        raise refused(named(value), wrong, NAMER)
    return key


def keys_of(value: str) -> tuple[str, ...]:
    """List the keys that a media path may mean: to the letter, then as a browser reads its percents."""
    key = key_of(value)
    try:
        unquoted = unquote(key, errors="strict")
    except UnicodeDecodeError:
        return (key,)
    return (key,) if unquoted == key or wrong_key(unquoted) else (key, unquoted)


def resolve(root: Path, value: str) -> tuple[str, Path]:
    """Return the key and the file of a media path as it is stored, such as `/uploads/x.jpg`.

    A file whose name holds percents is meant to the letter. A path that leaves the media folder, names no
    regular file, or names none at all is refused (exit 3).
    """
    first, *others = keys_of(value)
    base = _base(root)
    key = next((key for key in (first, *others) if _lies(base, key)), first)
    real = _real(value, _path(base, key), root)
    if not real.is_relative_to(base):
        raise refused(named(value), "leads out of the media folder", "replace the link by the file itself")
    try:
        is_file = stat.S_ISREG(real.stat().st_mode)
    except OSError as error:  # it went a moment ago
        raise unreadable(value, error) from error
    if not is_file:
        raise refused(named(value), "is not a regular file", NAMER)
    return key, real


def _path(base: Path, key: str) -> Path:
    return base.joinpath(*(part for part in key.split("/") if part))


def _lies(base: Path, key: str) -> bool:
    try:
        _path(base, key).lstat()
    except OSError:  # a quoted name may even be longer than a disk takes
        return False
    return True


def describe(root: Path, value: str) -> MediaFile:
    """Return the proof of a media path's file: key, size in bytes, SHA-256, content type, cache header."""
    return describe_at(value, *resolve(root, value))


def describe_at(value: str, key: str, path: Path) -> MediaFile:
    """Return the proof of a media path's file that lies at `path`."""
    digest, size = hashlib.sha256(), 0
    try:
        with open_file(path) as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise unreadable(value, error) from error
    return MediaFile(
        key=key,
        path=key,
        sha256=digest.hexdigest(),
        bytes=size,
        type=type_of(key),
        cache_control=cache_control_of(key),
    )


def wrong_key(key: str) -> str:
    """Find what is wrong with a key, "" for one that names a file below the media folder."""
    if not key or key.endswith("/"):
        return "names no file"
    if is_address(key):
        return "is an address, not a file"
    if {".", ".."} & set(key.split("/")):
        return "goes through . or .. and could leave the media folder"
    if not key.isprintable() and any(unicodedata.category(character) in UNSAID for character in key):
        return "holds a control character, or bytes that are not text"
    if "\\" in key:
        return "holds a backslash, which browsers read as a slash"
    if len(key.encode()) > LONGEST_KEY:
        return f"is longer than the {LONGEST_KEY} bytes of a key"
    return ""


@cache
def _base(root: Path) -> Path:
    try:
        return root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise refused("media", f"the folder {root} is missing", "see media_root in the inventory") from error


def _real(value: str, path: Path, root: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise refused(named(value), f"is missing under {root}", _near(path)) from error
    except OSError as error:
        raise unreadable(value, error) from error
    except RuntimeError as error:  # how Python says "links that go in a circle" before 3.13
        raise refused(named(value), "is a link to itself") from error


def _near(path: Path) -> str:
    """Return a hint at a file, or a folder on the way to it, whose name a person would take for this one."""
    missing = path
    while not missing.parent.is_dir() and missing.parent != missing:
        missing = missing.parent
    try:
        names = sorted(entry.name for entry in missing.parent.iterdir())
    except OSError:
        return "export finds every file before anything is released"
    for name in names:
        if _form(name) == _form(missing.name):
            return f'"{name}" is there, with other accents in Unicode; rename it to "{missing.name}"'
        if _form(name).casefold() == _form(missing.name).casefold():
            return f'"{name}" is there, which differs in upper and lower case'
    return f"put the file there, or {NAMER}"


def _form(name: str) -> str:
    return unicodedata.normalize("NFC", name)
