"""Plugins that are proposed for tables: remakes of schemas that many sites have, released and undone."""

import re
import shlex
from pathlib import Path

import pytest

from tests.testing.authors import pytest_in

BY_VISITORS = re.compile(
    r'Table\(\s*"[^"]*(faves|comments|highlights|Report)"|Kind.*"language_code"|key="share_token"'
)
"""What no proposal may take along or go by."""
FOLDER = Path(__file__).parent / "schemas"


def read(path):
    """Return what a remade schema is tried with: its kind, table and key, and its three texts."""
    head, _, rest = path.read_text().partition("\n")
    both, _, rest = rest.partition("-- local\n")
    local, _, live = rest.partition("-- live\n")
    return shlex.split(head.removeprefix("-- ")), both, local, live


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_a_row_is_released_as_proposed_and_undone(other_site, path):
    (kind, table, key), both, local, live = read(path)
    if "citext" in both:
        both = f"create extension citext;\n{both}"
    option = f"--{kind.replace('_', '-')}"
    site = other_site(both, local=local, live=live)

    proposed = site.invoke("plugins.new", "--name", kind, "--table", table)
    assert proposed.code == 0, proposed.said
    text = (site.folder / "plugins" / f"{kind}.py").read_text()
    assert len(text.splitlines()) < 60
    assert not BY_VISITORS.search(text), text
    checked = site.invoke("plugins.check")
    assert checked.code == 0, checked.said + text

    assert site.invoke("export", option, key).code == 0
    applied = site.invoke("apply", option, key, "--without-media")
    assert "inserted" in applied.said, applied.said + text
    assert "unchanged" in site.invoke("apply", option, key, "--without-media").said
    assert site.invoke("rollback", "--release", "1", "--yes").code == 0
    assert site.invoke("plan", option, key, "--exit-code").code == 10


def test_the_test_that_is_written_beside_a_plugin_passes(other_site, tmp_path):
    for name in ("chinook", "discourse", "wagtail"):
        (kind, table, _), both, local, live = read(FOLDER / f"{name}.sql")
        site = other_site(both, local=local, live=live)
        assert site.invoke("plugins.new", "--name", kind, "--table", table).code == 0
    with_a_file(other_site)
    suites = map(str, tmp_path.glob("*/tests"))  # one server for all of them
    said = pytest_in(tmp_path, "--import-mode=importlib", *suites)
    assert "4 passed" in said.splitlines()[-1], said


def with_a_file(other_site):
    """Make a site whose written test has to write a file that a row must name."""
    both = "create table posts (id serial primary key, slug text not null unique, cover text not null)"
    site = other_site(both, local="insert into posts (slug, cover) values ('hello', 'covers/a.png')")
    (site.folder / "media" / "covers").mkdir()
    (site.folder / "media" / "covers" / "a.png").write_bytes(b"a picture")
    assert site.invoke("plugins.new", "--name", "post", "--table", "posts").code == 0
    assert 'MediaColumn("cover")' in (site.folder / "plugins" / "post.py").read_text()


def test_files_that_are_there_are_not_written_over(other_site):
    (kind, table, _), both, _, _ = read(FOLDER / "chinook.sql")
    site = other_site(both)
    (site.folder / "tests").mkdir()
    for name in ("conftest.py", "schema.sql"):
        (site.folder / "tests" / name).write_text("mine")
    said = site.invoke("plugins.new", "--name", kind, "--table", table).out.splitlines()
    assert [text for text in said if ": written" in text] == [
        f"plugins/{kind}.py: written",
        f"tests/test_{kind}.py: written",
    ]
    assert (site.folder / "tests" / "schema.sql").read_text() == "mine"


def test_a_kind_that_would_be_an_option_already_gets_another_name(other_site):
    site = other_site("create table plans (id serial primary key, slug text not null unique)")
    refused = site.invoke("plugins.new", "--name", "plan", "--table", "plans")
    assert (refused.code, refused.err.splitlines()[0]) == (
        2,
        '--name: "plan" clashes with the option --plan of every command that takes subjects',
    )
    assert (
        'kind plans: "plan" clashes with the option --plan'
        in site.invoke("plugins.new", "--table", "plans").err
    )
    assert site.invoke("plugins.check").code == 0
