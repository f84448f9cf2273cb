"""The fixtures of maulstick.testing, in the suite that the docs write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.documents import blocks, page
from tests.testing.authors import pytest_in

TEST = "def test_it(source): assert source.rows('select * from posts') == []"


@pytest.fixture
def author(tmp_path: Path) -> Path:
    """The project of docs/testing-plugins.md."""
    for block in blocks(page("testing-plugins.md"), "python", "sql"):
        file = tmp_path / block.saved_as
        file.parent.mkdir(exist_ok=True)
        file.write_text(block.text)
    return tmp_path


def test_the_tests_of_the_docs_pass(author: Path) -> None:
    done = pytest_in(author)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_a_schema_that_is_missing_is_named_with_what_makes_it(author: Path) -> None:
    (author / "tests" / "schema.sql").unlink()
    done = pytest_in(author, "-k", "undone")
    assert "schema.sql: does not exist" in done.stdout
    assert "pg_dump --schema-only" in done.stdout


def test_schema_and_plugins_may_lie_elsewhere(author: Path) -> None:
    (author / "tests" / "schema.sql").rename(author / "tables.sql")
    (author / "plugins").rename(author / "ours")
    (author / "pytest.ini").write_text("[pytest]\nmaulstick_schema = tables.sql\nmaulstick_plugins = ours\n")
    done = pytest_in(author, "-k", "undone", "--strict-config")
    assert done.returncode == 0, done.stdout


def test_a_mistake_in_the_schema_is_named_with_its_line(author: Path) -> None:
    (author / "tests" / "schema.sql").write_text("\ncreate tabel people ();")
    done = pytest_in(author, "-k", "undone")
    assert 'schema.sql: 2: ERROR:  syntax error at or near "tabel"' in done.stdout


def test_what_stops_a_release_is_said_without_our_own_frames(author: Path) -> None:
    (author / "tests" / "test_post.py").write_text(
        "def test_it(edited, released): released('post', 'unknown')"
    )
    done = pytest_in(author)
    assert "maulstick.errors.Problem" in done.stdout
    assert "runner.py" not in done.stdout


def test_a_side_that_there_is_not_is_refused(author: Path) -> None:
    (author / "tests" / "test_post.py").write_text("def test_it(edited): edited('live', 'select 1')")
    assert "is neither local nor production" in pytest_in(author).stdout


def test_packages_that_are_missing_are_named(author: Path) -> None:
    done = pytest_in(author, "-k", "undone", first="sys.modules['psutil'] = None")
    assert "maulstick.testing: needs a PostgreSQL server of its own" in done.stdout
    assert "pip install 'maulstick[sandbox]'" in done.stdout
    assert "Traceback" not in done.stdout
