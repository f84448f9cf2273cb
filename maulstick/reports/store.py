"""Where records are kept: `.maulstick/runs/<id>/report.json`, the newest of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from maulstick.bundle import write_whole
from maulstick.errors import Problem, did_you_mean, usage
from maulstick.reports.pictures import changed
from maulstick.reports.record import VERSION, Record, Told

FOLDER = Path(".maulstick") / "runs"
FILE = "report.json"
KEPT = 100
"""Runs of which the records are kept."""
ID = re.compile(r"\d{8}T\d{6}Z-[a-z]+(-\d+)?")


def keep(project: Path, told: Told) -> Record:
    """Write a record down with its pictures, forget the oldest ones, and return it with its id."""
    runs = project / FOLDER
    try:
        runs.mkdir(parents=True, exist_ok=True)
        (runs.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        folder = _fresh(runs, told.record)
        record = {"id": folder.name, **compared(project, told)}
        for name, picture in told.pictures.items():
            (folder / name).write_bytes(picture)
        write_whole(folder / FILE, iter([json.dumps(record, ensure_ascii=False, indent=1).encode()]))
    except OSError as error:
        what = f"the record of this run cannot be kept: {(error.strerror or 'unknown reason').lower()}"
        raise Problem(str(runs), what) from error
    for old in ids(project)[KEPT:]:
        shutil.rmtree(runs / old, ignore_errors=True)
    return record


def ids(project: Path) -> list[str]:
    """Return the ids of the runs that are known, the newest first."""
    runs = project / FOLDER
    found = [one.name for one in runs.iterdir() if ID.fullmatch(one.name)] if runs.is_dir() else []
    return sorted(found, reverse=True)


def load(project: Path, run: str | None) -> tuple[Record, Path]:
    """Return the record of a run and its folder, the newest for None; an unknown one is a usage problem."""
    known = ids(project)
    if not known:
        raise usage("report", "no run has left a record yet", "invoke release leaves one")
    if run is not None and run not in known:
        raise usage(f"--run {run}", "is not known", did_you_mean(run, known[:9]))
    folder = project / FOLDER / (run or known[0])
    return read(folder / FILE), folder


def every(project: Path) -> Iterator[Record]:
    """Return all records that can be read, the newest first."""
    for name in ids(project):
        try:
            yield read(project / FOLDER / name / FILE)
        except Problem:
            continue


def read(path: Path) -> Record:
    """Return the record of a file; a problem where it is none, or newer than we are."""
    try:
        record: Record = json.loads(path.read_text(encoding="utf-8"))
        version = record["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise usage(str(path), "is not a record of a run") from error
    if version != VERSION:
        raise usage(f"{path}/version", f"is {version!r}; known here is {VERSION}", "update Maulstick")
    return record


def compared(project: Path, told: Told) -> Record:
    """Return a record whose screenshots are held against those of the last release that had the same ones."""
    releases = []
    for release in told.record["releases"]:
        screens = [{**screen, **_since(project, release, screen, told)} for screen in release["screens"]]
        releases.append({**release, "screens": screens})
    return {**told.record, "releases": releases}


def _since(project: Path, release: Record, screen: Record, told: Told) -> Record:
    for name in ids(project):
        folder = project / FOLDER / name
        for before in _releases(folder):
            if (before["subject"], before["target"]) != (release["subject"], release["target"]):
                continue
            for old in before["screens"]:
                if (old["path"], old["width"]) == (screen["path"], screen["width"]):
                    share = changed(folder / old["picture"], told.pictures[screen["picture"]])
                    return {"changed": share, "since": name}
    return {"changed": None, "since": None}


def _releases(folder: Path) -> list[Record]:
    try:
        return list(read(folder / FILE)["releases"])
    except Problem:
        return []


def _fresh(runs: Path, record: Record) -> Path:
    stamp = re.sub(r"[-:]|\+.*", "", str(record["started"])) + "Z"
    name = f"{stamp}-{record['command']}"
    for number in range(1, 1000):
        folder = runs / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise Problem(str(runs), "a thousand runs began in one second")
