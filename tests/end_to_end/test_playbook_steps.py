"""A playbook with commands and webhooks, as it is typed: who is told what, and what the record shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.end_to_end.projects import Project
from tests.listener import Listener, listening

BOOK = """
name = "told"
says = "rows, and everybody hears of it"

[vars]
theme = "dark"

[[step]]
name = "export"

[[step]]
name = "plan"

[[step]]
name = "upload"

[[step]]
name = "apply"

[[step]]
name = "count"
step = "command"
run = "echo counted in {{ theme }} for {{ target }}"
when = "rows_changed and not code_changed"
tags = ["counting"]

[[step]]
name = "thumbnails"
step = "command"
run = "echo made with $STUDIO_TOKEN && test -e thumbnails"

[[step]]
name = "tell-studio"
step = "webhook"
url = "${STUDIO}"
format = "slack"
ignore_errors = true

[[step]]
name = "alarm"
step = "webhook"
url = "${ALARM}"
on_failure = true
"""


@pytest.fixture
def chat() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def test_a_step_that_fails_after_the_rows_went_live_is_told_so_and_the_next_run_ends_it(
    fresh: Project, other: Project, chat: Listener
) -> None:
    (other.folder / "playbooks" / "told.toml").write_text(BOOK)
    told = {
        "STUDIO": f"{chat.address}/studio",
        "ALARM": f"{chat.address}/alarm",
        "STUDIO_TOKEN": "t0p-s3cret",
    }
    other = replace(other, environment=told)
    ran = other.release("--playbook", "told", "--set", "theme=light")
    assert ran.code == 4
    assert "    made with [hidden]\n" in ran.err
    assert ran.steps["count"] == ("done", "counted in light for sandbox")
    assert [*ran.words.items()][-2:] == [("thumbnails", "failed"), ("alarm", "done")]
    assert ran.last_said == "sandbox: release 1 is there, its rows are live, not verified"
    (alarm,) = chat.posts
    assert (alarm.path, alarm.body["event"]) == ("/alarm", "failed")
    assert "thumbnails: failed with exit code 1" in alarm.body["text"]
    assert ran.last_said in alarm.body["text"]
    (case,) = [
        case
        for case in ElementTree.fromstring(other.invoke("report", "--format", "junit").out).iter("testcase")
        if case.find("failure") is not None
    ]
    assert case.get("name") == "thumbnails"
    page = Path(other.invoke("report", "--format", "html").out.strip()).read_text()
    assert "<strong>incomplete</strong>" in page
    assert "tell-studio" not in page
    assert "alarm <small>webhook</small>" in page

    (other.folder / "thumbnails").touch()
    chat.statuses.append(500)
    ran = other.release("--playbook", "told", "--json")
    assert (ran.code, ran.words["thumbnails"], ran.words["tell-studio"]) == (0, "done", "failed")
    assert ran.steps["count"] == ("skipped", "not when rows_changed and not code_changed")
    assert "warning: tell-studio: 127.0.0.1 answers 500" in ran.err
    assert "nothing to release" in chat.posts[-1].body["text"]
    steps = {step["name"]: step for step in json.loads(ran.out)["releases"][0]["steps"]}
    assert (steps["tell-studio"]["step"], steps["tell-studio"]["ignored"]) == ("webhook", True)
    for secret in ("t0p-s3cret", chat.address):
        assert secret not in ran.out + ran.err
