"""The process that works on one of several targets: it is told what to do, and hands over what it made."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from threading import Thread

from maulstick.cli.arguments import Command
from maulstick.cli.loading import plugins_of
from maulstick.cli.performing.forks import LENGTH, ForkRequest
from maulstick.cli.performing.perform import do
from maulstick.cli.performing.work import WorkAnswer
from maulstick.cli.targets import TargetEnding, visited
from maulstick.cli.task import exit_code
from maulstick.console import Console
from maulstick.project.inventory import Target


def main() -> None:
    """Do what stdin asks for, and write the answer to the file that the last argument names."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", line_buffering=True)

    def act() -> int:
        answer = _answer(_request())
        Path(sys.argv[-1]).write_bytes(pickle.dumps(answer))
        return answer.ended.code or 0

    sys.exit(exit_code(act, Console()))


def _request() -> ForkRequest:
    """Read what is to be done; when whoever asked is gone, this process is interrupted."""
    size = int.from_bytes(sys.stdin.buffer.read(LENGTH))
    request: ForkRequest = pickle.loads(sys.stdin.buffer.read(size))  # noqa: S301 - our parent  # nosec B301
    leash, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def watch() -> None:
        if not os.read(leash, 1):
            os.kill(os.getpid(), signal.SIGINT)

    Thread(target=watch, daemon=True).start()
    sys.path[:] = request.search
    return request


def _answer(request: ForkRequest) -> WorkAnswer:
    command = Command(request.project, plugins_of(request.project), request.options, request.keys)
    answers, lines = list[WorkAnswer](), list[str]()

    def visit(target: Target) -> TargetEnding:
        answers.append(do(command, target, request.work, dict(request.exported), lines.append))
        return answers[0].ended

    target = command.inventory().target(request.target)
    with command.trace():
        [ended] = visited([target], visit, command.console(), keep_going=False)
    return replace(answers[0], lines=lines) if answers else WorkAnswer(ended)
