"""The stand-in `fly`: flyctl's contract (docs/fly-facts.md, "The stand-in") over the sandbox's cloud."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from maulstick.sandbox import apps, fly_flags, fly_json, machines
from maulstick.sandbox.apps import CloudError
from maulstick.sandbox.fly_request import Request, err, expect_session, out

VERSION, OLD = "0.4.87", "0.4.79"
COMMIT = "ad0172f"
BUILD_DATE = "2026-08-21T10:00:00Z"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
FOLDER = "MAULSTICK_SANDBOX"


def main() -> int:
    """Run one command line; return its exit code."""
    try:
        return _perform(sys.argv[1:])
    except CloudError as error:
        err(f"Error: {error.what}\n")
        return 1
    except KeyboardInterrupt:
        return 127
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _perform(words: Sequence[str]) -> int:
    call = fly_flags.read(words)
    if call.says("help"):
        out(fly_flags.usage(call.command))
        return 0
    if call.command == "version":
        return _version(call, words)
    folder = _folder()
    _record(folder, words)
    world = apps.load(folder)
    expect_session(folder, call, world)
    request = Request(folder, call, world)
    if fly_flags.COMMANDS[call.command].needs_app:
        _ = request.app
    time.sleep(world.delays.get(call.command, 0))
    return _command(call.command)(request)


def _command(name: str) -> Callable[[Request], int]:
    if name in PERFORM:
        return PERFORM[name]
    module, function = ELSEWHERE[name]
    perform: Callable[[Request], int] = getattr(import_module(f"maulstick.sandbox.{module}"), function)
    return perform


def _folder() -> Path:
    folder = Path(os.environ.get(FOLDER, "."))
    if not apps.world_path(folder).exists():
        raise CloudError(f"{FOLDER} names no sandbox; run `invoke sandbox.up`")
    return folder


def _record(folder: Path, words: Sequence[str]) -> None:
    """Keep each command line, so that tests can count and read them."""
    with (folder / "fly" / "calls.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(list(words)) + "\n")


def _version(call: fly_flags.ParsedCommand, words: Sequence[str]) -> int:
    version = VERSION
    with suppress(CloudError):  # It answers without a sandbox too.
        _record(_folder(), words)
        version = OLD if apps.take_fault(_folder(), "too-old") else VERSION
    machine = os.uname().machine
    architecture = ARCHITECTURES.get(machine, machine)
    if call.says("json"):
        build = {"Name": "fly", "Version": version, "Commit": COMMIT, "BuildDate": BUILD_DATE}
        out(json.dumps({**build, "OS": sys.platform, "Architecture": architecture}) + "\n")
    else:
        out(f"fly v{version} {sys.platform}/{architecture} Commit: {COMMIT} BuildDate: {BUILD_DATE}\n")
    return 0


def _status(request: Request) -> int:
    app = request.app
    if request.call.says("json"):
        out(fly_json.dump(fly_json.status(app)))
        return 0
    newest = app.releases[-1].image if app.releases else "-"
    out(f"App\n  Name     = {app.name}\n  Owner    = {apps.ORGANIZATION}\n")
    out(f"  Hostname = {fly_json.hostname(app)}\n  Image    = {newest}\n\nMachines\n")
    rows = [(m.id, str(m.version), m.region, m.state, _checks(app, m), m.updated) for m in app.machines]
    out(_table(("ID", "VERSION", "REGION", "STATE", "CHECKS", "LAST UPDATED"), rows))
    return 0


def _checks(app: apps.App, machine: apps.AppMachine) -> str:
    health = fly_json.health(app, machine)
    return f"1 total, 1 {health}" if health else ""


def _releases(request: Request) -> int:
    if request.call.says("json"):
        out(fly_json.dump(fly_json.releases(request.app)))
        return 0
    rows = [(f"v{r.version}", r.status, "Release", r.created) for r in reversed(request.app.releases)]
    out(_table(("VERSION", "STATUS", "DESCRIPTION", "DATE"), rows))
    return 0


def _images(request: Request) -> int:
    images = fly_json.images(request.app)
    if request.call.arguments:
        _, machine = request.machine(request.call.arguments[0])
        images = [image for image in images if image["MachineID"] == machine.id]
    if request.call.says("json"):
        out(fly_json.dump(images[0] if request.call.arguments else images))
        return 0
    names = ("MachineID", "Registry", "Repository", "Tag", "Version", "Digest", "Labels")
    out(_table([name.upper() for name in names], [[image[name] for name in names] for image in images]))
    return 0


def _list(request: Request) -> int:
    app = request.app
    if request.call.says("json"):
        out(fly_json.dump(fly_json.machines(app)))
    elif request.call.says("quiet"):
        out("".join(f"{machine.id}\n" for machine in app.machines))
    else:
        out(f"{len(app.machines)} machines have been retrieved from app {app.name}.\n\n")
        rows = [(m.id, m.name, m.state, m.region, m.address, m.created, m.updated) for m in app.machines]
        out(_table(("ID", "NAME", "STATE", "REGION", "IP ADDRESS", "CREATED", "LAST UPDATED"), rows))
    return 0


def _start(request: Request) -> int:
    for machine_id in _ids(request):
        app, _ = request.machine(machine_id)
        machines.start(request.folder, app.name, machine_id)
        out(f"{machine_id} has been started\n")
    return 0


def _stop(request: Request) -> int:
    for machine_id in _ids(request):
        app, _ = request.machine(machine_id)
        out(f"Sending kill signal to machine {machine_id}...\n")
        machines.stop(request.folder, app.name, machine_id)
        out(f"{machine_id} has been successfully stopped\n")
    return 0


def _ids(request: Request) -> Sequence[str]:
    if not request.call.arguments:
        raise CloudError("a machine ID must be specified when not running interactively")
    return request.call.arguments


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (names, *rows)]
    return "".join("\t".join(row) + "\n" for row in padded) + "\n"


PERFORM: Mapping[str, Callable[[Request], int]] = {
    "image show": _images,
    "machine list": _list,
    "machine start": _start,
    "machine stop": _stop,
    "releases": _releases,
    "status": _status,
}
ELSEWHERE = {
    "deploy": ("fly_deploy", "deploy"),
    "logs": ("fly_logs", "logs"),
    "machine exec": ("fly_ssh", "execute"),
    "mpg proxy": ("fly_proxy", "managed_proxy"),
    "postgres connect": ("fly_postgres", "connect"),
    "proxy": ("fly_proxy", "proxy"),
    "ssh console": ("fly_ssh", "console"),
    "ssh issue": ("fly_issue", "issue"),
}
"""Commands whose modules are imported only for them, because a release calls this program several times."""


if __name__ == "__main__":
    raise SystemExit(main())
