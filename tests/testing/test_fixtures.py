"""The fixtures of maulstick.testing, in suites of authors; one run of pytest with its servers serves many."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.docs.documents import blocks, page
from tests.testing.authors import pytest_in, saved

DOCS = {block.saved_as: block.text for block in blocks(page("testing-plugins.md"), "python", "sql")}
LINE = DOCS["tests/conftest.py"]
SCHEMA, PLUGIN = DOCS["tests/schema.sql"], DOCS["plugins/post.py"]
FAULTS = {
    "mistake/schema.sql": "\ncreate tabel people ();",
    "mistake/test_it.py": "def test_it(source): ...",
    "unknown/test_it.py": "def test_it(edited, released): released('post', 'unknown')",
    "missing/test_it.py": "def test_it(source): ...",
    "side/test_it.py": "def test_it(edited): edited('live', 'select 1')",
}
SITE = """
import http.server, os, psycopg
class Site(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        with psycopg.connect(os.environ["DATABASE_URL"]) as database:
            found = database.execute("select title from posts").fetchone() or ("Posts",)
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>x</title><h1>{found[0]}</h1>".encode())
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Site).serve_forever()
"""
LIVE = """
POST = "insert into people values (1, 'Ada'); insert into posts values (1, 'hello', 'Hello', null, 1)"

def test_it(edited, released, site):
    edited("local", POST)
    assert all(check.ok for check in released("post", "hello").checks)
"""
ELSEWHERE = "[pytest]\nmaulstick_schema = tables.sql\nmaulstick_plugins = ours\nmaulstick_site = {}\n"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run of the docs' suite, of our plugins' and of faulty ones prints."""
    folder = saved(tmp_path_factory.mktemp("authors"), {**DOCS, **FAULTS})
    for name in ("unknown", "side"):
        (folder / name / "schema.sql").write_text(SCHEMA)
    skipped = shutil.ignore_patterns("conftest.py", "__pycache__")
    shutil.copytree(ROOT / "plugins", folder / "shipped" / "plugins", ignore=skipped)
    return pytest_in(folder, "--import-mode=importlib")


@pytest.mark.parametrize(("place", "count"), [("tests/", 6), ("shipped/plugins/tests/", 6)])
def test_the_tests_of_the_docs_and_of_the_shipped_plugins_pass(ran: str, place: str, count: int) -> None:
    assert len(re.findall(f"^PASSED {place}", ran, re.MULTILINE)) == count, ran


def test_our_plugins_take_the_fixtures_in_by_the_same_line() -> None:
    assert (ROOT / "plugins" / "tests" / "conftest.py").read_text() == LINE


@pytest.mark.parametrize(
    "says",
    [
        'schema.sql:2: ERROR:  syntax error at or near "tabel"',
        "maulstick.errors.Problem: ",
        "is neither local nor production",
        "schema.sql: does not exist",
        "pg_dump --schema-only",
    ],
)
def test_what_is_wrong_is_said(ran: str, says: str) -> None:
    assert says in ran


def test_a_release_that_stops_is_shown_without_our_own_frames(ran: str) -> None:
    assert "runner.py" not in ran


def test_schema_plugins_and_site_may_be_elsewhere(tmp_path: Path) -> None:
    ini = ELSEWHERE.format(f"{sys.executable} site.py")
    texts = {"tables.sql": SCHEMA, "ours/post.py": PLUGIN, "pytest.ini": ini, "site.py": SITE}
    saved(tmp_path, {**texts, "conftest.py": LINE, "test_it.py": LIVE})
    assert "1 passed" in (said := pytest_in(tmp_path, "--strict-config")), said


def test_packages_that_are_missing_are_named(tmp_path: Path) -> None:
    texts = {"conftest.py": LINE, "schema.sql": SCHEMA, "test_it.py": "def test_it(source): ..."}
    said = pytest_in(saved(tmp_path, texts), first="sys.modules['psutil'] = None")
    assert "maulstick.testing: needs a PostgreSQL server of its own" in said
    assert "pip install 'maulstick[sandbox]'" in said
    assert "Traceback" not in said
