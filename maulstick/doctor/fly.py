"""Questions about Fly: the program, the login, the app, a machine that is awake."""

from __future__ import annotations

import re

from maulstick.doctor.answer import Answer, fail, ok, warn
from maulstick.doctor.context import Patient
from maulstick.errors import Exit, Problem
from maulstick.hosts.fly.machines import ON_ITS_WAY, Status
from maulstick.hosts.fly.refusals import FlyProblem
from maulstick.hosts.fly_host import FlyApp, FlyHost
from maulstick.retry import until

OLDEST = (0, 4, 80)
SHORT = 7
WAKE_SECONDS, TICK = 45.0, 0.5


def program(patient: Patient) -> Answer:
    """Tell whether `fly` is there and new enough."""
    fly = _app(patient).fly
    found = str(fly.json("version").get("Version", ""))
    numbers = tuple(map(int, re.findall(r"\d+", found)[:3]))
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        says = f"{fly.program} is version {found or 'unknown'}, and may lose output before {oldest}"
        return warn(says, "fly version upgrade")
    return ok(f"{fly.program}, version {found}")


def login(patient: Patient) -> Answer:
    """Tell whether Fly knows who is asking; what it says of the app is a question of its own."""
    try:
        organization = _app(patient).status.organization
    except FlyProblem as problem:
        if problem.kind != "rights":
            return fail(problem.what, problem.hint)
        patient.app_problem = problem
        return ok("accepted")
    return ok(f"accepted, organization {organization}")


def app(patient: Patient) -> Answer:
    """Tell whether the app is there and well, and what it runs."""
    if patient.app_problem is not None:
        return fail(patient.app_problem.what, patient.app_problem.hint)
    status = _app(patient).status
    patient.asleep = status.started is None
    says = f"{status.app}, release {status.version}{_runs(status)}"
    if status.troubles:
        hint = f"fly logs -a {status.app}"
        return warn(f"{says}: {'; '.join(status.troubles)}", hint)
    return ok(says)


def machine(patient: Patient) -> Answer:
    """Tell whether a machine is awake now that the site was visited; nothing else is done to wake one."""
    app = _app(patient)
    if patient.asleep:
        app.forget()
    until(
        lambda now: now.started or not _is_waking(now),
        lambda: app.status,
        seconds=WAKE_SECONDS,
        pause=TICK,
        again=lambda _: app.forget(),
    )
    found = app.status.started
    if not app.status.machines:
        return fail(f"{app.name} has no machine", f"deploy it first: fly deploy -a {app.name}")
    if found is None:
        says = f"every machine of {app.name} sleeps, and a visit to {app.target.site} wakes none"
        hint = f"`fly machine list -a {app.name}` shows them, `fly machine start ID` starts one"
        return fail(says, hint)
    woken = "was asleep, woken by our visit to the site" if patient.asleep else "started"
    return ok(f"{found.id} {woken}")


def _app(patient: Patient) -> FlyApp:
    if not isinstance(patient.host, FlyHost):
        raise Problem(f"targets/{patient.target.name}", "is not on Fly", code=Exit.BUG)
    return patient.host.app


def _is_waking(status: Status) -> bool:
    return any(machine.state in ON_ITS_WAY for machine in status.machines)


def _runs(status: Status) -> str:
    return f", runs {status.running_commit[:SHORT]}" if status.running_commit else ""
