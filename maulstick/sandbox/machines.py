"""Machines of the stand-in cloud: real processes that start, stop, run commands and change versions."""

import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.sandbox import apps, launch, releases
from maulstick.sandbox.apps import SITE_APP, App, AppMachine, AppRelease, CloudError, Stray, World
from maulstick.sandbox.process import Process, alive, wait_until
from maulstick.sandbox.process import stop as stop_process

DATABASE_START_SECONDS = 0.3
# Longer than the edge keeps an old process for its visitors.
DRAIN_SECONDS = 13.0
NOT_FOUND = 127

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a remote command's input and output go: subprocess constants, None for our own."""

    stdin: int | None = None
    output: int | None = None


def is_up(app: App, machine: AppMachine) -> bool:
    """Return whether a machine is started and its process, if it has one, is alive."""
    serves = app.port == 0 or (machine.process is not None and alive(machine.process))
    return machine.state == "started" and serves


def start(folder: Path, app: str, machine_id: str) -> AppMachine:
    """Start a machine and wait until it serves; one that is up stays as it is."""
    with apps.locked(folder, f"machine-{machine_id}"):
        known = apps.load(folder).apps[app]
        machine = apps.machine_by_id(known, machine_id)
        if is_up(known, machine):
            return machine
        apps.change_machine(folder, app, machine_id, state="starting")
        launch.note(folder, machine_id, "Starting machine")
        try:
            return (
                _start_process(folder, known, machine)
                if known.port
                else _start_record(folder, app, machine_id)
            )
        except CloudError:
            apps.change_machine(folder, app, machine_id, state="stopped", process=None, port=0)
            raise


def stop(folder: Path, app: str, machine_id: str) -> None:
    """Stop a machine; it stays stopped until something starts or wakes it."""
    with apps.locked(folder, f"machine-{machine_id}"):
        machine = apps.machine_by_id(apps.load(folder).apps[app], machine_id)
        if machine.state == "stopped":
            return
        apps.change_machine(folder, app, machine_id, state="stopping")
        if machine.process:
            stop_process(machine.process)
        apps.change_machine(folder, app, machine_id, state="stopped", process=None, port=0)
        launch.note(folder, machine_id, "Machine stopped")


def awake(folder: Path, app: str) -> AppMachine:
    """Return a machine of the app that serves; start one if none does."""
    known = apps.load(folder).apps[app]
    for machine in known.machines:
        if is_up(known, machine):
            return machine
    return start(folder, app, known.machines[0].id)


def repair(folder: Path) -> None:
    """Give every machine that should be started a process, and finish every half-done stop."""
    for app in apps.load(folder).apps.values():
        for machine in app.machines:
            if machine.state == "stopping":
                stop(folder, app.name, machine.id)
            elif machine.state in ("started", "starting") and not is_up(app, machine):
                start(folder, app.name, machine.id)


def run(
    app: App, machine: AppMachine, command: str, *, streams: Streams, timeout: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command on a machine as Fly does: no shell, in `/`, the machine's environment only."""
    try:
        return subprocess.run(
            shlex.split(command),
            env=launch.environment(app, machine),
            cwd="/",
            stdin=streams.stdin,
            stdout=streams.output,
            stderr=streams.output,
            timeout=timeout,
        )
    except (FileNotFoundError, PermissionError, ValueError) as error:
        return subprocess.CompletedProcess(command, NOT_FOUND, b"", f"exec: {error}\n".encode())


def deploy(
    folder: Path,
    checkout: Path,
    *,
    labels: Mapping[str, str],
    app: str = SITE_APP,
    tag: str = "",
    release_command: str = "",
    say: Say = lambda _: None,
) -> int:
    """Ship a working directory and move every machine to it, visitors unharmed; return the release's version.

    Where the new version does not become healthy the old one goes on serving, and CloudError tells why.
    """
    with apps.locked(folder, f"deploy-{app}"):
        release = releases.begin(folder, app, labels=labels, tag=tag)
        status = "interrupted"
        try:
            _roll_out(folder, checkout, app, release, release_command, say)
            status = "complete"
        except CloudError:
            status = "failed"
            raise
        finally:
            releases.finish(folder, app, release.version, status)
    return release.version


def _start_record(folder: Path, app: str, machine_id: str) -> AppMachine:
    time.sleep(DATABASE_START_SECONDS)
    return apps.change_machine(folder, app, machine_id, state="started")


def _start_process(folder: Path, app: App, machine: AppMachine) -> AppMachine:
    version = machine.version or releases.newest_complete(app)
    if not version:
        raise CloudError(f"app {app.name} has no release to start", "deploy it first")
    _switch(folder, app.name, machine.id, version, launch.launch(folder, app, machine, version))
    return apps.machine_by_id(apps.load(folder).apps[app.name], machine.id)


def _switch(folder: Path, app: str, machine_id: str, version: int, new: Stray) -> Process | None:
    """Make a process the machine's own at once; return the old one, a stray from now on."""
    old: list[Process] = []

    def edit(world: World) -> World:
        machine = apps.machine_by_id(world.apps[app], machine_id)
        strays = [stray for stray in world.strays if stray.process != new.process]
        if machine.process:
            old.append(machine.process)
            strays.append(Stray(machine.process, machine.port, time.time()))
        fields = {"state": "started", "process": new.process, "port": new.port}
        changed = apps.with_machine(world, app, machine_id, version=version, instance=apps.ulid(), **fields)
        return replace(changed, strays=tuple(strays))

    apps.change(folder, edit)
    return old[0] if old else None


def _roll_out(
    folder: Path, checkout: Path, app: str, release: AppRelease, release_command: str, say: Say
) -> None:
    releases.ship(folder, app, release.version, checkout)
    say(f"image: registry.fly.io/{release.image}\n")
    machines = apps.load(folder).apps[app].machines
    if release_command:
        _run_release_command(folder, app, release, release_command, say)
    say(f"Updating existing machines in '{app}' with rolling strategy\n")
    for number, machine in enumerate(machines, 1):
        place = f"[{number}/{len(machines)}]"
        say(f"> {place} Updating {machine.id} [app]\n")
        try:
            _update(folder, app, machine.id, release.version)
        except CloudError as error:
            say(f"✖ {place} Machine {machine.id} [app] update failed: {error.what}\n")
            raise
        say(f"✔ {place} Machine {machine.id} [app] update succeeded\n")


def _update(folder: Path, app: str, machine_id: str, version: int) -> None:
    """Move one machine to a version; one that sleeps stays asleep."""
    with apps.locked(folder, f"machine-{machine_id}"):
        known = apps.load(folder).apps[app]
        machine = apps.machine_by_id(known, machine_id)
        if machine.state == "stopped":
            apps.change_machine(folder, app, machine_id, version=version, instance=apps.ulid())
            return
        old = _switch(folder, app, machine_id, version, launch.launch(folder, known, machine, version))
    if old:
        _drain(folder, old)


def _drain(folder: Path, old: Process) -> None:
    """Let the edge end an old process when its visitors are served; without an edge, end it here."""
    edge = apps.load(folder).edge
    if edge and alive(edge):
        wait_until(lambda: not alive(old), seconds=DRAIN_SECONDS)
    launch.end(folder, old)


def _run_release_command(folder: Path, app: str, release: AppRelease, command: str, say: Say) -> None:
    """Run fly.toml's release command from the new image, before any machine is touched."""
    world = apps.load(folder)
    machine = AppMachine(secrets.token_hex(7), "release-command", "started", version=release.version)
    say(f"Running {app} release_command: {command}\n")
    code = _exit_code(
        shlex.split(command),
        env=launch.own_environment(world, world.apps[app], machine),
        cwd=releases.code_of(folder, app, release.version),
    )
    if code:
        say(f"Error release_command failed running on machine {machine.id} with exit code {code}.\n")
        raise CloudError(f"machine {machine.id} exited with non-zero status of {code}")
    say(f"✔ release_command {machine.id} completed successfully\n")


def _exit_code(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> int:
    try:
        return subprocess.run(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode
    except OSError:
        return NOT_FOUND
