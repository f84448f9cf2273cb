"""`host = "direct"`: a target whose database and bucket answer from here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from maulstick.errors import usage
from maulstick.hosts.environment import NAMES, Once, database_address, values_of_file
from maulstick.project.host_keys import key
from maulstick.project.targets import Machine, Say, Target
from maulstick.redact import Secret

Read = Callable[[], Mapping[str, str | None]]
SAYS = (
    "anything whose database and bucket can be reached from here, such as Neon, Supabase or RDS. What its "
    "environment holds, with examples, is in [without-fly.md](without-fly.md)"
)


@dataclass(frozen=True, slots=True)
class DirectKeys:
    """What a target that is reached directly says."""

    environment: Path | None = key(
        "a dotenv file with the target's whole environment; this process's environment if left out", None
    )


class DirectHost:
    """A target whose database and bucket answer from here; `read` returns its environment.

    `look` says whether what else belongs to it is well; if left out, nobody is asked.
    """

    code = None

    def __init__(self, target: Target, say: Say, read: Read, look: Callable[[], str] = str) -> None:
        self.target = target
        self._read, self._look = read, look
        self._once = Once(say)

    def look(self) -> str:
        """Return what answered, in a word; "" where nobody is asked."""
        return self._look()

    @property
    def machine(self) -> Machine:
        """Refuse: there is no machine to run on."""
        what = f'host = "{self.target.host}" has no machine to run commands on'
        raise usage(f"targets/{self.target.name}", what)

    @cached_property
    def environment(self) -> Mapping[str, Secret]:
        """The values that are set."""
        values = self._read()
        return {name: Secret(value) for name in NAMES if (value := values.get(name))}

    @property
    def database(self) -> Secret:
        """DATABASE_URL as libpq takes it."""
        address = database_address(self.environment, self.target)
        return self._once.told(address, f"database of {self.target.name}")

    @property
    def plan_database(self) -> Secret:
        """The inventory's own address for reading, else DATABASE_URL."""
        if self.target.plan_database is None:
            return self.database
        return self._once.plain(self.target.plan_database, f"database of {self.target.name} (plan_database)")


def open_direct(target: Target, stack: ExitStack, say: Say) -> DirectHost:
    """Return a target whose values stand in a dotenv file, or in the environment of this process.

    A file stands alone: what is missing in it must not come from a shell that means another database.
    """
    file, where = environment_file(target), f"targets/{target.name}/environment"
    return DirectHost(target, say, lambda: os.environ if file is None else values_of_file(file, where))


def environment_file(target: Target) -> Path | None:
    """Return the dotenv file that holds a target's environment, where there is one."""
    return target.keys.environment if isinstance(target.keys, DirectKeys) else None


def unset(target: Target, name: str) -> tuple[str, str]:
    """Return what is said of a variable that is missing in the file, or in this process."""
    file = environment_file(target)
    if file is not None:
        return f'is not set in "{file.name}"', f"add a line: {name}=…"
    hint = f'export {name}=…, or name a file: environment = ".env.{target.name}"'
    return "is not set in the environment", hint
