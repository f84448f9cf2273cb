"""`fly logs`: what the machines of an app wrote (docs/fly-facts.md, "Deploys")."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maulstick.sandbox import launch
from maulstick.sandbox.apps import AppMachine
from maulstick.sandbox.fly_json import dump
from maulstick.sandbox.fly_request import Request, out

PAGE = 100
POLL_SECONDS = 0.2
STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*Z) (.*)")
TROUBLE = re.compile(r"^\w*(Error|Exception)\b|\bERROR\b|\[error\]|^Traceback")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a machine's output."""

    at: str
    machine: AppMachine
    level: str
    message: str


def logs(request: Request) -> int:
    """Print the last page of lines, then follow; with --no-tail return after the first page that has any."""
    seen = 0
    while True:
        entries = _entries(request)
        for entry in entries[max(seen, len(entries) - PAGE) if seen == 0 else seen :]:
            out(_text(request, entry))
        seen = len(entries)
        if seen and request.call.says("no-tail"):
            return 0
        time.sleep(POLL_SECONDS)


def _entries(request: Request) -> Sequence[LogLine]:
    wanted = request.call.value("machine") or request.call.value("instance")
    machines = [machine for machine in request.app.machines if wanted in ("", machine.id)]
    found = [entry for machine in machines for entry in _of_machine(request, machine)]
    return sorted(found, key=lambda entry: entry.at)


def _of_machine(request: Request, machine: AppMachine) -> Iterator[LogLine]:
    log = launch.log_of(request.folder, machine.id)
    if not log.exists():
        return
    at = machine.created
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        stamped = STAMPED.fullmatch(line)
        at, message = stamped.groups() if stamped else (at, line)
        yield LogLine(at, machine, "error" if TROUBLE.search(message) else "info", message)


def _text(request: Request, entry: LogLine) -> str:
    if request.call.says("json"):
        return dump(_shape(entry))
    machine = entry.machine
    return f"{entry.at} app[{machine.id}] {machine.region} [{entry.level}]{entry.message}\n"


def _shape(entry: LogLine) -> Mapping[str, Any]:
    machine = entry.machine
    request = {"ID": "", "Method": "", "Version": ""}
    return {
        "level": entry.level,
        "instance": machine.id,
        "message": entry.message,
        "region": machine.region,
        "timestamp": entry.at,
        "meta": {
            "Instance": machine.id,
            "Region": machine.region,
            "Event": {"Provider": "app"},
            "HTTP": {"Request": request, "Response": {"status_code": 0}},
            "Error": {"Code": 0, "Message": ""},
            "URL": {"Full": ""},
        },
    }
