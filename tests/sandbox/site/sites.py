"""A site for tests: what it shows, its process, and what a visitor gets from it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import maulstick.sandbox.site
from maulstick.sandbox import process

CODE = Path(maulstick.sandbox.site.__file__).parent
RELEASE = "3f9c2e1d5b7a"
HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 * 7 }} “é”"
KEYS = ("uploads/media/plain.JPG", "uploads/media/reed bed + (one), [2].jpg", "uploads/media/Marée 100%.jpg")
PICTURE = bytes(range(256)) * 40
FOREVER = "public, max-age=31536000, immutable"
NOW = {"inserted_at": "2026-01-01", "updated_at": "2026-01-01"}
ANALYSIS = {
    "interpretation": "First thought.\n\nSecond <b>thought</b>.",
    "technical_details": {
        "medium": "Oil over charcoal",
        "style": "Gestural",
        "composition": "A diagonal",
        "colour_palette": ["yellow ochre", {"name": "slate", "hex": "#5C6670"}],
    },
}
ROWS: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("media", {"id": 1, "filename": "a", "url": f"/{KEYS[0]}", "alt_text": HOSTILE, "width": 3, "height": 4}),
    ("media", {"id": 2, "filename": "b", "url": f"/{KEYS[1]}"}),
    ("media", {"id": 3, "filename": "c", "url": "https://elsewhere.example/a b.jpg?x=1&y=2"}),
    (
        "media_analyses",
        {"media_file_id": 1, "iteration": 1, "llm_response": {"interpretation": "Withdrawn."}},
    ),
    ("media_analyses", {"media_file_id": 1, "iteration": 12, "llm_response": ANALYSIS}),
    (
        "media_analyses",
        {"media_file_id": 1, "iteration": 2, "llm_response": {"interpretation": "Withdrawn."}},
    ),
    (
        "series",
        {"id": 1, "slug": "one", "title": "One & only", "summary": HOSTILE, "body_md": f"*soft* {HOSTILE}"},
    ),
    ("series", {"id": 2, "slug": "hidden", "title": "Hidden", "published": False}),
    ("artworks", {"slug": "third", "title": "Third", "position": 3, "status": "sold", "media_file_id": 3}),
    (
        "artworks",
        {"slug": "first", "title": HOSTILE, "position": 1, "year": 2024, "medium": "Oil", "media_file_id": 1},
    ),
    ("artworks", {"slug": "second", "title": "Second", "position": 2, "media_file_id": 2}),
    ("artworks", {"slug": "bare", "title": "Bare", "position": 4}),
    ("artworks", {"slug": "lamp", "title": "Lamp", "position": 5, "image_url": f"/{KEYS[2]}"}),
    ("artworks", {"slug": "unseen", "title": "Unseen", "position": 6, "published": False}),
    ("annotations", {"id": 7, "anchor_key": "series:one:description", "content": {"text": HOSTILE}}),
    (
        "annotations",
        {"id": 8, "anchor_key": "artwork:first", "content": {"audio_url": "/uploads/voice/a b.wav"}},
    ),
    ("annotations", {"id": 9, "anchor_key": "artwork:gone", "content": {"value": 4, "out_of": 5}}),
    (
        "annotations",
        {"id": 10, "anchor_key": "artwork:first", "content": {"text": "Mine"}, "visibility": "private"},
    ),
    ("annotations", {"id": 11, "anchor_key": "artwork:first", "content": {"text": "Other"}, "theme": "dark"}),
)
USUAL: Mapping[str, Mapping[str, object]] = {
    "series": {"published": True},
    "artworks": {"published": True, "series_id": 1},
    "annotations": {
        "anchor_meta": {"x": 0.5, "y": 9},
        "page_path": "/series/one",
        "theme": "reviewer",
        "visibility": "public",
    },
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Site:
    """A running site; paths are asked for byte by byte as they are given."""

    port: int
    program: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(
            method, path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Answer(answer.status, answer.headers, body)

    def media(self, key: str) -> str:
        return f"/media/{quote(key)}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A site with the paths that its storage was asked for."""

    site: Site
    asked: list[str]

    def ask(self, path: str) -> int:
        self.asked.clear()
        return self.site.ask(path).status


def start(code: Path, environment: Mapping[str, str], port: int) -> Site:
    command = [sys.executable, "-m", "maulstick.sandbox.site", "--port", str(port), "--code", str(code)]
    program = subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    site = Site(port, program, environment)
    process.wait_until(lambda: process.answers(port) or program.poll() is not None, seconds=120)
    return site


def stop(site: Site) -> str:
    site.program.terminate()
    return site.program.communicate(timeout=120)[0].decode()
