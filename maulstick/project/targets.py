"""Sources and targets as a release knows them, and what a kind of host must offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from maulstick.project.addresses import BucketPlace
from maulstick.project.host_keys import NoKeys, own_keys
from maulstick.redact import Secret

Addressing = Literal["virtual", "path"]
Acl = Literal["private", "public-read"]
Say = Callable[[str], None]

SANDBOX_SOURCE = "sandbox"
"""The name of the sandbox's own source: a bundle of it must never pass for one of the user's."""


class Machine(Protocol):
    """A machine of the target, reached by SSH or by its host's own program."""

    def run(self, command: str, **options: Any) -> Any:
        """Run a command on it and return Fabric's result; on Fly no shell reads the command."""

    def put(self, local: str, remote: str) -> Any:
        """Copy a file to it; on Fly only where the target's `ssh` is "certificate"."""

    def get(self, remote: str, local: str) -> Any:
        """Copy a file from it; on Fly only where the target's `ssh` is "certificate"."""


class Code(Protocol):
    """How the site's code gets to a target: what the step `deploy` asks and does.

    `announced` is the commit that was said to be shipped; `deploys` are those that this command shipped, and
    whether each went well.
    """

    announced: str
    deploys: dict[str, bool]

    @property
    def running(self) -> str | None:
        """The commit that runs there; None where nobody tells."""

    @property
    def troubles(self) -> Sequence[str]:
        """Why what runs there is not well; empty where it is."""

    def refused(self, *, asked: bool) -> str:
        """Say why nothing is deployed, `asked` for by name or not; "" where something can be."""

    def ship(
        self, checkout: Path, commit: str, *, line: Say, hide: Callable[[str], str], wait: float | None
    ) -> Sequence[str]:
        """Ship a commit, each line of output to `line`, wait until it runs, and return warnings.

        `hide` takes secrets out of a text; `wait` is in seconds, None for as long as is usual.
        """


class Host(Protocol):
    """A target as a release reaches it; everything opened is closed with the stack it was made with."""

    @property
    def environment(self) -> Mapping[str, Secret]:
        """The values of the site's environment that are set, by name."""

    @property
    def database(self) -> Secret:
        """An address of the target's database that can be connected to from here."""

    @property
    def plan_database(self) -> Secret:
        """The same for commands that only read: another role's, where the inventory has one."""

    @property
    def machine(self) -> Machine:
        """A machine of the target that commands can run on; a Problem where it has none."""

    @property
    def code(self) -> Code | None:
        """The way of the site's code to the target; None where it is not ours to ship."""

    def look(self) -> str:
        """Ask whether the host answers, and return what answered, in a word; "" where nobody is asked."""


def unset_in_environment(target: Target, name: str) -> tuple[str, str]:
    """Return what is said of a variable that is not set, and the hint."""
    return "is not set in the environment", f"set {name} where the site runs"


@dataclass(frozen=True, slots=True)
class HostKind:
    """A kind of host: its name in the inventory, what it is, and how a target of that kind is opened.

    `keys` is a frozen dataclass of the keys that its targets have beside those of every target; a target
    holds it as `target.keys`. `open(target, stack, say)` asks nothing of the target until it is needed.
    `start(target, folder, say)` is for a host with a source of its own: it returns the target with its source
    and its site. `unset(target, name)` returns what is said of a variable that is not set, and a hint.
    """

    name: str
    says: str
    open: Callable[[Target, ExitStack, Say], Host]
    keys: type = NoKeys
    start: Callable[[Target, Path, Say], Target] | None = None
    unset: Callable[[Target, str], tuple[str, str]] = unset_in_environment


@dataclass(frozen=True, slots=True)
class LocalSource:
    """The local side: what a release is made from; `media` is where its files are; paths are absolute.

    `serve` is a command that starts its site on another database, for a rehearsal.
    """

    name: str
    database: Secret
    media: Path | BucketPlace
    checkout: Path | None
    site: str | None
    bundles: Path
    serve: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One place to release to; `source` is None where it brings its own, `storage_quota` is in bytes.

    `keys` are what its kind of host adds, `vars` the variables of playbooks, the inventory's among them.
    `database_user` is the role that rows are written as, `plan_database` what reading alone goes to.
    `headers` let a visitor into a site behind a login, `preview_headers` show what is not public yet: both
    are for its own host alone. With `although_read_only` a database is written to that is set to be read.
    """

    name: str
    kind: HostKind
    keys: Any
    source: LocalSource | None
    site: str
    storage_quota: int | None
    confirm: bool
    addressing: Addressing
    acl: str | None
    database_user: str | None
    plan_database: Secret | None
    headers: Mapping[str, Secret] = field(default_factory=dict)
    preview_headers: Mapping[str, Secret] = field(default_factory=dict)
    although_read_only: bool = False
    conditional_writes: bool = True
    vars: Mapping[str, int | str | bool] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The name of its kind of host."""
        return self.kind.name

    @property
    def address(self) -> str:
        """What it is called at its host: the first of the host's keys that is required, else ""."""
        names = (own.name for own in own_keys(type(self.keys)) if own.required)
        return str(getattr(self.keys, next(names, ""), ""))
