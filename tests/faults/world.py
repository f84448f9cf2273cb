"""The world of a round: real servers behind lines of ours, and starting points that come back in a moment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from maulstick.sandbox import process, programs
from maulstick.sandbox.postgres import Postgres
from maulstick.sandbox.process import Process
from maulstick.sandbox.storage import SeaweedFS, start_storage
from tests.commands import Started, start
from tests.databases.servers import running
from tests.faults.bucket import KEY_ID, NAME, SECRET, Bucket, Object
from tests.faults.lines import Line
from tests.faults.pictures import picture
from tests.faults.room import clear, small_disk
from tests.faults.site import PICTURES, PLUGIN, Site
from tests.faults.ways import Ways, ways
from tests.other_sites.other_site import INVENTORY, TASKS
from tests.s3.faulty_line import line_to

LINES = ("live", "source", "storage", "site")
KEPT = ("releases", "media", ".maulstick", "plan.json")
"""What a command writes in a project's folder, and the pictures."""
LATE = 300.0
"""Seconds after which a command that should have ended has not."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended: its words, exit code (negative: a signal), stdout and stderr."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    is_late: bool = False

    @property
    def said(self) -> str:
        """Return all that it said."""
        return self.out + self.err

    @property
    def last(self) -> str:
        """Return the last line that it said."""
        said = (self.out if self.code == 0 else self.err or self.out).strip()
        return said.splitlines()[-1] if said else ""


@dataclass
class World:
    """A project's folder with its databases, bucket and site, each behind a line."""

    folder: Path
    server: Postgres
    postgres: Process
    storage: SeaweedFS
    weed: Process
    bucket: Bucket
    site: Site
    liar: object
    lines: dict[str, Line]
    ways: Ways
    disk: Path | None
    starts: dict[str, Mapping[str, Object]] = field(default_factory=dict)

    @property
    def temporary(self) -> Path:
        """Return the folder for temporary files of commands."""
        return self.folder.parent / "temporary"

    def start(self, *words: str) -> Started:
        """Start `invoke WORDS` in the project."""
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "TMPDIR": str(self.temporary)}
        return start(words, folder=self.folder, environment=environment)

    def invoke(self, *words: str) -> Ended:
        """Run `invoke WORDS` to its end."""
        return Ended(words, *self.start(*words).wait(LATE))

    def connect(self, database: str = "live") -> psycopg.Connection:
        """Open a connection that commits each statement, past the lines, once the server answers."""
        found: list[psycopg.Connection] = []

        def connected() -> bool:
            with suppress(psycopg.OperationalError):
                found.append(self.server.connect(database))
            return bool(found)

        process.wait_until(connected, seconds=LATE)
        found[0].execute("set synchronous_commit = on")  # the server's default is off: a crash loses commits
        return found[0]

    def run(self, database: str, text: str) -> None:
        """Run SQL."""
        with self.connect(database) as connection:
            connection.execute(text.encode())

    def save(self, name: str) -> None:
        """Keep what is there as a starting point."""
        with self.connect("postgres") as admin:
            for database in ("source", "live"):
                where = "tablespace pg_default"
                admin.execute(f"drop database if exists {name}_{database}".encode())
                admin.execute(f"create database {name}_{database} template {database} {where}".encode())
        for part in KEPT:
            _copy(self.folder / part, self.folder.parent / name / part)
        self.starts[name] = self.bucket.saved()

    def bring_back(self, name: str) -> None:
        """Set everything back to a starting point."""
        with self.connect("postgres") as admin:
            for database in ("source", "live"):
                admin.execute(f"drop database if exists {database} with (force)".encode())
                where = "tablespace small" if self.disk and database == "live" else ""
                admin.execute(f"create database {database} template {name}_{database} {where}".encode())
            admin.execute("checkpoint")  # else a crash would set the copied sequences back
        for part in KEPT:
            _copy(self.folder.parent / name / part, self.folder / part)
        self.bucket.restore(self.starts[name])
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()

    def heal(self) -> None:
        """Bring back what was killed, and let every line through."""
        for line in self.lines.values():
            line.arm(None)
        self.liar.fails = lambda method, path: None
        self.ways.heal()
        if self.disk is not None:
            clear(self.disk)
        if not process.alive(self.postgres):
            self.postgres = self.server.up()
        if not process.alive(self.weed):
            self.weed = self.storage.up()

    def take_way(self, way: str) -> None:
        """Reach the target by this way from here on."""
        source = self.server.url("source").replace(f":{self.server.port}/", f":{self.lines['source'].port}/")
        text = INVENTORY.format(database=source, site=f"http://127.0.0.1:{self.lines['site'].port}")
        (self.folder / "inventory.toml").write_text(self.ways.in_inventory(text, way))


def _copy(here: Path, there: Path) -> None:
    shutil.rmtree(there, ignore_errors=True) if there.is_dir() else there.unlink(missing_ok=True)
    if here.is_dir():
        shutil.copytree(here, there)
    elif here.exists():
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(here, there)


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """Start the servers and make the project's folder for the block; its databases are still to be made."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(programs.unprivileged()))
        server = stack.enter_context(running(folder))
        [postgres] = [one for one in process.running_in(server.home, "postgres") if _leads(one)]
        storage, weed = start_storage(folder, key=KEY_ID, secret=SECRET)
        liar = stack.enter_context(line_to("127.0.0.1", storage.ports["storage"]))
        bucket = Bucket(storage.address)
        bucket.client.create_bucket(Bucket=NAME)
        site = Site(server.url("live"), bucket)
        to = {
            "live": server.port,
            "source": server.port,
            "storage": liar.server_address[1],
            "site": site.server_port,
        }
        lines = {name: Line(port) for name, port in to.items()}
        environment = _project(folder / "project", server, lines)
        way = stack.enter_context(ways(folder, environment, lines["live"].port))
        world = World(
            folder / "project", server, postgres, storage, weed, bucket, site, liar, lines, way, disk
        )
        if way.line is not None:
            lines["ssh"] = way.line
        if disk is not None:
            world.run("postgres", f"create tablespace small location '{disk / 'tables'}'")
        world.temporary.mkdir()
        world.take_way("direct")
        try:
            yield world
        finally:
            storage.down(world.weed)
            site.shutdown()
            server.down(world.postgres)


def _leads(one: Process) -> bool:
    import psutil

    return psutil.Process(one.pid).parent().name() != "postgres"


def _project(folder: Path, server: Postgres, lines: Mapping[str, Line]) -> Path:
    """Make the project's folder, and return the file with the target's environment."""
    for name in ("plugins", "media/uploads"):
        (folder / name).mkdir(parents=True)
    (folder / "tasks.py").write_text(TASKS)
    (folder / "plugins/gallery.py").write_text(PLUGIN)
    values = {
        "DATABASE_URL": server.url("live").replace(f":{server.port}/", f":{lines['live'].port}/"),
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{lines['storage'].port}",
        "AWS_REGION": "us-east-1",
        "S3_BUCKET": NAME,
        "S3_PUBLIC_URL": f"http://127.0.0.1:{lines['site'].port}/media",
    }
    environment = folder / ".env.live"
    environment.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    for name in PICTURES:
        (folder / f"media/uploads/{name}.png").write_bytes(picture(name))
    return environment
