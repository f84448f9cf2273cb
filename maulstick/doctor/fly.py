"""Questions about Fly: the program, the login, the app, a machine that is awake."""

from __future__ import annotations

import re

from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, fail, ok, warn
from maulstick.errors import Exit, Problem
from maulstick.hosts.fly.machines import ON_ITS_WAY, FlyStatus
from maulstick.hosts.fly.refusals import FlyProblem
from maulstick.hosts.fly_host import FlyApp, FlyHost
from maulstick.retry import until

OLDEST = (0, 4, 80)
SHORT = 7
WAKE_SECONDS, TICK = 45.0, 0.5


def program(context: DoctorContext) -> Finding:
    """Check that `fly` can be run and is new enough."""
    fly = _app(context).fly
    version = str(fly.told("version", read=lambda told: told.get("Version", "")))
    numbers = tuple(map(int, re.findall(r"\d+", version)[:3]))
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        says = f"{fly.program} is version {version or 'unknown'}, and may lose output before {oldest}"
        return warn(says, "fly version upgrade")
    return ok(f"{fly.program}, version {version}")


def login(context: DoctorContext) -> Finding:
    """Check that somebody is logged in at Fly; whether they may use the app is the next question."""
    try:
        organization = _app(context).status.organization
    except FlyProblem as problem:
        if problem.kind != "rights":
            return fail(problem.what, problem.hint)
        context.app_problem = problem
        return ok("accepted")
    return ok(f"accepted, organization {organization}")


def app(context: DoctorContext) -> Finding:
    """Check that the app exists and is healthy, and say what it runs."""
    if context.app_problem is not None:
        return fail(context.app_problem.what, context.app_problem.hint)
    status = _app(context).status
    context.asleep = status.started is None
    says = f"{status.app}, release {status.version}{_runs(status)}"
    if status.troubles:
        hint = f"fly logs -a {status.app}"
        return warn(f"{says}: {'; '.join(status.troubles)}", hint)
    return ok(says)


def machine(context: DoctorContext) -> Finding:
    """Check that a machine is awake after the visit to the site; nothing else is done to wake one."""
    app = _app(context)
    if context.asleep:
        app.forget()
    until(
        lambda now: now.started or not _is_waking(now),
        lambda: app.status,
        seconds=WAKE_SECONDS,
        pause=TICK,
        again=lambda _: app.forget(),
    )
    started = app.status.started
    if not app.status.machines:
        return fail(f"{app.name} has no machine", f"deploy it first: fly deploy -a {app.name}")
    if started is None:
        says = f"every machine of {app.name} sleeps, and a visit to {app.target.site} wakes none"
        hint = f"`fly machine list -a {app.name}` shows them, `fly machine start ID` starts one"
        return fail(says, hint)
    woken = "was asleep, woken by our visit to the site" if context.asleep else "started"
    return ok(f"{started.id} {woken}")


def _app(context: DoctorContext) -> FlyApp:
    if not isinstance(context.host, FlyHost):
        raise Problem(f"targets/{context.target.name}", "is not on Fly", code=Exit.BUG)
    return context.host.app


def _is_waking(status: FlyStatus) -> bool:
    return any(machine.state in ON_ITS_WAY for machine in status.machines)


def _runs(status: FlyStatus) -> str:
    return f", runs {status.running_commit[:SHORT]}" if status.running_commit else ""
