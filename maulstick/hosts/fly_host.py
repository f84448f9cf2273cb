"""`host = "fly"`: one remote call for a target's environment, one proxy for its database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

from maulstick.hosts.environment import NAMES, Once, database_address
from maulstick.project.host_keys import Program, key
from maulstick.project.mistakes import should_be
from maulstick.project.targets import Say, Target
from maulstick.redact import Secret

if TYPE_CHECKING:
    from maulstick.hosts.fly.cli import Fly
    from maulstick.hosts.fly.connection import AppConnection
    from maulstick.hosts.fly.database import Tunnels
    from maulstick.hosts.fly.machines import FlyStatus

Ssh = Literal["console", "exec", "certificate"]
SAYS = (
    "an app on Fly.io. A sleeping machine is woken, its environment is read in one call, its database is "
    "reached by `fly proxy` or `fly mpg proxy`: [fly.md](fly.md)"
)
MOST, LONGEST = 10, 200
APP = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def _app(text: str) -> str:
    if not APP.fullmatch(text):
        raise should_be('a Fly app\'s name (a-z, 0-9 and "-")', "`fly apps list` shows them")
    return text


@dataclass(frozen=True, slots=True)
class FlyKeys:
    """What a target on Fly says."""

    app: str = key(
        "the Fly app's name, as in `fly.toml`",
        missing='the Fly app\'s name, as in fly.toml: app = "olivia-art-portfolio"',
        read=_app,
    )
    database_app: str = key(
        "the Fly app of the database, if it has one: its rights are used if the app's do not reach the "
        "database, and its machine is started if it sleeps; the app that `DATABASE_URL` names if left out",
        "",
        read=_app,
    )
    fly: Program = key("the `fly` program; if left out, `fly` or `flyctl` on `PATH`", Program(""))
    ssh: Ssh = key(
        '[the way to a machine](#the-way-to-a-machine): `"console"` (if left out), `"exec"` or '
        '`"certificate"`',
        "console",
    )


def fly_keys(target: Target) -> FlyKeys:
    """Return what a target on Fly, or on the sandbox's, says."""
    keys: FlyKeys = target.keys
    return keys


def unset(target: Target, name: str) -> tuple[str, str]:
    """Return what is said of a secret that the app does not have."""
    return "is not set in the environment", f"fly secrets set {name}=… -a {fly_keys(target).app}"


class FlyApp:
    """The target's app on Fly: its status asked once, and again only when it must have changed."""

    def __init__(self, target: Target, say: Say) -> None:
        self.target = target
        self.name = fly_keys(target).app
        self.say = say
        self.announced = ""
        self.deploys: dict[str, bool] = {}
        self._status: FlyStatus | None = None

    @cached_property
    def fly(self) -> Fly:
        """The `fly` program as this app uses it."""
        from maulstick.hosts.fly.cli import Fly, find_program

        return Fly(find_program(fly_keys(self.target).fly), self.name)

    @property
    def status(self) -> FlyStatus:
        """What `fly status` said, asked at most once until `forget`."""
        from maulstick.hosts.fly.machines import status

        if self._status is None:
            self._status = status(self.fly)
        return self._status

    def forget(self, status: FlyStatus | None = None) -> None:
        """Forget the status, or take a newer one for it."""
        self._status = status

    @property
    def running(self) -> str | None:
        """The commit that the machines run."""
        return self.status.running_commit

    @property
    def troubles(self) -> Sequence[str]:
        """Why the app is not well."""
        return self.status.troubles

    def refused(self, *, asked: bool) -> str:
        """Return that a deploy is never refused: Fly is asked what it runs."""
        return ""

    def ship(
        self, checkout: Path, commit: str, *, line: Say, hide: Callable[[str], str], wait: float | None
    ) -> Sequence[str]:
        """Deploy the checkout, wait until its machines are healthy, and return what is to be looked at."""
        from maulstick.hosts.fly.deploy import DEPLOY_SECONDS, deploy
        from maulstick.hosts.fly.logs import troubles_since

        timeout = DEPLOY_SECONDS if wait is None else wait
        shipped = deploy(self.fly, checkout, commit=commit, line=line, hide=hide, timeout=timeout)
        self.forget(shipped.status)
        silent = "Fly does not tell which commit it runs: the next release deploys again"
        warnings = [silent] if shipped.status.running_commit is None else []
        logged = troubles_since(self.fly, shipped.release.created)[:MOST]
        return [*warnings, *(f"the log says: {hide(text)[:LONGEST]}" for text in logged)]


class FlyHost:
    """A target on Fly."""

    def __init__(self, target: Target, stack: ExitStack, say: Say) -> None:
        self.target, self.stack, self.say = target, stack, say
        self.keys = fly_keys(target)
        self.app = FlyApp(target, say)
        self._once = Once(say)
        self._door = Lock()
        self._connection: AppConnection | None = None

    @property
    def code(self) -> FlyApp:
        """The app, which is deployed."""
        return self.app

    def look(self) -> str:
        """Ask for the app's status."""
        return "fly" if self.app.status else ""

    @property
    def machine(self) -> AppConnection:
        """A connection to a started machine; one that sleeps is woken."""
        from maulstick.hosts.fly.connection import AppConnection

        machine, organization = self._started()
        if self._connection is None or self._connection.machine != machine:
            way, wake = self.keys.ssh, self._wake
            new = AppConnection(self.app.fly, machine, way=way, organization=organization, wake=wake)
            self._connection = self.stack.enter_context(new)
        return self._connection

    def _started(self) -> tuple[str, str]:
        """Return the id of a started machine, and the organization that it belongs to."""
        from maulstick.hosts.fly.machines import wake

        app = self.app
        machine = wake(app.fly, self.target.site, self.say, known=app.status)
        organization = app.status.organization
        if not app.status.started:
            app.forget()
        return machine.id, organization

    def _wake(self) -> str:
        """Return the id of a started machine where the one that was known has stopped since."""
        from maulstick.hosts.fly.machines import wake

        self.app.forget()
        return wake(self.app.fly, self.target.site, self.say, known=self.app.status).id

    @cached_property
    def environment(self) -> Mapping[str, Secret]:
        """Read the environment of the running app, once."""
        from maulstick.hosts.fly.environment import read_environment
        from maulstick.hosts.fly.ways import Commands

        if self.keys.ssh == "certificate":
            return read_environment(self.machine, NAMES)
        machine, _ = self._started()  # without Fabric: nothing but one command is needed
        return read_environment(Commands(self.app.fly, machine, self.keys.ssh, self._wake), NAMES)

    @property
    def database(self) -> Secret:
        """The address of the app's own database, through a proxy where its host is private."""
        with self._door:
            address = database_address(self.environment, self.target)
            return self._tunnels.lead(self._once.told(address, f"database of {self.target.name}"))

    @property
    def plan_database(self) -> Secret:
        """The inventory's own address for reading, by the same way as the app's; else the app's."""
        if self.target.plan_database is None:
            return self.database
        with self._door:
            where = f"database of {self.target.name} (plan_database)"
            return self._tunnels.lead(self._once.plain(self.target.plan_database, where))

    @cached_property
    def _tunnels(self) -> Tunnels:
        from maulstick.hosts.fly.database import Tunnels

        return Tunnels(self.app.fly, self.keys.database_app, self.stack, self.say)
