"""A command typed for an assistant: a process of ours, whose output becomes data."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from maulstick.cli.shell_words import NAME
from maulstick.errors import usage
from maulstick.processes import ROOT

PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from maulstick.cli.program import main; main()"
SHOWN = 200
"""Items of a list that are handed over; an assistant reads no more, and pays for each."""
PATIENCE = 30
"""Seconds in which a command that was called off may end by itself."""

Words = Mapping[str, str | bool | int | Sequence[str] | None]
"""Options by name; None, False and () are left out."""
Answer = dict[str, Any]
"""What became of a command; the keys are those of `answer`."""


async def answer(project: Path, command: str, options: Words) -> Answer:
    """Type a command in a project, and return what it said.

    `command` is what a person would type, `exit` its exit code, `result` what it printed (data where that is
    JSON), `said` the lines beside it. Lists have 200 items at most; `left_out` counts the rest by its place.
    A value that would be read as an option is a usage problem, and nothing is typed.
    """
    words = [command, *_typed(options)]
    code, out, said = await _ran(project, words)
    left_out: dict[str, int] = {}
    result = shortened(_data(out), "result", left_out)
    ended: Answer = {"command": shlex.join([NAME, *words]), "exit": code, "result": result, "said": said}
    return {**ended, "left_out": left_out} if left_out else ended


def _typed(options: Words) -> Iterator[str]:
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            yield flag
        elif isinstance(value, str | int) and value is not False:
            yield from (flag, _value(flag, str(value)))
        elif isinstance(value, Sequence):
            for one in value:
                yield from (flag, _value(flag, one))


def _value(flag: str, text: str) -> str:
    if text.startswith("-"):
        raise usage(flag, f'"{text}" would be read as an option', "values do not begin with a dash")
    return text


async def _ran(project: Path, words: Sequence[str]) -> tuple[int, str, list[str]]:
    """Run a command; one that is called off is interrupted, as by Ctrl-C, and ends in its own way."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", PROGRAM, ROOT, *words),
        cwd=project,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, said = await process.communicate()
    except asyncio.CancelledError:
        await asyncio.shield(_called_off(process))
        raise
    return (
        process.returncode or 0,
        out.decode("utf-8", "replace"),
        said.decode("utf-8", "replace").splitlines(),
    )


async def _called_off(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            process.send_signal(number)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), PATIENCE)
            return


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.rstrip("\n")


def shortened(data: Any, place: str, left_out: dict[str, int]) -> Any:
    """Return data with its lists cut, and count at each place what was cut there."""
    if isinstance(data, dict):
        return {key: shortened(value, f"{place}.{key}", left_out) for key, value in data.items()}
    if not isinstance(data, list):
        return data
    if len(data) > SHOWN:
        left_out[place] = len(data) - SHOWN
    return [shortened(one, f"{place}[{at}]", left_out) for at, one in enumerate(data[:SHOWN])]
