import errno
import tempfile
from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.files import no_room, temporary_folder, writing

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a file that is always full")
def test_what_a_full_disk_refuses_names_the_place_and_what_to_do():
    with pytest.raises(Problem) as caught, writing("releases"), FULL.open("wb") as file:
        file.write(b"rows")
    assert str(caught.value) == (
        "releases: cannot be written: no space left on device\n"
        "  hint: make room on its disk, then run the same command again"
    )
    assert caught.value.code == Exit.FAILED


def test_a_folder_for_temporary_files_that_cannot_be_made_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(Problem) as caught, temporary_folder():
        pass
    assert caught.value.where == "the folder for temporary files"
    assert "TMPDIR=FOLDER" in caught.value.hint


def test_it_is_gone_after_the_block():
    with temporary_folder() as folder:
        (folder / "rows").write_bytes(b"rows")
    assert not folder.exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS])
def test_a_disk_that_takes_nothing_more_is_no_mistake_of_ours(code):
    problem = no_room(OSError(code, "no", "rows"), "export")
    assert problem is not None
    assert (problem.where, problem.code, bool(problem.hint)) == ("export", Exit.FAILED, True)


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "no"), ValueError("no"), OSError("no")])
def test_anything_else_is(error):
    assert no_room(error) is None
