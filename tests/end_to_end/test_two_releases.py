"""Two releases at the same moment."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from maulstick.postgres.sql.ledger import LOCK
from maulstick.sandbox import databases
from tests.end_to_end.projects import BUCKET, SERIES, Project, result

KEY = "uploads/media/1763722108_d70e2e2341d3cccd.jpg"


@contextmanager
def somebody(project: Project) -> Iterator[None]:
    """Hold the target's lock in the block."""
    with psycopg.connect(project.address(databases.PRODUCTION), application_name="somebody") as first:
        first.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        yield


def until(process: subprocess.Popen[str], words: str) -> Iterator[str]:
    """Return the lines that a process says, up to the one with these words; all, where none has them."""
    assert process.stderr is not None
    for line in process.stderr:
        yield line
        if words in line:
            return


def test_two_at_once_leave_what_one_would(undisturbed: dict[str, Any], fresh: Project) -> None:
    both = [fresh.start("release", "--series", "embodiment") for _ in range(2)]
    ended = [(process.communicate(timeout=600)[1], process.returncode) for process in both]
    assert sorted(code for _, code in ended) in ([0, 0], [0, 7]), ended
    assert result(fresh) == undisturbed


@pytest.fixture
def hasty(fresh: Project) -> Iterator[Project]:
    """A project with a playbook that waits for nobody."""
    book = fresh.folder / "playbooks" / "hasty.toml"
    steps = [f'[[step]]\nname = "{name}"' for name in ("export", "upload")]
    text = "\n".join([*steps, '[[step]]\nname = "apply"\nlock_wait = 1'])
    book.write_text(f'name = "hasty"\nsays = "waits for nobody"\n{text}\n')
    yield fresh
    book.unlink()


def test_the_second_says_for_whom_it_waited_in_vain(hasty: Project) -> None:
    assert hasty.invoke("export", *SERIES).code == 0
    assert hasty.invoke("upload", *SERIES).code == 0
    hasty.s3().delete_object(Bucket=BUCKET, Key=KEY)
    with somebody(hasty):
        ran = hasty.release("--playbook", "hasty")
    assert (ran.code, ran.words["upload"]) == (7, "done")
    assert "another release holds the lock: olivia_art_portfolio (somebody) since" in ran.err
    assert ran.last_said == "sandbox: new pictures that no row names yet; its rows are unchanged"
    assert hasty.rows("select 1 from series where slug = 'embodiment'") == []


def test_the_first_upload_ever_waits_for_who_releases_now(hasty: Project) -> None:
    assert hasty.invoke("export", *SERIES).code == 0
    with somebody(hasty):
        process = hasty.start("upload", *SERIES)
        said = "".join(until(process, "waiting for another release: olivia_art_portfolio (somebody) since"))
        time.sleep(1)
        assert process.poll() is None, said
        assert KEY not in hasty.objects()
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, said + err
    assert KEY in hasty.objects()
