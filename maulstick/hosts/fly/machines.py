"""The machines of an app: what they run, how they are, and how one that sleeps is woken."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import urllib3

from maulstick.errors import Problem
from maulstick.hosts.fly.cli import Fly
from maulstick.retry import until

ASLEEP = ("stopped", "suspended")
ON_ITS_WAY = ("starting", "restarting", "replacing", "updating")
# Ours, and what flyctl adds inside GitHub Actions (docs/fly-facts.md, "Deploys").
COMMIT_LABELS = ("GIT_SHA", "GH_SHA")
WAKE_SECONDS = 90.0
KNOCK_SECONDS = 30.0
TICK = 0.5

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FlyMachine:
    """A machine of an app; `version` is the release it runs, `checks` maps names to passing or not."""

    id: str
    state: str
    region: str
    version: int
    labels: Mapping[str, str]
    checks: Mapping[str, str]
    host: str = "ok"
    standby: bool = False

    @property
    def started(self) -> bool:
        """Return whether commands can run on it."""
        return self.state == "started"

    @property
    def commit(self) -> str | None:
        """The commit that its image was built from, where a label says so."""
        return next((self.labels[name] for name in COMMIT_LABELS if self.labels.get(name)), None)

    @property
    def trouble(self) -> str:
        """Why it is not well, "" for one that is; sleep is normal."""
        if self.host != "ok":
            return f"its host is {self.host}"
        if self.state in ASLEEP:
            return ""
        if not self.started:
            return f"is {self.state}"
        failing = [f"{name} is {status}" for name, status in self.checks.items() if status != "passing"]
        return ", ".join(failing)


@dataclass(frozen=True, slots=True)
class FlyRelease:
    """A release of an app: `status` is running, complete, failed or interrupted; `created` is Fly's time."""

    version: int
    status: str
    created: str = ""


@dataclass(frozen=True, slots=True)
class FlyStatus:
    """An app as `fly status` tells of it; `version` is its newest release, whatever became of that."""

    app: str
    machines: tuple[FlyMachine, ...]
    version: int
    deployed: bool
    hostname: str
    organization: str

    @property
    def troubles(self) -> Sequence[str]:
        """Why the app is not healthy, empty where it is (docs/fly-facts.md, "Deploys")."""
        serving = [machine for machine in self.machines if not machine.standby]
        old = [
            f"{m.id} runs release {m.version}, not {self.version}"
            for m in serving
            if m.version != self.version
        ]
        unwell = [f"{m.id}: {m.trouble}" for m in serving if m.trouble]
        return [*old, *unwell] if serving else [f"{self.app} has no machine"]

    @property
    def healthy(self) -> bool:
        """Return whether every machine runs the newest release and is well."""
        return not self.troubles

    @property
    def started(self) -> FlyMachine | None:
        """A machine that is started, a healthy one first."""
        up = [machine for machine in self.machines if machine.started and not machine.standby]
        return min(up, key=lambda machine: machine.trouble != "", default=None)

    @property
    def running_commit(self) -> str | None:
        """The commit that all machines run, None where they differ or nothing tells."""
        commits = {machine.commit for machine in self.machines if not machine.standby}
        return commits.pop() if len(commits) == 1 else None


def status(fly: Fly) -> FlyStatus:
    """Ask how the app is."""
    return fly.told("status", read=partial(_status, fly.app))


def _status(app: str, told: Mapping[str, Any]) -> FlyStatus:
    return FlyStatus(
        app=app,
        machines=tuple(map(_machine, told.get("Machines") or ())),
        version=int(told.get("Version") or 0),
        deployed=bool(told.get("Deployed")),
        hostname=str(told.get("Hostname") or ""),
        organization=str((told.get("Organization") or {}).get("Slug") or ""),
    )


def machines(fly: Fly) -> tuple[FlyMachine, ...]:
    """Ask for every machine of the app, also of one that serves no visitors."""
    return fly.told("machine", "list", read=lambda told: tuple(map(_machine, told or ())))


def newest_release(fly: Fly) -> FlyRelease:
    """Ask for the newest release, version 0 before the first."""

    def newest(told: Any) -> FlyRelease:
        first = (told or [{"Version": 0, "Status": ""}])[0]
        return FlyRelease(int(first["Version"]), str(first["Status"]), str(first.get("CreatedAt", "")))

    return fly.told("releases", read=newest)


def wake(
    fly: Fly, site: str, say: Say, *, known: FlyStatus | None = None, timeout: float = WAKE_SECONDS
) -> FlyMachine:
    """Return a machine that is started; where all sleep, wake one as a visitor does, else by hand.

    `known` saves the first question; `timeout` is in seconds.
    """
    now = known or status(fly)
    if now.started:
        return now.started
    say(f"{fly.app} sleeps: waking it")
    began = time.monotonic()
    _knock(site)
    machine = _awake(fly, timeout)
    say(f"{fly.app} is awake ({time.monotonic() - began:.0f} s)")
    return machine


def _awake(fly: Fly, timeout: float) -> FlyMachine:
    now = status(fly)
    if now.started:
        return now.started
    if not any(machine.state in ON_ITS_WAY for machine in now.machines):
        fly.expect("machine", "start", _sleeper(now).id, timeout=timeout)
    return _started(fly, timeout)


def start_all(fly: Fly, say: Say) -> bool:
    """Start the machines of an app that no visitor wakes; False where one is started, or none sleeps."""
    found = machines(fly)
    asleep = [machine.id for machine in found if machine.state in (*ASLEEP, "created")]
    if not asleep or any(machine.started for machine in found):
        return False
    say(f"{fly.app} sleeps: starting it")
    fly.expect("machine", "start", *asleep, timeout=WAKE_SECONDS)
    return True


def _knock(site: str) -> None:
    # Any answer will do: Fly's proxy starts a machine for the request (docs/fly-facts.md, "What sleeps").
    with suppress(urllib3.exceptions.HTTPError), urllib3.PoolManager() as visitor:
        visitor.request("GET", site, timeout=KNOCK_SECONDS, retries=False, redirect=False)


def _sleeper(now: FlyStatus) -> FlyMachine:
    for machine in now.machines:
        if machine.state in (*ASLEEP, "created") and not machine.standby:
            return machine
    if now.machines:
        raise Problem("fly status", f"no machine of {now.app} can be started", "; ".join(now.troubles))
    raise Problem("fly status", f"{now.app} has no machine", f"deploy it first: `fly deploy -a {now.app}`")


def _started(fly: Fly, timeout: float) -> FlyMachine:
    machine = until(bool, lambda: status(fly).started, seconds=timeout, pause=TICK)
    if machine is None:
        what = f"no machine of {fly.app} started within {timeout:g} s"
        raise Problem("fly machine start", what, f"`fly logs -a {fly.app}` may tell why")
    return machine


def _machine(told: Mapping[str, Any]) -> FlyMachine:
    config = told.get("config") or {}
    version = (config.get("metadata") or {}).get("fly_release_version") or 0
    checks = {check["name"]: check["status"] for check in told.get("checks") or ()}
    return FlyMachine(
        id=told["id"],
        state=told.get("state") or "",
        region=told.get("region") or "",
        version=int(version),
        labels=(told.get("image_ref") or {}).get("labels") or {},
        checks=checks,
        host=told.get("host_status") or "ok",
        standby=bool(config.get("standbys")),
    )
