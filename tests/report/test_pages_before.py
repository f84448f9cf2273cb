"""What a screenshot is held against: the last release of the page that proved right and stands."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from maulstick.report import store
from maulstick.report.record import Record, RecordDraft
from tests.report.records import record, release

SHOWN = {"path": "/series/s", "width": 1280, "picture": "screen-1.jpg"}


def picture(grey: int) -> bytes:
    """Return a JPEG of one tone."""
    jpeg = io.BytesIO()
    Image.new("L", (64, 64), grey).save(jpeg, "JPEG")
    return jpeg.getvalue()


def kept(project: Path, grey: int, undone: set[int] | None = None, **more: Any) -> Record:
    """Keep the record of a run that saw the page in a tone, and return what it says of the screenshot."""
    number = more.get("number", grey)
    verified = more.pop("verified", "done")
    step = {"name": "verify", "word": verified, "says": "", "seconds": 0.1, "warnings": []}
    shown = release(**{"number": number, "exit": 0, "steps": [step], "screens": [SHOWN], **more})
    started = f"2026-11-22T10:00:{len(store.ids(project)):02}+00:00"
    told = RecordDraft(
        record(started=started, releases=[shown]),
        {"screen-1.jpg": picture(grey)},
        {"production": undone or set()},
    )
    whole = store.keep(project, told)
    (screen,) = whole["releases"][0]["screens"]
    return {**screen, "folder": project / store.FOLDER / whole["id"]}


def test_the_first_one_has_nothing_before(tmp_path: Path) -> None:
    screen = kept(tmp_path, 10)
    assert (screen["before"], screen["changed"], screen["since"]) == (None, None, None)


def test_the_picture_from_before_lies_beside_the_record(tmp_path: Path) -> None:
    first, second = kept(tmp_path, 10), kept(tmp_path, 200)
    assert (second["changed"], second["since"]) == (100.0, first["folder"].name)
    assert (second["folder"] / second["before"]).read_bytes() == picture(10)


@pytest.mark.parametrize(
    "other",
    [
        {"exit": 5, "verified": "failed"},
        {"number": None},
        {"target": "staging"},
        {"screens": [{**SHOWN, "path": "/series/t"}]},
        {"steps": []},
    ],
    ids=["wrong", "released nothing", "another target", "another page", "not verified"],
)
def test_another_run_is_no_measure(tmp_path: Path, other: dict[str, Any]) -> None:
    first = kept(tmp_path, 10)
    kept(tmp_path, 100, **other)
    assert kept(tmp_path, 200)["since"] == first["folder"].name


def test_a_release_that_was_undone_is_no_measure(tmp_path: Path) -> None:
    first = kept(tmp_path, 10)
    kept(tmp_path, 100)
    assert kept(tmp_path, 200, undone={100})["since"] == first["folder"].name


def test_a_picture_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    first, second = kept(tmp_path, 10), kept(tmp_path, 100)
    (second["folder"] / "screen-1.jpg").unlink()
    assert kept(tmp_path, 200)["since"] == first["folder"].name
