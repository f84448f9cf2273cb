"""`--trace-hooks`: each call of a hook, its plugin, its arguments and its answer, in short."""

from __future__ import annotations

from pathlib import Path

import pytest

from maulstick.errors import Exit, Problem
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import load
from maulstick.project.plugins.trace import shown

PLUGIN = """
from maulstick import Check, Kind, Page, Table, hookimpl

@hookimpl
def maulstick_kinds():
    yield Kind("post", table="posts", key="slug")

@hookimpl
def maulstick_tables(subject):
    yield Table("posts", key="slug")

def maulstick_files(subject):
    yield "never asked for"

@hookimpl
def maulstick_pages(subject, rows):
    yield from (Page(f"/posts/{n}?token=abc") for n in range(9))

@hookimpl
def maulstick_verify(release):
    yield Check("it is there", None, "secret answer")
    raise ValueError("a bug")

@hookimpl
def maulstick_finished(report): ...
"""


def test_every_call_is_said_with_its_answer_and_every_hook_that_was_not_called(tmp_path: Path) -> None:
    (tmp_path / "post.py").write_text(PLUGIN)
    (tmp_path / "broken.py").write_text("import nothing_of_this_name")
    plugins, said, subject = load(tmp_path), list[str](), Subject("post", "hello")
    rows = {"posts": [{"slug": "hello"}], "people": [{"name": "Ada"}, {"name": "Bob"}]}
    with plugins.traced(said.append):
        plugins.found = tuple(one for one in plugins.found if not one.failure)
        plugins.kind("post")
        for _ in range(2):
            plugins.tables(subject)
        list(plugins.pages(subject, rows))
        with pytest.raises(Problem) as caught:
            plugins.checks(type("Release", (), {"subject": subject})())
    assert caught.value.code == Exit.PLUGIN
    of = f"of {tmp_path.name}/post.py"
    assert said[0].startswith(f"plugin {tmp_path.name}/broken.py: could not be loaded: ModuleNotFoundError")
    page = ", ".join(f"Page /posts/{n}?[hidden]" for n in range(4))
    assert said[1:] == [
        f"hook maulstick_kinds() {of}: Kind post",
        f'hook maulstick_tables(subject="post hello") {of}: Table posts',
        f'hook maulstick_pages(subject="post hello", rows=3 rows of 2 tables) {of}: {page} and 5 more',
        f'hook maulstick_verify(release="post hello") {of}: failed after: Check it is there unknown',
        f"hook maulstick_files {of}: never called, for it is not marked @hookimpl",
        f"hook maulstick_finished {of}: not called here; the end of a release would",
    ]


def test_no_login_of_an_address_is_said() -> None:
    assert shown("https://ada:pw@example.org/a?b=c") == "https://[hidden]@example.org/a?[hidden]"
