"""How a target is reached: its environment, its database, its bucket, its machines."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from maulstick.errors import Problem, usage
from maulstick.inventory import SANDBOX_SOURCE, Source, Target
from maulstick.redact import Secret, password_of, with_address

if TYPE_CHECKING:
    from maulstick.bucket import BucketAddress
    from maulstick.fly.cli import Fly
    from maulstick.fly.connection import AppConnection
    from maulstick.fly.machines import Status

Say = Callable[[str], None]

DATABASE = "DATABASE_URL"
KEY_ID, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
ENDPOINT, REGION, PUBLIC = ("AWS_ENDPOINT_URL_S3", "S3_HOST"), "AWS_REGION", "S3_PUBLIC_URL"
BUCKET = ("S3_BUCKET", "BUCKET_NAME")
NAMES: Sequence[str] = (DATABASE, KEY_ID, SECRET, *ENDPOINT, REGION, *BUCKET, PUBLIC)
"""The only names that are asked of a running app (site.md "Environment of the running app")."""

PRIVATE = (".flycast", ".internal")
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
        return Place(target, target.source)
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
    return DirectHost(target) if target.host == "direct" else FlyHost(target, stack, say)


class FlyApp:
    """The target's app on Fly: its status asked once, and again only when it must have changed."""

    def __init__(self, target: Target, say: Say) -> None:
        self.target = target
        self.say = say
        self._status: Status | None = None

    @cached_property
    def fly(self) -> Fly:
        """Return the `fly` program as this app uses it."""
        from maulstick.fly.cli import Fly, find_program

        return Fly(find_program(self.target.fly), self.target.app)

    @property
    def status(self) -> Status:
        """Return what `fly status` said, asked at most once until `forget`."""
        from maulstick.fly.machines import status

        if self._status is None:
            self._status = status(self.fly)
        return self._status

    def forget(self, status: Status | None = None) -> None:
        """Forget the status, or take a newer one for it."""
        self._status = status


class FlyHost:
    """A target on Fly: one remote call for its environment, one proxy for its database (design.md §6)."""

    def __init__(self, target: Target, stack: ExitStack, say: Say) -> None:
        self.target, self.stack, self.say = target, stack, say
        self._app = FlyApp(target, say)
        self.app: FlyApp | None = self._app

    @property
    def machine(self) -> AppConnection:
        """Return a connection to a started machine; one that sleeps is woken."""
        from maulstick.fly.connection import AppConnection
        from maulstick.fly.machines import wake

        app = self._app
        machine = wake(app.fly, self.target.site, self.say, known=app.status)
        if not app.status.started:
            app.forget()
        return AppConnection(app.fly, machine.id, way=self.target.ssh)

    @cached_property
    def environment(self) -> Mapping[str, Secret]:
        """Read the environment of the running app, once."""
        from maulstick.fly.environment import read_environment

        return read_environment(self.machine, NAMES)

    @cached_property
    def database(self) -> Secret:
        """Return the address of the app's own database, through a proxy where its host is private."""
        from maulstick.fly.proxy import proxy

        url = needed(self.environment, DATABASE, where=self.target.app)
        parts = urlsplit(url.reveal())
        host = parts.hostname or ""
        if not host.endswith(PRIVATE):
            return url
        inside = host.removesuffix(".flycast") + ".internal" if host.endswith(".flycast") else host
        port = self.stack.enter_context(proxy(self._app.fly, inside, parts.port or 5432))
        return with_address(url, "127.0.0.1", port)


class DirectHost:
    """A target whose values stand in the environment of this process, or in a dotenv file."""

    app = None

    def __init__(self, target: Target) -> None:
        self.target = target

    @property
    def machine(self) -> AppConnection:
        """Refuse: there is no machine to run on."""
        raise usage(f"targets/{self.target.name}", 'host = "direct" has no machine to run commands on')

    @cached_property
    def environment(self) -> Mapping[str, Secret]:
        """Return the values that are set; those of the file come first."""
        from dotenv import dotenv_values

        file = self.target.environment
        if file is not None and not file.is_file():
            raise usage(f"targets/{self.target.name}/environment", f'"{file.name}" is not there')
        found = {**os.environ, **(dotenv_values(file) if file else {})}
        return {name: Secret(value) for name in NAMES if (value := found.get(name))}

    @property
    def database(self) -> Secret:
        """Return DATABASE_URL as it stands."""
        return needed(self.environment, DATABASE, where=self.target.name)


def bucket_address(target: Target, environment: Mapping[str, Secret]) -> BucketAddress:
    """Return where the bucket is, from the app's environment."""
    from maulstick.bucket import BucketAddress

    where = target.app or target.name
    name = needed(environment, *BUCKET, where=where).reveal()
    endpoint = needed(environment, *ENDPOINT, where=where).reveal()
    public = environment.get(PUBLIC) or Secret(f"https://{name}.fly.storage.tigris.dev")
    return BucketAddress(
        endpoint=endpoint if "://" in endpoint else f"https://{endpoint}",
        region=(environment.get(REGION) or Secret("auto")).reveal(),
        name=name,
        key_id=needed(environment, KEY_ID, where=where),
        secret=needed(environment, SECRET, where=where),
        addressing=target.addressing,
        acl=target.acl,
        public_url=public.reveal().rstrip("/"),
    )


def secrets_of(environment: Mapping[str, Secret]) -> list[Secret]:
    """Return the values that must never be seen: the database's password and the bucket's keys."""
    found = [environment[name] for name in (DATABASE, KEY_ID, SECRET) if name in environment]
    return [*found, *(password_of(environment[name]) for name in (DATABASE,) if name in environment)]


def needed(environment: Mapping[str, Secret], *names: str, where: str) -> Secret:
    """Return the first of the names that is set; a problem that names them where none is."""
    for name in names:
        if name in environment:
            return environment[name]
    either = " or ".join(names)
    raise Problem(f"{where}/{either}", "is not set in the environment", f"fly secrets set {names[0]}=…")
