"""A release that is killed in the middle, and run again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from maulstick.sandbox import databases
from tests.end_to_end.projects import BUCKET, Project, result

FIRST = "uploads/media/1763483281_a84d8a1756abb807.JPG"
WAITING = """
select count(*) from pg_locks l join pg_stat_activity a using (pid)
where not l.granted and a.application_name = 'maulstick'
"""


def _until(seen: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 240
    while not seen():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


def _kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
    assert process.returncode == -9


def _ends_like(project: Project, undisturbed: dict[str, Any]) -> None:
    ran = project.release()
    assert ran.code == 0, ran.err
    assert result(project) == undisturbed


def test_killed_during_upload_and_run_again_it_ends_the_same(
    undisturbed: dict[str, Any], fresh: Project
) -> None:
    s3 = fresh.s3()
    process = fresh.start("release", "--series", "embodiment")
    _until(lambda: FIRST in _listed(s3), process)
    _kill(process)
    assert fresh.rows("select 1 from series where slug = 'embodiment'") == []
    _ends_like(fresh, undisturbed)


def _listed(s3: Any) -> set[str]:
    return {one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}


def test_killed_while_apply_waits_for_its_tables_and_run_again_it_ends_the_same(
    undisturbed: dict[str, Any], fresh: Project
) -> None:
    with psycopg.connect(fresh.address(databases.PRODUCTION)) as visitor:
        visitor.execute("update artworks set title = title where slug = 'reed-bed-january'")
        process = fresh.start("release", "--series", "embodiment")
        _until(lambda: fresh.rows(WAITING) != [(0,)], process)
        _kill(process)
        assert fresh.rows("select 1 from series where slug = 'embodiment'") == []
        visitor.rollback()
    _ends_like(fresh, undisturbed)


def test_interrupted_it_says_what_production_is_left_with(fresh: Project) -> None:
    with psycopg.connect(fresh.address(databases.PRODUCTION)) as visitor:
        visitor.execute("update artworks set title = title where slug = 'reed-bed-january'")
        process = fresh.start("release", "--series", "embodiment")
        _until(lambda: fresh.rows(WAITING) != [(0,)], process)
        process.send_signal(2)
        _, err = process.communicate(timeout=240)
        visitor.rollback()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "sandbox: new pictures that no row names yet; its rows are unchanged"
    assert fresh.invoke("report").out.splitlines()[-2:] == err.splitlines()[-2:]
    assert fresh.rows("select 1 from series where slug = 'embodiment'") == []


def test_no_process_is_left_behind_by_a_killed_release(fresh: Project) -> None:
    with psycopg.connect(fresh.address(databases.PRODUCTION)) as visitor:
        visitor.execute("update artworks set title = title where slug = 'reed-bed-january'")
        process = fresh.start("release", "--series", "embodiment")
        _until(lambda: fresh.rows(WAITING) != [(0,)], process)
        assert _proxies(fresh)
        _kill(process)
        visitor.rollback()
    end = time.monotonic() + 240
    while _proxies(fresh):
        assert time.monotonic() < end
        time.sleep(0.1)


def _proxies(project: Project) -> list[Path]:
    """Return the proxies of this project's sandbox; others may run on this machine."""
    ours = f"MAULSTICK_SANDBOX={project.sandbox}".encode()
    return [place for place in Path("/proc").glob("[0-9]*") if _holds(place, ours)]


def _holds(place: Path, ours: bytes) -> bool:
    try:
        words = (place / "cmdline").read_bytes().split(b"\0")
        return b"proxy" in words and ours in (place / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
