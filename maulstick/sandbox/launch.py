"""Processes that serve a machine: their environment, their start, their health."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from maulstick.sandbox import apps, releases
from maulstick.sandbox.apps import App, AppMachine, CloudError, Stray, World
from maulstick.sandbox.process import (
    START_SECONDS,
    Process,
    alive,
    free_port,
    named,
    spawn,
    stop,
    wait_until,
)

PROGRAM = (sys.executable, "-m", "maulstick.sandbox.site")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LATE = (
    "timeout reached waiting for health checks to pass for machine {}"
    "\nnote: you can change this timeout with the --wait-timeout flag"
)


def launch(folder: Path, app: App, machine: AppMachine, version: int) -> Stray:
    """Start a process for a release and wait until it serves; it belongs to no machine yet."""
    code = releases.code_of(folder, app.name, version)
    if not code.is_dir():
        raise CloudError(f"release v{version} of {app.name} has no image", "run `invoke sandbox.reset`")
    world, port = apps.load(folder), free_port()
    program = world.program or (*PROGRAM, "--lies", str(lies_of(folder)))
    command = [*program, "--port", str(port), "--code", str(code)]
    served = replace(machine, version=version)
    process = spawn(
        command, log=log_of(folder, machine.id), env=own_environment(world, app, served), cwd=code
    )
    stray = Stray(process, port, time.time(), named(os.getpid()))
    apps.change(folder, lambda world: replace(world, strays=(*world.strays, stray)))
    _expect_health(folder, machine, stray)
    return stray


def end(folder: Path, process: Process) -> None:
    """Stop a process and forget it."""
    stop(process)
    apps.change(folder, lambda world: without(world, process))


def without(world: World, process: Process) -> World:
    """Return the world without a stray process."""
    return replace(world, strays=tuple(stray for stray in world.strays if stray.process != process))


def healthy(port: int) -> bool:
    """Return whether a process answers `GET /health` with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as client:
            client.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in client.recv(64)
    except OSError:
        return False


def environment(app: App, machine: AppMachine) -> Mapping[str, str]:
    """Return the environment that commands on a machine see: the app's secrets and Fly's own names."""
    image = next((release for release in app.releases if release.version == machine.version), None)
    own = {
        "PATH": PATH,
        "FLY_APP_NAME": app.name,
        "FLY_MACHINE_ID": machine.id,
        "FLY_MACHINE_VERSION": machine.instance,
        "FLY_REGION": machine.region,
        "PRIMARY_REGION": machine.region,
        "FLY_PRIVATE_IP": machine.address,
    }
    if image:
        own["FLY_IMAGE_REF"] = f"registry.fly.io/{image.image}"
    if image and "GIT_SHA" in image.labels:
        own["FLY_IMAGE_LABEL_GIT_SHA"] = image.labels["GIT_SHA"]
    return {**app.env, **own}


def own_environment(world: World, app: App, machine: AppMachine) -> Mapping[str, str]:
    """Return the environment of the machine's own process, with the private network's names resolved."""
    resolved = dict(environment(app, machine))
    for name, address in world.hosts.items():
        resolved = {key: value.replace(f"@{name}/", f"@{address}/") for key, value in resolved.items()}
    return resolved


def log_of(folder: Path, machine_id: str) -> Path:
    """Return the file that holds a machine's output."""
    logs = folder / "fly" / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    return logs / f"{machine_id}.log"


def lies_of(folder: Path) -> Path:
    """Return the file that makes the site say something untrue."""
    return folder / "fly" / "lies.json"


def note(folder: Path, machine_id: str, text: str) -> None:
    """Write an event of the machine itself into its log, with its time."""
    with log_of(folder, machine_id).open("a", encoding="utf-8") as log:
        log.write(f"{apps.now()} {text}\n")


def _expect_health(folder: Path, machine: AppMachine, stray: Stray) -> None:
    began = time.monotonic()
    wait_until(lambda: healthy(stray.port) or not alive(stray.process), seconds=START_SECONDS)
    if alive(stray.process) and healthy(stray.port):
        note(folder, machine.id, f"Machine started in {round(1000 * (time.monotonic() - began))}ms")
        return
    crashed = not alive(stray.process)
    end(folder, stray.process)
    if crashed:
        raise CloudError(f"smoke checks for {machine.id} failed: the app appears to be crashing")
    raise CloudError(LATE.format(machine.id))
