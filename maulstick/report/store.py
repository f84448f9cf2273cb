"""The newest records, kept in `.maulstick/runs/<id>/report.json`."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from maulstick.errors import Problem, did_you_mean, usage
from maulstick.files import HINTS, make_folders, write_whole
from maulstick.opened import read_file
from maulstick.report.pictures import changed_share
from maulstick.report.record import VERSION, Record, RecordDraft

FOLDER = Path(".maulstick") / "runs"
FILE = "report.json"
DAMAGED = "delete its folder; what was released stays as it is"
KEPT = 100
"""How many records are kept."""
ID = re.compile(r"(?P<second>\d{8}T\d{6}Z)-((?P<number>\d+)-)?.+")
"""When a run began, its number among those of that second, and the command."""


def keep(project: Path, draft: RecordDraft) -> Record:
    """Save a record with its pictures, delete the oldest ones, and return it with its id."""
    runs = project / FOLDER
    try:
        make_folders(runs, 0o700)  # its records hold rows
        write_whole(runs.parent / ".gitignore", iter([b"*\n"]))
        with _alone(runs):
            _remove_unfinished(project)
            folder = _new_folder(runs, draft.record)
            record = _written(project, folder, draft)
    except OSError as error:
        what = f"the record of this run cannot be saved: {(error.strerror or 'unknown reason').lower()}"
        raise Problem(str(runs), what, HINTS.get(error.errno or 0, "")) from error
    for old in ids(project)[KEPT:]:
        shutil.rmtree(runs / old, ignore_errors=True)
    return record


def forget(project: Path, run: str) -> None:
    """Delete the record of a run that somebody only looked at; others stay what they are."""
    if ID.fullmatch(run):
        shutil.rmtree(project / FOLDER / run, ignore_errors=True)


@contextmanager
def _alone(runs: Path) -> Iterator[None]:
    """Let one process at a time write a record; the system unlocks the folder however it ends."""
    held = os.open(runs, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _remove_unfinished(project: Path) -> None:
    """Remove the folders of processes that were killed while they wrote their record."""
    for name in ids(project):
        folder = project / FOLDER / name
        if not (folder / FILE).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _written(project: Path, folder: Path, draft: RecordDraft) -> Record:
    """Write a run's record and pictures to its folder, which is removed again if that fails."""
    try:
        draft = with_comparisons(project, draft)
        record = {"id": folder.name, **draft.record}
        for name, picture in draft.pictures.items():
            write_whole(folder / name, iter([picture]))
        write_whole(folder / FILE, iter([json.dumps(record, ensure_ascii=False).encode()]))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return record


def ids(project: Path) -> list[str]:
    """List the ids of all runs with a record, the newest first."""
    runs = project / FOLDER
    names = [folder.name for folder in runs.iterdir()] if runs.is_dir() else []
    return sorted(filter(ID.fullmatch, names), key=_order, reverse=True)


def load(project: Path, run: str | None) -> tuple[Record, Path]:
    """Load the record of a run, with its folder, the newest for None; an unknown run is a usage problem."""
    known = ids(project)
    if not known:
        raise usage("report", "no run has left a record yet", "invoke release leaves one")
    if run is not None and run not in known:
        raise usage(f"--run {run}", "is not known", did_you_mean(run, known[:9]))
    folder = project / FOLDER / (run or known[0])
    return read(folder / FILE), folder


def all_records(project: Path) -> Iterator[Record]:
    """Yield all records that can be read, the newest first."""
    for name in ids(project):
        try:
            yield read(project / FOLDER / name / FILE)
        except Problem:
            continue


def read(path: Path) -> Record:
    """Read the record in a file; one that is damaged, or newer than we are, is a problem."""
    from maulstick.project.json_file import parsed
    from maulstick.report.record_file import RecordFile

    where, what = str(path), "a record of a run"
    try:
        raw = read_file(path)
    except OSError as error:
        raise usage(where, f"is not {what}") from error
    return parsed(raw, RecordFile, where, what=what, version=VERSION, hint=DAMAGED, newer="update Maulstick")


def with_comparisons(project: Path, draft: RecordDraft) -> RecordDraft:
    """Return a draft whose screenshots are compared with those of the last release that was verified.

    A release that was undone does not count, nor does a run that released nothing. The earlier pictures are
    added to those of the draft.
    """
    releases, pictures = [], dict(draft.pictures)
    for release in draft.record["releases"]:
        undone = draft.undone.get(release["target"], ())
        known = _verified(project, release["target"], undone) if release["screens"] else []
        screens = [{**screen, **_since(screen, known, pictures)} for screen in release["screens"]]
        releases.append({**release, "screens": screens})
    return replace(draft, record={**draft.record, "releases": releases}, pictures=pictures)


def _since(screen: Record, known: Sequence[tuple[Path, Record]], pictures: dict[str, bytes]) -> Record:
    for folder, release in known:
        for old in release["screens"]:
            if (old["path"], old["width"]) == (screen["path"], screen["width"]):
                share = changed_share(folder / old["picture"], pictures[screen["picture"]])
                if share is not None:
                    before = f"before-{screen['picture']}"
                    pictures[before] = read_file(folder / old["picture"])
                    return {"changed": share, "since": folder.name, "before": before}
    return {"changed": None, "since": None, "before": None}


def _verified(project: Path, target: str, undone: Collection[int]) -> list[tuple[Path, Record]]:
    """List the verified releases to a target that were not undone, the newest first, with their folders."""
    folders = [project / FOLDER / name for name in ids(project)]
    return [
        (folder, release)
        for folder in folders
        for release in _releases(folder)
        if release["target"] == target and release["number"] not in (None, *undone) and _is_proven(release)
    ]


def _is_proven(release: Record) -> bool:
    words = {step["name"]: step["word"] for step in release["steps"]}
    return release["exit"] == 0 and words.get("verify") == "done"


def _releases(folder: Path) -> list[Record]:
    try:
        return list(read(folder / FILE)["releases"])
    except Problem:
        return []


def _order(name: str) -> tuple[str, int, str]:
    found = ID.fullmatch(name)
    second, number = found.group("second", "number") if found else ("", None)
    return second, int(number or 1), name


def _new_folder(runs: Path, record: Record) -> Path:
    """Make the folder of a run; runs that began in the same second are numbered.

    No run is before one that was kept already, though the clock was set back: the newest stays the newest.
    """
    second = re.sub(r"[-:]|\+.*", "", str(record["started"])) + "Z"
    # A step of a plugin may have any name.
    what = re.sub(r"[^\w.]+", "-", str(record["command"])).strip("-.") or "run"
    known = [_order(folder.name) for folder in runs.iterdir()]
    second = max([second, *(moment for moment, _, _ in known)])
    first = 1 + max((number for moment, number, _ in known if moment == second), default=0)
    for number in range(first, first + 1000):
        folder = runs / (f"{second}-{what}" if number == 1 else f"{second}-{number}-{what}")
        with suppress(FileExistsError):
            folder.mkdir(0o700)
            return folder
    raise Problem(str(runs), "a thousand runs began in one second")
