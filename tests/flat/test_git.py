"""What git knows of a checkout."""

import pytest

from maulstick import git as checkouts
from maulstick.errors import Problem
from tests.hosts.fly.clouds import git


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "a checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / ".gitignore").write_text("uploads\n")
    (folder / "page é.txt").write_text("first")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_head_is_the_whole_commit(checkout):
    assert checkouts.head(checkout) == git(checkout, "rev-parse", "HEAD").strip()
    assert len(checkouts.head(checkout)) == 40


def test_a_clean_checkout_with_ignored_files(checkout):
    (checkout / "uploads").mkdir()
    (checkout / "uploads" / "a.jpg").write_text("x")
    assert checkouts.dirty(checkout) == []


def test_everything_that_would_ship_unrecorded_is_dirty(checkout):
    (checkout / "page é.txt").write_text("changed")
    (checkout / "new").mkdir()
    (checkout / "new" / "file name").write_text("x")
    (checkout / "staged").write_text("x")
    git(checkout, "add", "staged")
    assert checkouts.dirty(checkout) == ["new/file name", "page é.txt", "staged"]


def test_a_renamed_file_is_named_once(checkout):
    git(checkout, "mv", "page é.txt", "other.txt")
    assert checkouts.dirty(checkout) == ["other.txt"]


def test_pushed_is_what_a_remote_branch_holds(checkout, tmp_path):
    assert not checkouts.pushed(checkout)
    git(tmp_path, "init", "-q", "--bare", "origin")
    git(checkout, "remote", "add", "origin", str(tmp_path / "origin"))
    git(checkout, "push", "-q", "origin", "main")
    assert checkouts.pushed(checkout)
    git(checkout, "commit", "-qm", "second", "--allow-empty")
    assert not checkouts.pushed(checkout)


def test_a_folder_without_git_is_a_problem(tmp_path):
    with pytest.raises(Problem, match=r"not a git repository.*\n.*source/checkout"):
        checkouts.head(tmp_path)


def test_a_folder_that_is_missing_is_a_problem(tmp_path):
    with pytest.raises(Problem, match=r"cannot be run here"):
        checkouts.head(tmp_path / "absent")


def test_a_repository_without_a_commit_is_a_problem(tmp_path):
    git(tmp_path, "init", "-q")
    with pytest.raises(Problem, match=r"with a commit"):
        checkouts.head(tmp_path)


def test_a_git_hook_does_not_lead_us_astray(checkout, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert checkouts.dirty(checkout) == []


@pytest.mark.parametrize(
    ("make", "says"), [("", "the folder does not exist"), ("file", "it is not a folder")]
)
def test_a_checkout_that_is_missing_is_not_a_matter_of_git(tmp_path, make, says):
    folder = tmp_path / "nowhere"
    if make:
        folder.write_text("x")
    with pytest.raises(Problem, match=says) as caught:
        checkouts.head(folder)
    assert "install" not in caught.value.hint


def test_a_missing_git_is(checkout, monkeypatch):
    monkeypatch.setenv("PATH", str(checkout))
    with pytest.raises(Problem, match="git cannot be run here: no such file") as caught:
        checkouts.head(checkout)
    assert caught.value.hint == "install git"
