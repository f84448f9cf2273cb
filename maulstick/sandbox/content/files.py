"""Pictures and sounds as files of a known size, written whole or not at all."""

from __future__ import annotations

import io
import math
import os
import struct
import wave
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

COMMENT = b"\xff\xfe"
LARGEST_COMMENT = 65533  # a segment's length is two bytes and counts itself
RATE = 16000


def jpeg(image: Image.Image, *, quality: int, size: int) -> bytes:
    """Return a JPEG of exactly so many bytes, so that the row's `file_size` holds with every encoder."""
    while True:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, subsampling=2)
        short = size - buffer.tell()
        if short == 0 or short > len(COMMENT) + 2:
            return padded(buffer.getvalue(), short)
        quality -= max(1, -short * 20 // size)


def padded(encoded: bytes, short: int) -> bytes:
    """Return a JPEG made longer by comments behind its first segment."""
    head = 4 + struct.unpack(">H", encoded[4:6])[0]
    comments = b""
    while short > 0:
        length = min(short - 4, LARGEST_COMMENT)
        if 0 < short - 4 - length < 5:
            length -= 5
        comments += COMMENT + struct.pack(">H", length + 2) + bytes(length)
        short -= length + 4
    return encoded[:head] + comments + encoded[head:]


def png(image: Image.Image) -> bytes:
    """Return a PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def hum(seconds: int) -> bytes:
    """Return a WAV of a hum that rises and falls once a second, as the contour of *She Lays Down* does."""
    phase, samples = 0.0, bytearray()
    for n in range(seconds * RATE):
        t = n / RATE
        phase += 2 * math.pi * (165 + 38 * math.sin(2 * math.pi * t) + 24 * t) / RATE
        swell = math.sin(math.pi * t / seconds) * (0.75 + 0.25 * math.sin(2 * math.pi * t))
        tone = math.sin(phase) + 0.35 * math.sin(2 * phase) + 0.12 * math.sin(3 * phase)
        samples += struct.pack("<h", int(9000 * swell * tone))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(bytes(samples))
    return buffer.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and then give it its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
