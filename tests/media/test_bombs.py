"""Pictures made to exhaust whoever looks at them are refused by name, in a process that has little memory."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SIDE = 50_000
ROOM = 900 << 20
"""Bytes of addresses that the looking process may take, all its libraries included."""
LOOKS = """
import json, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
from maulstick.errors import Problem
from maulstick.media.sources import Folder, find
from maulstick.report.pictures import changed_share, thumbnail
for path in sorted((Path(sys.argv[1]) / "uploads").iterdir()):
    try:
        find(Folder(Path(sys.argv[1])), [f"/uploads/{path.name}"])
        says = "is looked at"
    except Problem as problem:
        says = problem.what
    shown = [len(thumbnail(path)), changed_share(path, path.read_bytes())]
    print(json.dumps([path.name, says, shown]), flush=True)
"""


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(width: int, height: int, depth: int, colour: int, *more: bytes, rows: bytes = b"") -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join((head, *more, _chunk(b"IDAT", rows), _chunk(b"IEND", b"")))


def _zeros(many: int) -> bytes:
    """Pack about that many bytes of nothing: one block, over and over."""
    block, packing, adler = bytes(1 << 20), zlib.compressobj(1, wbits=-15), 1
    one, times = packing.compress(block) + packing.flush(zlib.Z_FULL_FLUSH), many // len(block) + 1
    for _ in range(times):
        adler = zlib.adler32(block, adler)
    return b"\x78\x01" + one * times + packing.flush() + struct.pack(">I", adler)


def _tiff(width: int, height: int) -> bytes:
    """One strip that claims to hold all rows."""
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, height),
    ]
    tags += [(279, 4, width * height & 0xFFFFFFFF)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(4)


def _gif(frames: int) -> bytes:
    """A GIF of the largest size there is, in which each frame is one pixel."""
    frame = b"\x21\xf9\x04\x08\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    return (
        b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"
    )


def _packed_text(kind: bytes) -> bytes:
    return _chunk(kind, b"note\0\0" + _zeros(1 << 30))


SMALL = zlib.compress(b"\0\0")
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "real.png": (
        lambda: _png(SIDE, SIDE, 1, 0, rows=_zeros(SIDE * (SIDE // 8 + 1))),
        "more than a page can show",
    ),
    "claimed.png": (lambda: _png(SIDE, SIDE, 8, 2), "more than a page can show"),
    "strip.tif": (lambda: _tiff(SIDE, SIDE), "more than a page can show"),
    "moving.gif": (lambda: _gif(2_000), "more than a page can show"),
    "text.png": (lambda: _png(1, 1, 8, 0, _packed_text(b"zTXt"), rows=SMALL), ""),
    "profile.png": (lambda: _png(1, 1, 8, 0, _packed_text(b"iCCP"), rows=SMALL), ""),
    "inside.png": (lambda: _png(1, 1, 8, 0, rows=_zeros(1 << 30)), ""),
    "laughs.svg": (
        lambda: (
            b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(20))
            + b']><svg xmlns="http://www.w3.org/2000/svg"><text>&u;</text></svg>'
        ),
        "is looked at",
    ),
}
"""What each is made of, and what is said of it; "" where looking or refusing are both right."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, list[float]]]]:
    """What one process with little memory says of each, in the order in which it came to them."""
    root: Path = tmp_path_factory.mktemp("bombs")
    (root / "uploads").mkdir()
    for name, (content, _) in BOMBS.items():
        (root / "uploads" / name).write_bytes(content())
    command = [sys.executable, "-c", LOOKS, str(root), str(ROOM)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return {name: (says, shown) for name, says, shown in map(json.loads, ran.stdout.splitlines())}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_measured_without_its_memory(seen, name):
    says, shown = seen[name]
    assert BOMBS[name][1] in says
    assert shown[0] < 100_000
