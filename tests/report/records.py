"""Records of releases, full of texts that would like to be more than texts."""

from __future__ import annotations

from typing import Any

HOSTILE = "</details>```\n<script>alert(1)</script> | `x` @everyone \x1b[31m \x00 é"
CHECK = {"name": f"text {HOSTILE}", "ok": False, "answer": HOSTILE, "hint": "look"}


def release(**more: Any) -> dict[str, Any]:
    """Return a release of a record that holds nothing but hostile texts."""
    step = {"name": "plan", "word": "done", "says": HOSTILE, "seconds": 0.1, "warnings": [HOSTILE]}
    change = {
        "table": "artworks",
        "key": {"slug": HOSTILE, "series": {"slug": None}},
        "action": "update",
        "columns": {
            "title": {"action": "update", "base": "a", "local": HOSTILE, "production": "a"},
            "status": {"action": "kept", "base": "a", "local": "a", "production": HOSTILE},
        },
    }
    return {
        "version": 1,
        "subject": f"series {HOSTILE}",
        "target": "production",
        "site": "https://site.example",
        "number": None,
        "page": "",
        "steps": [step],
        "checks": [CHECK],
        "seconds": 1.0,
        "problem": HOSTILE,
        "state": "production: unchanged",
        "exit": 5,
        "rehearsed": False,
        "undo": "",
        "digest": "",
        "changes": [change],
        "summary": {"update": 1, "upload_files": 0},
        "media": [{"key": HOSTILE, "bytes": 5, "type": "audio/wav", "action": "upload", "picture": None}],
        "screens": [],
        **more,
    }


def record(**more: Any) -> dict[str, Any]:
    started = "2026-11-22T10:00:00+00:00"
    return {
        "version": 1,
        "command": "release",
        "started": started,
        "seconds": 1.0,
        "exit": 5,
        "operator": "me",
        "releases": [release()],
        **more,
    }
