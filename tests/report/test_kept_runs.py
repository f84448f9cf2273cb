"""The records of runs: the newest is the newest whatever the clock says, and half of one does not stay."""

from __future__ import annotations

from pathlib import Path

from maulstick.report import store
from maulstick.report.record import RecordDraft, record_of


def draft(started: str) -> RecordDraft:
    made = record_of([], [], command="plan", code=0, seconds=1.0)
    return RecordDraft({**made.record, "started": started}, made.pictures, made.undone)


def test_a_run_is_the_newest_though_the_clock_was_set_back(tmp_path: Path) -> None:
    before = store.keep(tmp_path, draft("2040-01-01T00:00:00+00:00"))
    later = [store.keep(tmp_path, draft(f"2026-01-0{day}T00:00:00+00:00")) for day in (2, 1)]
    assert store.ids(tmp_path) == [later[1]["id"], later[0]["id"], before["id"]]
    assert store.load(tmp_path, None)[0]["started"] == "2026-01-01T00:00:00+00:00"


def test_what_a_killed_process_left_of_its_record_is_removed(tmp_path: Path) -> None:
    half = tmp_path / store.FOLDER / "20260101T000000Z-apply" / ".report.json.4711"
    half.parent.mkdir(parents=True)
    half.write_text("{")
    kept = store.keep(tmp_path, draft("2026-01-02T00:00:00+00:00"))
    assert store.ids(tmp_path) == [kept["id"]]
