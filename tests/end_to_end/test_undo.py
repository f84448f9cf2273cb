"""What was released is looked up, undone, planned, sealed and rehearsed, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from maulstick.sandbox import launch
from maulstick.sandbox.site.lies import tell
from tests.checkout import ROOT
from tests.end_to_end.projects import SERIES, Project, dump, untouched

ARTWORK = "update artworks set {} where slug = 'in-motion-v'"
YEAR = "select year from artworks where slug = 'in-motion-v'"


@pytest.fixture
def edited(released: Project) -> Project:
    """The project with an artwork of another year here, exported."""
    released.local(ARTWORK.format("year = 1999"))
    assert released.invoke("export", *SERIES).code == 0
    return released


def test_a_release_is_undone_and_told_of(edited: Project) -> None:
    before = sorted(dump(edited).splitlines())
    assert edited.invoke("apply", *SERIES).code == 0
    ran = edited.invoke("rollback", "--last", "--check", "--diff")
    assert (ran.code, edited.rows(YEAR)) == (0, [(1999,)])
    year = 'year: restored: sandbox "1999" → before "2025"'
    assert f"    restored: artworks:in-motion-v\n        {year}\n" in ran.err
    assert ran.last == "release 2 of series embodiment: 1 restored; rehearsed, nothing was changed"
    ran = edited.invoke("rollback", "--release", "2")
    assert (ran.code, ran.last) == (0, "release 3: release 2 of series embodiment: 1 restored")
    assert sorted(dump(edited).splitlines()) == before
    _told(edited)


def _told(project: Project) -> None:
    history = project.invoke("history", "--json")
    found = json.loads(history.out)["records"]
    assert [(one["number"], one["kind"], one["of"]) for one in found] == [
        (3, "rollback", 2),
        (2, "release", None),
        (1, "release", None),
    ]
    why = project.invoke("why", "--row", "artworks:in-motion-v")
    assert [line.split(" ")[1] for line in why.out.splitlines() if line.startswith("release")] == [
        "3",
        "2",
        "1",
    ]
    assert '    year: "1999" became "2025"' in why.out
    one = project.invoke("history", "--release", "2")
    claimed, proven, _, year = one.out.splitlines()
    assert claimed.startswith(f"claimed: {found[1]['claimed']['operator']} on ")
    assert proven == f"proven: database user {found[1]['proven']['session_user']}"
    assert year == '    year: "2025" became "1999"'
    _filtered(project)


def _filtered(project: Project) -> None:
    def numbers(*words: str) -> list[int]:
        ran = project.invoke("history", "--json", *words)
        return [one["number"] for one in json.loads(ran.out)["records"]]

    assert numbers("--subject", "series=embodiment", "--limit", "2") == [3, 2]
    assert numbers("--since", "2") == [3, 2]
    assert numbers("--since", "2001-01-01") == [3, 2, 1]
    assert numbers("--subject", "series=other") == []
    ran = project.invoke("history", "--since", "2101-01-01T12:00")
    assert (ran.code, ran.out) == (0, "sandbox: no such release\n")


def test_what_a_rollback_put_back_is_json_and_a_record(edited: Project) -> None:
    assert edited.invoke("apply", *SERIES).code == 0
    ran = edited.invoke("rollback", "--last", "--check", "--json")
    rehearsed = json.loads(ran.out)
    assert rehearsed.pop("run").endswith("-rollback")
    assert rehearsed == {
        "version": 1,
        "target": "sandbox",
        "of": 2,
        "number": None,
        "subject": "series embodiment",
        "rehearsed": True,
        "exit": 0,
        "rows": [{"table": "artworks", "key": "in-motion-v", "action": "update"}],
        "files": [],
        "pages": [],
    }
    ran = edited.invoke("rollback", "--last", "--json", "--media")
    done = json.loads(ran.out)
    assert (done["number"], done["rehearsed"], len(done["rows"]), done["files"]) == (3, False, 1, [])
    pages = {check["name"]: check["ok"] for check in done["pages"]}
    assert set(pages.values()) == {True}
    assert {"page /series/embodiment", "page /artworks/in-motion-v"} < {*pages}
    assert any(name.startswith("text '2025 ") for name in pages)  # the year that came back
    _recorded(edited, done["run"])


def _recorded(project: Project, run: str) -> None:
    """The run of a rollback is listed, and shown in each format."""
    listed = project.invoke("report", "--list").out.splitlines()
    assert listed[0].split() == [
        run, "series", "embodiment", "to", "sandbox:", "rolled", "back",
        "as", "release", "3,", "the", "rollback", "of", "release", "2",
    ]  # fmt: skip
    record = json.loads(project.invoke("report", "--run", run, "--format", "json").out)
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(record)
    [release] = record["releases"]
    assert (release["number"], release["of"], release["exit"]) == (3, 2, 0)
    [change] = release["changes"]
    year = {"action": "update", "production": "1999", "local": "2025"}
    assert (change["action"], change["columns"]["year"]) == ("update", year)
    assert [step["name"] for step in release["steps"]] == ["rollback", "verify"]
    for form in ("text", "md", "junit"):
        assert project.invoke("report", "--format", form).code == 0
    page = Path(project.folder / project.invoke("report", "--format", "html").last).read_text()
    assert "Restored <small>1</small>" in page


def test_after_the_first_release_was_undone_no_page_of_it_is_there(released: Project) -> None:
    ran = released.invoke("rollback", "--last", "--json", "--media")
    done = json.loads(ran.out)
    assert (ran.code, {check["ok"] for check in done["pages"]}) == (0, {True})
    answers = {check["name"]: check["answer"] for check in done["pages"]}
    assert answers["page /artworks/in-motion-v"] == "answers 404, as it should"
    assert {one["action"] for one in done["rows"]} >= {"delete"}
    assert {one["action"] for one in done["files"]} == {"remove"}


def test_a_page_that_shows_what_was_undone_is_wrong(edited: Project) -> None:
    assert edited.invoke("apply", *SERIES).code == 0
    lies = launch.lies_of(edited.sandbox)
    tell(lies, {"path": "/series/embodiment", "lie": "other text", "old": "2025", "new": "1999"})
    try:
        ran = edited.invoke("rollback", "--last")
    finally:
        tell(lies)
    assert (ran.code, edited.rows(YEAR), ran.last.split(":")[0]) == (5, [(2025,)], "release 3")
    says = "release 3 undid release 2, its rows are as before; its pages are wrong"
    assert ran.last_said == f"sandbox: {says}"
    record = json.loads(edited.invoke("report", "--format", "json").out)
    assert (record["exit"], record["releases"][0]["state"]) == (5, f"sandbox: {says}")


def test_a_row_changed_since_is_left_by_except(edited: Project) -> None:
    assert edited.invoke("apply", *SERIES).code == 0
    edited.rows(ARTWORK.format("year = 5"))
    ran = edited.invoke("rollback", "--last")
    assert (ran.code, edited.rows(YEAR)) == (3, [(5,)])
    assert "artworks:in-motion-v: was changed since: year" in ran.err
    assert "--except TABLE:KEY" in ran.err
    ran = edited.invoke("rollback", "--last", "--except", "artworks:in-motion-v")
    assert (ran.code, edited.rows(YEAR)) == (0, [(5,)])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("rollback",), "takes either --release N or --last"),
        (("rollback", "--release", "x"), "--release x: is not a number"),
        (("why",), "--row: is missing"),
        (("history", "--subject", "series"), "--subject series: is not KIND=KEY"),
        (("history", "--since", "monday"), "--since monday: is neither a date nor a release's number"),
        (("history", "--limit", "0"), "--limit 0: is not a number of releases"),
        (("history", "--release", "1", "--limit", "2"), "--limit: does not go with --release"),
    ],
)
def test_what_is_typed_wrong_is_a_usage_problem(project: Project, words: tuple[str, ...], says: str) -> None:
    ran = project.invoke(*words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_a_sealed_plan_is_carried_out_once(edited: Project, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    assert edited.invoke("plan", *SERIES, "--out", file).code == 0
    ran = edited.invoke("release", "--series", "winter-allotments", "--plan", file)
    assert ran.code == 2
    assert "plan: series winter-allotments is not in it" in ran.err
    ran = edited.release("--plan", file)
    assert (ran.code, ran.words["export"], edited.rows(YEAR)) == (0, "skipped", [(1999,)])
    ran = edited.invoke("apply", *SERIES, "--plan", file)
    assert ran.code == 3
    assert "plan: was carried out by release 2; nothing was changed" in ran.err


def test_a_rehearsed_release_changes_nothing_anywhere(released: Project) -> None:
    released.local(ARTWORK.format("year = 1999"))
    before, bundle = untouched(released), (released.bundle / "release.sql").read_bytes()
    ran = released.release("--check", "--diff", "--exit-code")
    assert (ran.code, ran.last.split(" (")[0]) == (10, "rehearsed: nothing was changed")
    assert "release series embodiment to sandbox, as a check: nothing is changed\n" in ran.err
    year = 'year: update: production "2025" → local "1999"'
    assert f"    ~ update artworks in-motion-v\n        {year}\n" in ran.err
    assert "    deploy has nothing to ship\n" in ran.err
    assert "    files: unchanged, 5 files there\n" in ran.err
    assert ran.steps["apply"] == ("done", "1 updated; rolled back, nothing was changed")
    assert {ran.words[name] for name in ("deploy", "upload", "verify")} == {"skipped"}
    assert (untouched(released), (released.bundle / "release.sql").read_bytes()) == (before, bundle)


def test_a_conflict_is_taken_and_a_question_without_a_person_is_refused(edited: Project) -> None:
    edited.rows(ARTWORK.format("year = 5"))
    ran = edited.invoke("plan", *SERIES, "--ask")
    assert ran.code == 2
    assert "--ask: nobody is there to answer" in ran.err
    ran = edited.invoke("apply", *SERIES, "--take", "local:artworks.in-motion-v.year")
    assert (ran.code, edited.rows(YEAR)) == (0, [(1999,)])


def test_a_deleted_row_is_pruned_by_name_only(released: Project) -> None:
    where = "from artworks where slug = 'in-motion-v'"
    released.local(f"delete {where}")
    assert released.invoke("export", *SERIES).code == 0
    ran = released.invoke("apply", *SERIES, "--yes")
    assert (ran.code, released.rows(f"select slug {where}")) == (0, [("in-motion-v",)])
    ran = released.invoke("apply", *SERIES, "--prune")
    assert (ran.code, released.rows(f"select slug {where}")) == (0, [])
    assert "artworks:in-motion-v will be deleted in sandbox" in ran.err
