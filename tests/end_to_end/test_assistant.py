"""An assistant asks and plans through `maulstick mcp`, by the SDK's own client; a person releases."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from maulstick.cli.assistant import server
from maulstick.cli.assistant.answer import SHOWN, shortened
from maulstick.errors import Exit, Problem
from tests.end_to_end.projects import COUNTERS, Project
from tests.end_to_end.test_secrets import _leaks

EMBODIMENT = {"subjects": ["series=embodiment"]}
TOOLS = ("doctor", "export", "history", "plan", "report", "status", "why")
PROGRAM = "from maulstick.cli.program import main; main()"


def talk(project: Project, with_client: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
    """Start the server as an assistant does, elsewhere than in the project, and talk with it."""

    async def session() -> Any:
        words = ["-c", PROGRAM, "mcp", "--folder", str(project.folder)]
        started = StdioServerParameters(command=sys.executable, args=words, env=project.shell, cwd="/")
        with Path(os.devnull).open("w") as nothing:
            async with Client(stdio_client(started, errlog=nothing)) as client:
                return await with_client(client)

    return asyncio.run(session())


def asked(project: Project, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Return the answers of tools that are called one after the other, the text of one that is an error."""

    async def ask(client: Client) -> list[Any]:
        answers = [await client.call_tool(name, arguments) for name, arguments in calls]
        return [one.content[0].text if one.is_error else one.structured_content for one in answers]

    return talk(project, ask)


def asked_once(project: Project, name: str, **arguments: Any) -> Any:
    return asked(project, (name, arguments))[0]


def test_no_tool_releases_prunes_or_rolls_back(project: Project) -> None:
    listed = talk(project, lambda client: client.list_tools()).tools
    assert tuple(sorted(tool.name for tool in listed)) == TOOLS
    assert all(tool.annotations.destructive_hint is False for tool in listed)
    assert {tool.name for tool in listed if not tool.annotations.read_only_hint} == {"export", "plan"}
    assert all(tool.description for tool in listed)


def test_a_person_releases_exactly_the_plan_that_the_assistant_sealed(fresh: Project) -> None:
    before = fresh.rows(COUNTERS), fresh.objects()
    exported, planned = asked(fresh, ("export", EMBODIMENT), ("plan", {**EMBODIMENT, "seal": True}))
    assert (exported["exit"], planned["exit"]) == (0, 0)
    assert planned["result"]["plans"][0]["summary"]["insert"] == 18
    assert Path(unquote(urlsplit(planned["report"]).path)).is_file()
    assert (fresh.rows(COUNTERS), fresh.objects()) == before

    program, *words = shlex.split(planned["release"])
    assert program == "maulstick"
    assert fresh.invoke(*words).code == 0
    assert fresh.visit("/series/embodiment")[0] == 200


def test_what_is_there_is_told_as_data_and_nothing_is_written(released: Project) -> None:
    before = released.rows(COUNTERS), released.objects()
    status, history, changes, why, report, doctor = asked(
        released,
        ("status", {}),
        ("history", {}),
        ("history", {"release": 1}),
        ("why", {"row": "artworks:she-lays-down"}),
        ("report", {}),
        ("doctor", {}),
    )
    assert _of_embodiment(status)["word"] == "in step"
    assert [one["number"] for one in history["result"]["records"]] == [1]
    assert len(changes["result"]["records"]) == 18
    assert [one["release"] for one in why["result"]["records"]] == [1]
    assert report["result"]["releases"][0]["number"] == 1
    assert doctor["exit"] == 0
    assert (released.rows(COUNTERS), released.objects()) == before
    assert _leaks(released, str([status, history, changes, why, report, doctor])) == []


def _of_embodiment(status: Any) -> dict[str, Any]:
    return next(one for one in status["result"]["records"] if one["subject"] == "series embodiment")


def test_a_value_that_would_be_an_option_is_refused(project: Project) -> None:
    calls = [
        ("plan", {"subjects": ["--yes"]}),
        ("plan", {**EMBODIMENT, "take": ["-h"]}),
        ("why", {"row": "--inventory=/etc/passwd"}),
        ("history", {"targets": ["--json"]}),
        ("report", {"run": "--open"}),
    ]
    for said in asked(project, *calls):
        assert "would be read as an option" in said


def test_a_mistake_is_the_assistants_to_read(project: Project) -> None:
    unknown, missing, nothing = asked(
        project, ("plan", {"subjects": ["serie=embodiment"]}), ("why", {}), ("release", EMBODIMENT)
    )
    assert (unknown["exit"], unknown["said"][-1]) == (Exit.USAGE, '  hint: did you mean "series"?')
    assert "row" in missing
    assert "release" in nothing


def test_a_call_that_is_called_off_ends_its_command(fresh: Project) -> None:
    async def call_off(client: Client) -> None:
        call = asyncio.ensure_future(client.call_tool("export", EMBODIMENT))
        while not _working(fresh):
            await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        while _working(fresh):
            await asyncio.sleep(0.05)
        assert (await client.call_tool("history", {})).structured_content["exit"] == 0

    talk(fresh, call_off)


def _working(project: Project) -> list[psutil.Process]:
    """List the commands that the server has typed and that run."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = process.info["cmdline"] or []
        if "export" in words and process.info["cwd"] == str(project.folder.resolve()):
            found.append(process)
    return found


def test_without_the_library_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    with pytest.raises(Problem, match=r"mcp: needs a library that is not installed") as refused:
        server.server_of(tmp_path)
    assert refused.value.hint == "pip install 'maulstick[mcp]'"


def test_a_folder_that_does_not_exist_is_refused(project: Project) -> None:
    ran = project.invoke("mcp", "--folder", "nowhere")
    assert (ran.code, ran.err) == (Exit.USAGE, "--folder nowhere: does not exist\n")


def test_long_lists_are_cut_and_counted() -> None:
    left_out: dict[str, int] = {}
    data = {"plans": [{"changes": [*range(SHOWN + 7)]}, {"changes": [1]}]}
    cut = shortened(data, "result", left_out)
    assert [len(plan["changes"]) for plan in cut["plans"]] == [SHOWN, 1]
    assert left_out == {"result.plans[0].changes": 7}
