"""Pictures whose bytes follow from their name, and the ETags that a storage gives them."""

from __future__ import annotations

import hashlib
import random
from functools import cache
from io import BytesIO

PART = 8 << 20


@cache
def picture(name: str) -> bytes:
    """Return a PNG; another name gives another picture, and `large…` one that is sent in parts."""
    from PIL import Image

    dice, content = random.Random(name), BytesIO()
    Image.frombytes("RGB", (64, 48), dice.randbytes(64 * 48 * 3)).save(content, "PNG")
    more = dice.randbytes(PART + 4321) if name.startswith("large") else b""
    return content.getvalue() + more


@cache
def etag(name: str) -> str:
    """Return the ETag of a picture in the bucket."""
    content = picture(name)
    parts = [hashlib.md5(content[at : at + PART]) for at in range(0, len(content), PART)]
    if len(parts) == 1:
        return parts[0].hexdigest()
    return f"{hashlib.md5(b''.join(part.digest() for part in parts)).hexdigest()}-{len(parts)}"
