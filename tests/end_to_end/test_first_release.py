"""One release to a fresh sandbox, and the same again: what is there, and what was not touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.end_to_end.projects import COUNTERS, OURS, SLICE, Project, Ran, dump_outside, ids, preexisting

STEPS = ["check", "export", "plan", "deploy", "upload", "apply", "verify"]


@dataclass(frozen=True, slots=True)
class Story:
    """A first release and a second one, with production before, between and after."""

    project: Project
    first: Ran
    second: Ran
    outside: tuple[str, str]
    ids: Mapping[str, list[int]]
    rows: tuple[Any, Any]
    counters: tuple[Any, Any]
    objects: tuple[Any, Any]
    bundle: tuple[Any, Any]


@pytest.fixture(scope="module")
def story(fresh_once: Project) -> Story:
    project = fresh_once
    before, outside = ids(project), dump_outside(project)
    rows = preexisting(project, before)
    first = project.release()
    counted, objects, bundle = _counters(project), project.objects(), _bundle(project)
    second = project.release()
    print(f"first release {first.seconds:.1f} s, unchanged {second.seconds:.1f} s")
    return Story(
        project,
        first,
        second,
        (outside, dump_outside(project)),
        before,
        (rows, preexisting(project, before)),
        (counted, _counters(project)),
        (objects, project.objects()),
        (bundle, _bundle(project)),
    )


def _counters(project: Project) -> list[Any]:
    # What a connection counted is written when it ends, which the server does in its own time.
    project.rows("select pg_stat_force_next_flush(), pg_sleep(0.3)")
    return project.rows(COUNTERS)


def _bundle(project: Project) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in project.bundle.iterdir()}


def test_every_step_is_done_and_the_exit_code_is_0(story: Story) -> None:
    assert story.first.code == 0
    assert list(story.first.words) == STEPS
    assert set(story.first.words.values()) == {"done", "unchanged"}


def test_the_result_is_one_line_on_stdout(story: Story) -> None:
    assert story.first.out.count("\n") == 1
    assert story.first.last.startswith("release 1: sandbox is in step with local (")
    assert story.first.last.endswith(f"{story.project.site}/series/embodiment")


def test_the_steps_say_how_much_they_did(story: Story) -> None:
    steps = story.first.steps
    assert "1 series, 4 artworks" in steps["export"][1]
    assert steps["plan"][1].startswith("18 to insert, 4 files to upload")
    assert steps["upload"][1] == "4 files, 3.0 MB, 1 repaired"
    assert steps["apply"] == ("done", "18 inserted")


def test_the_released_page_answers_and_shows_the_series(story: Story) -> None:
    status, _, html = story.project.visit("/series/embodiment?theme=reviewer")
    assert status == 200
    assert all(title in html for title in ("IN MOTION III", "IN MOTION IV", "IN MOTION V", "She Lays Down"))
    assert html.count("data-note-id=") >= 4


def test_the_same_again_says_only_unchanged(story: Story) -> None:
    reading = {"check": "done", "plan": "done", "verify": "done"}
    assert story.second.code == 0
    assert story.second.words == {**dict.fromkeys(STEPS, "unchanged"), **reading}
    assert story.second.steps["plan"][1].startswith("unchanged: 18 rows equal")
    assert story.second.last.startswith("nothing to release: sandbox is in step with local")


def test_the_same_again_writes_no_row(story: Story) -> None:
    assert story.counters[0] == story.counters[1]


def test_the_same_again_writes_no_object_and_no_file(story: Story) -> None:
    assert story.objects[0] == story.objects[1]
    assert story.bundle[0] == story.bundle[1]


def test_tables_outside_the_slice_are_byte_identical(story: Story) -> None:
    before, after = story.outside
    assert "visitor-1@example.com" in before
    assert before == after


def test_rows_that_were_there_before_are_untouched(story: Story) -> None:
    before, after = story.rows
    assert sum(len(rows) for rows in before.values()) > 20
    assert before == after


@pytest.mark.parametrize("table", OURS)
def test_released_rows_have_ids_of_their_own(story: Story, table: str) -> None:
    now = ids(story.project)[table]
    assert set(story.ids[table]) < set(now)
    ours = [row[0] for row in story.project.rows(f"select id from {table} where {OURS[table]}")]
    assert not set(ours) & set(story.ids[table])


def test_the_site_s_next_row_gets_a_free_id(story: Story) -> None:
    made = story.project.rows(
        "insert into series (title, slug, inserted_at, updated_at)"
        " values ('Next', 'next', now(), now()) returning id"
    )
    story.project.rows("delete from series where slug = 'next'")
    assert made[0][0] > max(ids(story.project)["series"])


def test_a_third_release_does_not_multiply_the_notes(story: Story) -> None:
    assert story.project.release("--playbook", "content").code == 0
    assert story.project.rows("select count(*) from annotations where page_path = '/series/embodiment'") == [
        (4,)
    ]


def test_a_private_note_stays_at_home(story: Story) -> None:
    private = "select * from annotations where visibility = 'private' and page_path = '/series/embodiment'"
    assert len(story.project.local(private)) == 1
    assert story.project.rows(private) == []


def test_references_inside_json_name_production_s_rows(story: Story) -> None:
    assert story.project.rows(
        "select a.slug from annotations n join artworks a on to_jsonb(a.id) = n.anchor_meta -> 'artwork_id'"
        " where n.page_path = '/series/embodiment'"
    ) == [("in-motion-iii",)]


def test_history_lists_the_release_as_verified(story: Story) -> None:
    listed = story.project.invoke("history")
    assert listed.code == 0
    assert "series embodiment" in listed.out
    assert " verified " in listed.out
    assert listed.out.count("\n") == 1


def test_only_tables_of_the_slice_were_written(story: Story) -> None:
    written = {row[0] for row in story.counters[1] if sum(row[1:])}
    assert set(SLICE) - {"media_images"} <= written
