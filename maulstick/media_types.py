"""What a visitor's browser is told of a file: its type and how long to keep it, by its name alone."""

from __future__ import annotations

import mimetypes
import re

FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
UNKNOWN = "application/octet-stream"

# The machine's own table would give one file two types on two machines, and a bundle two digests.
TYPES = {
    "avif": "image/avif",
    "gif": "image/gif",
    "gz": "application/gzip",
    "heic": "image/heic",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "m4a": "audio/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tgz": "application/gzip",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
}

_SPOKEN = re.compile(r"audio|voice", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{12,}", re.IGNORECASE)


def type_of(key: str) -> str:
    """Return the content type of a key by its ending; a webm is sound where its path says audio or voice."""
    name, _, ending = key.rpartition(".")
    if ending.lower() == "webm" and _SPOKEN.search(name):
        return "audio/webm"
    known = TYPES.get(ending.lower())
    return known or mimetypes.MimeTypes().guess_type(f"x.{ending}")[0] or UNKNOWN


def cache_control_of(key: str) -> str:
    """Return how long a browser may keep a key: for good where its name holds a digest, else an hour."""
    name = key.rpartition("/")[2]
    # A run without a letter is a date or a counter, and what is under it may be replaced one day.
    hashed = any(not run.isdigit() for run in _HEX.findall(name))
    return FOREVER if hashed else AN_HOUR
