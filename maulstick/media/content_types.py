"""What a visitor's browser learns of a file: its type and how long to keep it."""

from __future__ import annotations

import mimetypes
import re

from maulstick.media.formats import NAMED

FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
UNKNOWN = "application/octet-stream"

# The machine's own table would give one file two types on two machines, and a bundle two digests.
TYPES = {
    "3gp": "video/3gpp",
    "apng": "image/apng",
    "avif": "image/avif",
    "css": "text/css",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "gif": "image/gif",
    "glb": "model/gltf-binary",
    "gltf": "model/gltf+json",
    "gz": "application/gzip",
    "heic": "image/heic",
    "heif": "image/heif",
    "html": "text/html",
    "ico": "image/vnd.microsoft.icon",
    "jfif": "image/jpeg",
    "jpe": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "jxl": "image/jxl",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "odt": "application/vnd.oasis.opendocument.text",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "pjp": "image/jpeg",
    "pjpeg": "image/jpeg",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "svg": "image/svg+xml",
    "tgz": "application/gzip",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "usdz": "model/vnd.usdz+zip",
    "vtt": "text/vtt",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "video/webm",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "zip": "application/zip",
}
SAME_TYPES = {
    "3gp": "video/3gpp",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-icon": "image/vnd.microsoft.icon",
    "image/icon": "image/vnd.microsoft.icon",
    "audio/mp3": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/wave": "audio/wav",
    "application/javascript": "text/javascript",
    "text/xml": "application/xml",
}
"""Names of types that have a better one."""

VAGUE = (
    UNKNOWN,
    "application/gzip",
    "application/json",
    "application/xml",
    "application/zip",
    "image/tiff",
    "text/plain",
    "video/mp4",
)
"""Types that the content of files of many others shows."""
HARMLESS = (
    UNKNOWN,
    "application/gzip",
    "application/json",
    "application/pdf",
    "application/zip",
    "text/csv",
    "text/markdown",
    "text/plain",
    "text/vtt",
)
_SPOKEN = re.compile(r"audio|voice", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{12,}", re.IGNORECASE)


def type_of(key: str) -> str:
    """Return the content type of a key by its ending; a webm is sound where its path says audio or voice."""
    name, _, ending = key.rpartition(".")
    if ending.lower() == "webm" and _SPOKEN.search(name):
        return "audio/webm"
    known = TYPES.get(ending.lower())
    return known or mimetypes.MimeTypes().guess_type(f"x.{ending}")[0] or UNKNOWN


def has_ending(key: str) -> bool:
    """Return whether a key's name has an ending, known or not."""
    return "." in key.rpartition("/")[2].lstrip(".")


def plain_type(said: str) -> str:
    """Return a type without its parameters and under its proper name."""
    word = said.partition(";")[0].strip().lower()
    word = SAME_TYPES.get(word, word)
    bare = word.replace("/x-", "/")
    return SAME_TYPES.get(bare, bare)


def is_right(there: str, key: str, wanted: str) -> bool:
    """Return whether the type that an object has is right for a file: its own, or as good as that.

    Where neither a file's name nor its content shows a type, whoever gave it one knew more.
    """
    if plain_type(there) == plain_type(wanted):
        return True
    if wanted == UNKNOWN:
        return there != ""
    if type_of(key) == UNKNOWN and wanted in VAGUE and plain_type(there) not in ("", UNKNOWN):
        return True
    kind = NAMED.get(plain_type(wanted))
    return type_of(key) == UNKNOWN and kind is not None and NAMED.get(plain_type(there)) == kind


def is_harmless(kind: str) -> bool:
    """Return whether a type is of something that a browser shows and does not run."""
    plain = plain_type(kind)
    return plain.startswith(("image/", "audio/", "video/", "font/")) or plain in HARMLESS


def cache_control_of(key: str) -> str:
    """Return how long a browser may keep a key: for good where its name holds a digest, else an hour."""
    name = key.rpartition("/")[2]
    # A run without a letter is a date or a counter, and what is under it may be replaced one day.
    hashed = any(not run.isdigit() for run in _HEX.findall(name))
    return FOREVER if hashed else AN_HOUR
