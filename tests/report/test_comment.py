"""A report in a pull request's comment: written once, found again on any page, and by no other hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from maulstick.report.record import RecordDraft
from maulstick.report.store import keep
from tests.end_to_end.projects import Project, Ran, made
from tests.report.github_site import REPOSITORY, TOKEN, Site, running

COMMIT = "0c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0c0ff"
RECORD = {
    "version": 1,
    "command": "plan",
    "started": "2026-11-22T10:00:00+00:00",
    "seconds": 1.0,
    "exit": 0,
    "operator": "me",
    "releases": [],
}


@pytest.fixture
def github() -> Iterator[Site]:
    """GitHub, with two visitors' comments on pull request 7."""
    with running() as site:
        site.say(7, "Which year is it?")
        site.say(7, "<!-- maulstick -->\nEverything is fine, says somebody")
        yield site


@pytest.fixture
def project(tmp_path: Path, github: Site) -> Project:
    """A project in a workflow's run."""
    environment = {
        **github.environment,
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_SHA": COMMIT,
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_RUN_ID": "42",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    return replace(made(tmp_path), environment=environment)


def comment(project: Project, *words: str, **environment: str) -> Ran:
    given = replace(project, environment={**project.environment, **environment})
    return given.invoke("github.comment", *words)


def test_a_comment_is_written_once_and_then_written_anew(project: Project, github: Site) -> None:
    keep(project.folder, RecordDraft({**RECORD}, {}))
    assert comment(project, "--pull", "7").out == f"{github.address}/c/3\n"
    for _ in range(3):
        github.say(7, "another word")
    keep(project.folder, RecordDraft({**RECORD, "exit": 4}, {}))
    report = "https://github.example/artifacts/1"
    assert comment(project, "--pull", "7", "--report", report).out == f"{github.address}/c/3\n"
    says = "Nothing was planned or released: the log says why."
    log = f"[The report, with its pictures]({report}) · [The log](https://github.example/{REPOSITORY}/actions/runs/42)"
    assert github.bodies(7) == [f"<!-- maulstick -->\n{says}\n\n{log}\n"]
    assert github.bodies(7, "visitor")[1].endswith("says somebody")
    assert "no bundle has changed" in (project.folder / "summary").read_text()


def test_the_pull_request_that_brought_the_commit_is_found(project: Project, github: Site) -> None:
    github.merged(3, "f00", "another")
    github.pulls[COMMIT] = [{"number": 5, "merged_at": None}, *github.pulls.pop("another")]
    github.merged(7, "f00", COMMIT)
    assert comment(project).code == 0
    assert (len(github.bodies(7)), github.bodies(3)) == (1, [])


def test_a_commit_without_a_pull_request_is_told_in_the_summary(project: Project, github: Site) -> None:
    ran = comment(project)
    assert (ran.code, ran.out) == (0, f"no pull request brought {COMMIT}: nothing to comment on\n")
    assert "the log says why" in (project.folder / "summary").read_text()
    assert all(method == "GET" for method, *_ in github.asked)


def test_what_github_refuses_is_said_with_what_to_do(project: Project, github: Site) -> None:
    github.refused = 403
    ran = comment(project, "--pull", "7")
    assert ran.code == 4
    assert ran.err.splitlines() == [
        f"github GET /repos/{REPOSITORY}/issues/7/comments: answers 403: Resource not accessible",
        "  hint: the workflow's permissions name what its token may do: docs/github.md",
    ]
    assert TOKEN not in ran.err + ran.out


WRONG = [
    ({"GITHUB_TOKEN": ""}, (), "GITHUB_TOKEN: is not set in the environment", 2),
    ({"GITHUB_REPOSITORY": "a/../b"}, (), 'GITHUB_REPOSITORY: "a/../b" is not a repository', 2),
    ({"GITHUB_SHA": ""}, (), "GITHUB_SHA: is not set in the environment", 2),
    ({"GITHUB_TOKEN": "other"}, (), "answers 401: Bad credentials", 4),
    ({"GITHUB_API_URL": "http://127.0.0.1:1"}, (), "does not answer", 4),
    ({}, ("--pull", "x"), "--pull x: is not a number", 2),
    ({}, ("--run", "x"), "--run x: is not known", 2),
]


@pytest.mark.parametrize(("environment", "words", "says", "code"), WRONG, ids=[one[2] for one in WRONG])
def test_what_is_set_wrong_is_a_problem(
    project: Project, environment: dict[str, str], words: tuple[str, ...], says: str, code: int
) -> None:
    keep(project.folder, RecordDraft({**RECORD}, {}))
    ran = comment(project, *words, **environment)
    assert ran.code == code, ran.err
    assert says in ran.err


def test_a_page_of_another_server_is_not_asked_for(project: Project, github: Site) -> None:
    github.say(7, "a third, so that there is another page")
    with running() as other:
        github.address, other.address = other.address, github.address
        ran = comment(project, "--pull", "7")
    assert ran.code == 4
    assert "says that the next page is at" in ran.err
    assert other.asked == []
