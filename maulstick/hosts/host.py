"""How a target is reached: its environment, its database, its bucket, its machines."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from maulstick.errors import usage
from maulstick.hosts.environment import NAMES, database_address, values_of_file
from maulstick.project.inventory import SANDBOX_SOURCE, Source, Target
from maulstick.redact import Secret

if TYPE_CHECKING:
    from maulstick.hosts.fly.cli import Fly
    from maulstick.hosts.fly.connection import AppConnection
    from maulstick.hosts.fly.database import Tunnels
    from maulstick.hosts.fly.machines import Status

Say = Callable[[str], None]

SANDBOX_FOLDER = ".sandbox"


class Host(Protocol):
    """A target as a release reaches it; everything opened is closed with the stack it was made with."""

    @property
    def environment(self) -> Mapping[str, Secret]:
        """The values of NAMES that are set."""

    @property
    def database(self) -> Secret:
        """An address of the target's database that can be connected to from here."""

    @property
    def plan_database(self) -> Secret:
        """The same for commands that only read: another role's, where the inventory has one."""

    @property
    def machine(self) -> AppConnection:
        """A started machine of the app."""

    @property
    def app(self) -> FlyApp | None:
        """The Fly app, None where the target is not on Fly."""


@dataclass(frozen=True, slots=True)
class Place:
    """A target and the source that its releases are made from."""

    target: Target
    source: Source


def place_of(target: Target, folder: Path, say: Say) -> Place:
    """Return where a release goes and comes from; a sandbox is started, and brings its own source."""
    if target.source is not None:
        source = target.source
        plain = Once(say).plain(source.database, f"source {source.name}")
        return Place(target, replace(source, database=plain))
    from maulstick.sandbox.lifecycle import up

    box = up(folder / SANDBOX_FOLDER, say=say)
    source = Source(
        SANDBOX_SOURCE,
        Secret(box.source_database),
        box.media_root,
        box.checkout,
        None,
        folder / SANDBOX_FOLDER / "releases",
    )
    reached = replace(
        target,
        source=source,
        app=box.app,
        database_app=box.database_app,
        site=box.site,
        fly=target.fly or str(box.fly),
        addressing="path",
    )
    return Place(reached, source)


def open_host(target: Target, stack: ExitStack, say: Say) -> Host:
    """Return the way to a target; nothing is asked of it until it is needed."""
    return DirectHost(target, say) if target.host == "direct" else FlyHost(target, stack, say)


class Once:
    """Says once what an address of a database means for another driver."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said: set[str] = set()

    def plain(self, url: Secret, where: str) -> Secret:
        """Return an address as libpq takes it; one that is none stays as it is."""
        from maulstick.postgres.connection import libpq_address

        address = libpq_address(url)
        return url if address is None else self.told(address, where)

    def told(self, address: tuple[Secret, Sequence[str]], where: str) -> Secret:
        """Return an address and say what is to be said of it."""
        url, notes = address
        for line in dict.fromkeys(f"{where}: {note}" for note in notes):
            if line not in self._said:
                self._said.add(line)
                self._say(line)
        return url


class FlyApp:
    """The target's app on Fly: its status asked once, and again only when it must have changed."""

    def __init__(self, target: Target, say: Say) -> None:
        self.target = target
        self.say = say
        self.announced = ""
        # The commits that were deployed since we are here, and whether it went well.
        self.deploys: dict[str, bool] = {}
        self._status: Status | None = None

    @cached_property
    def fly(self) -> Fly:
        """Return the `fly` program as this app uses it."""
        from maulstick.hosts.fly.cli import Fly, find_program

        return Fly(find_program(self.target.fly), self.target.app)

    @property
    def status(self) -> Status:
        """Return what `fly status` said, asked at most once until `forget`."""
        from maulstick.hosts.fly.machines import status

        if self._status is None:
            self._status = status(self.fly)
        return self._status

    def forget(self, status: Status | None = None) -> None:
        """Forget the status, or take a newer one for it."""
        self._status = status


class FlyHost:
    """A target on Fly: one remote call for its environment, one proxy for its database."""

    def __init__(self, target: Target, stack: ExitStack, say: Say) -> None:
        self.target, self.stack, self.say = target, stack, say
        self._app = FlyApp(target, say)
        self._once = Once(say)
        self.app: FlyApp | None = self._app
        self._door = Lock()
        self._connection: AppConnection | None = None

    @property
    def machine(self) -> AppConnection:
        """Return a connection to a started machine; one that sleeps is woken."""
        from maulstick.hosts.fly.connection import AppConnection

        machine, organization = self._started()
        if self._connection is None or self._connection.machine != machine:
            new = AppConnection(
                self._app.fly, machine, way=self.target.ssh, organization=organization, wake=self._wake
            )
            self._connection = self.stack.enter_context(new)
        return self._connection

    def _started(self) -> tuple[str, str]:
        """Return the id of a started machine, and the organization that it belongs to."""
        from maulstick.hosts.fly.machines import wake

        app = self._app
        machine = wake(app.fly, self.target.site, self.say, known=app.status)
        organization = app.status.organization
        if not app.status.started:
            app.forget()
        return machine.id, organization

    def _wake(self) -> str:
        """Return the id of a started machine where the one that was known has stopped since."""
        from maulstick.hosts.fly.machines import wake

        self._app.forget()
        return wake(self._app.fly, self.target.site, self.say, known=self._app.status).id

    @cached_property
    def environment(self) -> Mapping[str, Secret]:
        """Read the environment of the running app, once."""
        from maulstick.hosts.fly.environment import read_environment
        from maulstick.hosts.fly.ways import Commands

        if self.target.ssh == "certificate":
            return read_environment(self.machine, NAMES)
        machine, _ = self._started()  # without Fabric: nothing but one command is needed
        return read_environment(Commands(self._app.fly, machine, self.target.ssh, self._wake), NAMES)

    @property
    def database(self) -> Secret:
        """Return the address of the app's own database, through a proxy where its host is private."""
        with self._door:
            url = self._once.told(database_address(self.environment, self.target), _where(self.target))
            return self._tunnels.lead(url)

    @property
    def plan_database(self) -> Secret:
        """Return the inventory's own address for reading, by the same way as the app's; else the app's."""
        if self.target.plan_database is None:
            return self.database
        with self._door:
            url = self._once.plain(self.target.plan_database, f"{_where(self.target)} (plan_database)")
            return self._tunnels.lead(url)

    @cached_property
    def _tunnels(self) -> Tunnels:
        from maulstick.hosts.fly.database import Tunnels

        return Tunnels(self._app.fly, self.target.database_app, self.stack, self.say)


class DirectHost:
    """A target whose values stand in the environment of this process, or in a dotenv file."""

    app = None

    def __init__(self, target: Target, say: Say | None = None) -> None:
        self.target = target
        self._once = Once(say or (lambda _: None))

    @property
    def machine(self) -> AppConnection:
        """Refuse: there is no machine to run on."""
        raise usage(f"targets/{self.target.name}", 'host = "direct" has no machine to run commands on')

    @cached_property
    def environment(self) -> Mapping[str, Secret]:
        """Return the values that are set in the file, where one is named, else in this process.

        A file stands alone: what is missing in it must not come from a shell that means another database.
        """
        file = self.target.environment
        found = (
            os.environ if file is None else values_of_file(file, f"targets/{self.target.name}/environment")
        )
        return {name: Secret(value) for name in NAMES if (value := found.get(name))}

    @property
    def database(self) -> Secret:
        """Return DATABASE_URL as libpq takes it."""
        return self._once.told(database_address(self.environment, self.target), _where(self.target))

    @property
    def plan_database(self) -> Secret:
        """Return the inventory's own address for reading, else DATABASE_URL."""
        if self.target.plan_database is None:
            return self.database
        return self._once.plain(self.target.plan_database, f"{_where(self.target)} (plan_database)")


def _where(target: Target) -> str:
    return f"database of {target.name}"
