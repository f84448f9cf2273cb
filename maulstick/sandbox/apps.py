"""The world of the stand-in cloud: apps, machines, releases and names, in one file."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from maulstick.errors import Problem, did_you_mean, usage
from maulstick.sandbox import locks
from maulstick.sandbox import process as processes
from maulstick.sandbox.faults import FAULTS
from maulstick.sandbox.process import Process, write_private

SITE_APP = "olivia-art-portfolio"
DATABASE_APP = "olivia-art-portfolio-db"
ORGANIZATION = "sandbox"
REGION = "lhr"
# What every app on Fly has too, and no release has a reason to read.
UNRELATED_SECRETS = ("SECRET_KEY_BASE", "RESEND_API_KEY", "SWELL_SECRET_KEY")
ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class CloudError(Problem):
    """What the stand-in cloud refuses; the stand-in `fly` prints `Error: ` and its text."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__("sandbox", what, hint)


@dataclass(frozen=True, slots=True)
class AppMachine:
    """A machine of an app, with the process that serves it, if it has one."""

    id: str
    name: str
    state: str
    version: int = 0
    instance: str = ""
    address: str = ""
    region: str = REGION
    port: int = 0
    process: Process | None = None
    created: str = ""
    updated: str = ""


@dataclass(frozen=True, slots=True)
class AppRelease:
    """One release of an app: `status` is running, complete, failed or interrupted."""

    version: int
    id: str
    status: str
    image: str
    created: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class App:
    """An app; `port` is the one its visitors use, 0 if it has no process of its own."""

    name: str
    env: Mapping[str, str]
    machines: tuple[AppMachine, ...]
    releases: tuple[AppRelease, ...] = ()
    port: int = 0


@dataclass(frozen=True, slots=True)
class Stray:
    """A process without a machine: one that its `owner` is starting or, without an owner, one to be ended."""

    process: Process
    port: int
    since: float
    owner: Process | None = None


@dataclass(frozen=True, slots=True)
class World:
    """All that the cloud knows; `hosts` maps `name:port` of the private network to `127.0.0.1:port`.

    `token` may do everything, each of `tokens` is good for the apps that it names.
    """

    token: str
    apps: Mapping[str, App]
    hosts: Mapping[str, str]
    program: tuple[str, ...] = ()
    edge: Process | None = None
    strays: tuple[Stray, ...] = ()
    faults: Mapping[str, int] = field(default_factory=dict)
    delays: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def create(
    folder: Path,
    *,
    environment: Mapping[str, str],
    hosts: Mapping[str, str],
    token: str,
    site_port: int,
    program: Sequence[str] = (),
) -> None:
    """Write a new world, ending the processes of an old one; `program` stands for the site's own."""
    (folder / "fly").mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(folder, "world"):
        for process in _left_by_an_older_world(folder):
            processes.stop(process)
        site = App(SITE_APP, _complete(environment), (_machine_of("patient-brush-4211"),), port=site_port)
        world = World(token, {SITE_APP: site, DATABASE_APP: _database_app()}, hosts, tuple(program))
        write_private(world_path(folder), json.dumps(asdict(world), indent=1))


def world_path(folder: Path) -> Path:
    """Find the path of the world file."""
    return folder / "fly" / "world.json"


def load(folder: Path) -> World:
    """Read the world as it is at this moment."""
    return _world(json.loads(world_path(folder).read_text(encoding="utf-8")))


def change(folder: Path, edit: Callable[[World], World]) -> World:
    """Replace the world by what `edit` makes of it, one writer at a time; return the new one."""
    with locked(folder, "world"):
        world = edit(load(folder))
        write_private(world_path(folder), json.dumps(asdict(world), indent=1))
        return world


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Hold one of the world's locks; the kernel lets go of it when its holder dies."""
    with locks.locked(folder / "fly" / f"{name}.lock"):
        yield


def change_app(folder: Path, app: str, edit: Callable[[App], App]) -> App:
    """Replace one app; return the new one."""
    world = change(folder, lambda world: replace(world, apps={**world.apps, app: edit(world.apps[app])}))
    return world.apps[app]


def change_machine(folder: Path, app: str, machine_id: str, **fields: Any) -> AppMachine:
    """Set fields of one machine, and the time of its update; return the new one."""
    world = change(folder, lambda world: with_machine(world, app, machine_id, **fields))
    return machine_by_id(world.apps[app], machine_id)


def with_machine(world: World, app: str, machine_id: str, **fields: Any) -> World:
    """Return the world with fields of one machine set."""
    fields = {"updated": now(), **fields}
    old = world.apps[app]
    machines = tuple(replace(m, **fields) if m.id == machine_id else m for m in old.machines)
    return replace(world, apps={**world.apps, app: replace(old, machines=machines)})


def machine_by_id(app: App, machine_id: str) -> AppMachine:
    """Return a machine of an app."""
    for machine in app.machines:
        if machine.id == machine_id:
            return machine
    raise CloudError(f"machine {machine_id} was not found in app '{app.name}'")


def processes_of(world: World) -> Sequence[Process]:
    """Return every process that the world started, the edge first."""
    machines = [machine.process for app in world.apps.values() for machine in app.machines]
    return [p for p in (world.edge, *machines, *(stray.process for stray in world.strays)) if p]


def fault(folder: Path, name: str, times: int = 1) -> None:
    """Make the stand-in misbehave in this way the next `times` times."""
    if name not in FAULTS:
        raise usage("sandbox/faults", f'no fault is called "{name}"', did_you_mean(name, FAULTS))
    change(folder, lambda world: replace(world, faults={**world.faults, name: times}))


def take_fault(folder: Path, name: str) -> bool:
    """Return whether to misbehave now, and count it."""
    if load(folder).faults.get(name, 0) < 1:
        return False
    left = change(folder, lambda world: replace(world, faults=_one_less(world.faults, name)))
    return left.faults[name] >= 0


def delay(folder: Path, command: str, seconds: float) -> None:
    """Let a command (`ssh console`) take as long as the real one does."""
    change(folder, lambda world: replace(world, delays={**world.delays, command: seconds}))


def allow(folder: Path, token: str, *apps: str) -> None:
    """Make a token that is valid for these apps only, as `fly tokens create deploy` does."""
    change(folder, lambda world: replace(world, tokens={**world.tokens, token: apps}))


def now() -> str:
    """Return the time as Fly writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def ulid() -> str:
    """Return an identifier that sorts by time, as Fly gives to images and instances."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return "".join(ULID_DIGITS[number >> 5 * place & 31] for place in reversed(range(26)))


def _left_by_an_older_world(folder: Path) -> Sequence[Process]:
    with suppress(OSError, ValueError, TypeError, KeyError):
        return processes_of(load(folder))
    return ()


def _complete(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {**{name: secrets.token_urlsafe(32) for name in UNRELATED_SECRETS}, **environment}


def _machine_of(name: str) -> AppMachine:
    address = (
        f"fdaa:0:2b1c:a7b:{secrets.randbelow(900) + 100}:{secrets.token_hex(2)}:{secrets.token_hex(2)}:2"
    )
    moment = now()
    return AppMachine(
        secrets.token_hex(7),
        name,
        "created",
        instance=ulid(),
        address=address,
        created=moment,
        updated=moment,
    )


def _database_app() -> App:
    machine = replace(_machine_of("quiet-ledger-1187"), state="started", version=1)
    release = AppRelease(1, secrets.token_hex(12), "complete", "flyio/postgres-flex:17.2", now())
    return App(DATABASE_APP, {}, (machine,), (release,))


def _one_less(faults: Mapping[str, int], name: str) -> Mapping[str, int]:
    # If two take the last one at once, the second comes to -1.
    return {**faults, name: faults.get(name, 0) - 1}


def _process(raw: Mapping[str, Any] | None) -> Process | None:
    return Process(**raw) if raw else None


def _app(raw: Mapping[str, Any]) -> App:
    machines = (
        AppMachine(**{**machine, "process": _process(machine["process"])}) for machine in raw["machines"]
    )
    releases = (AppRelease(**release) for release in raw["releases"])
    return App(raw["name"], raw["env"], tuple(machines), tuple(releases), raw["port"])


def _stray(raw: Mapping[str, Any]) -> Stray:
    return Stray(Process(**raw["process"]), raw["port"], raw["since"], _process(raw["owner"]))


def _world(raw: Mapping[str, Any]) -> World:
    read = {
        "apps": {name: _app(app) for name, app in raw["apps"].items()},
        "program": tuple(raw["program"]),
        "edge": _process(raw["edge"]),
        "strays": tuple(map(_stray, raw["strays"])),
    }
    return World(**{**raw, **read})
