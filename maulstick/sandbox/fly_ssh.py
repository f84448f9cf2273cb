"""Commands on a machine: `fly ssh console` and `fly machine exec`."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from maulstick.sandbox import apps, machines
from maulstick.sandbox.apps import App, AppMachine, CloudError
from maulstick.sandbox.fly_json import dump
from maulstick.sandbox.fly_request import Request, err, out
from maulstick.sandbox.machines import Streams

SHELLS = ("sh", "/bin/sh", "bash", "/bin/bash")
NONE_STARTED = (
    "app {} has no started VMs.\nIt may be unhealthy or not have been deployed yet."
    "\nTry the following command to verify:\n\nfly status"
)
EXEC_SECONDS = 60.0


def console(request: Request) -> int:
    """Run a command over SSH: its output unchanged, its failure as exit 1.

    As flyctl does: docs/fly-facts.md, "Commands on a machine".
    """
    app, command = _now(request).app, request.call.value("command")
    machine = _chosen(request, app)
    if not request.call.says("quiet"):
        err(f"Connecting to {machine.address}...\n")
    if command in SHELLS:
        err("WARN Allocating a pseudo-terminal since the command provided is a shell\n")
    while apps.take_fault(request.folder, "ssh-hang"):
        time.sleep(24 * 3600)
    if apps.take_fault(request.folder, "ssh-empty-once"):
        return 0
    ended = machines.run(app, machine, command or "/bin/sh", streams=Streams())
    err((ended.stderr or b"").decode())
    if ended.returncode:
        raise CloudError(f"ssh shell: {_how(ended.returncode)}")
    return 0


def execute(request: Request) -> int:
    """Run a command through the machines API: exit 0 whatever the command did."""
    if len(request.call.arguments) < 2:
        raise CloudError("a machine ID must be specified when not running interactively")
    app, machine = _now(request).machine(request.call.arguments[0])
    ended = _executed(app, machine, request.call.arguments[1], request.call.value("timeout"))
    told = _without_zeros(ended)
    if request.call.says("json"):
        out(dump(told))
        return 0
    if ended.returncode:
        out(f"Exit code: {told['exit_code']}\n")
    sys.stdout.buffer.write(ended.stdout)
    sys.stdout.flush()
    sys.stderr.buffer.write(ended.stderr)
    return 0


def _now(request: Request) -> Request:
    """Return the request with the world as it is now, which may have changed since it was read."""
    if apps.take_fault(request.folder, "machine-stops"):
        for machine in request.app.machines:
            machines.stop(request.folder, request.app.name, machine.id)
    return replace(request, world=apps.load(request.folder))


def _chosen(request: Request, app: App) -> AppMachine:
    started = [machine for machine in app.machines if machine.state == "started"]
    if not started:
        raise CloudError(NONE_STARTED.format(app.name))
    wanted, region = request.call.value("machine"), request.call.value("region")
    if wanted:
        machine = _named(wanted, started)
        if apps.take_fault(request.folder, "ssh-says-its-choice"):
            _say_choice(machine)
        return machine
    if region and not any(machine.region == region for machine in started):
        raise CloudError(f"app {app.name} has no VMs in region {region}")
    machine = next(machine for machine in started if region in ("", machine.region))
    if request.call.says("select"):
        _expect_one(machine, started)
    elif len(started) > 1:
        _say_choice(machine)
    return machine


def _say_choice(machine: AppMachine) -> None:
    out(f"No machine specified, using {machine.id} in region {machine.region}\n")


def _named(wanted: str, started: Sequence[AppMachine]) -> AppMachine:
    for machine in started:
        if machine.id == wanted:
            return machine
    raise CloudError(f'--machine="{wanted}" not found/started')


def _expect_one(machine: AppMachine, started: Sequence[AppMachine]) -> None:
    if len(started) > 1:
        raise CloudError("prompt: non interactive")
    out(f"Only one machine available, selecting {machine.id} in region {machine.region}\n")


def _executed(
    app: App, machine: AppMachine, command: str, timeout: str
) -> subprocess.CompletedProcess[bytes]:
    refused = f"could not exec command on machine {machine.id}"
    if machine.state != "started":
        raise CloudError(f"{refused}: failed_precondition: machine is not running: {machine.state}")
    captured = Streams(stdin=subprocess.DEVNULL, output=subprocess.PIPE)
    try:
        return machines.run(app, machine, command, streams=captured, timeout=float(timeout or EXEC_SECONDS))
    except subprocess.TimeoutExpired as error:
        raise CloudError(f"{refused}: deadline_exceeded: command timed out") from error


def _without_zeros(ended: subprocess.CompletedProcess[bytes]) -> Mapping[str, object]:
    told = {
        "exit_code": ended.returncode if ended.returncode >= 0 else 128 - ended.returncode,
        "stdout": ended.stdout.decode(errors="replace"),
        "stderr": ended.stderr.decode(errors="replace"),
    }
    return {name: value for name, value in told.items() if value}


def _how(code: int) -> str:
    if code >= 0:
        return f"Process exited with status {code}"
    from signal import Signals

    name = Signals(-code).name.removeprefix("SIG")
    return f"Process exited with status {128 - code} from signal {name}"
