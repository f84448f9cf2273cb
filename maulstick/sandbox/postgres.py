"""The sandbox's PostgreSQL server: created, started and stopped without root or an installation."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.errors import Problem
from maulstick.sandbox import process, programs
from maulstick.sandbox.process import Process

if TYPE_CHECKING:
    import psycopg

# A process that is killed loses nothing without fsync; only a machine that loses power does.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "logging_collector": "off",
    "log_min_messages": "warning",
}
SUPERUSER = "postgres"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server: its folder, its log, its port, the superuser's password and the user that it runs as.

    `binaries` names the folder of other programs than the sandbox's own, `settings` what the server is told.
    """

    home: Path
    log: Path
    port: int
    password: str = field(repr=False)
    user: int | None = None
    binaries: Path | None = None
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)

    def up(self) -> Process:
        """Create the cluster if there is none, start the server and wait until it accepts logins."""
        programs.own(self.home, self.user)
        self.down(None)
        binaries = self.binaries or programs.postgres(self.home, self.user)
        cluster = self._cluster(binaries)
        # Nothing of ours runs in it any more: what a dead server left would only name a stranger's process.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        told = {**self.settings, "port": str(self.port)}
        settings = [f"--{name}={value}" for name, value in told.items()]
        command = [str(binaries / "postgres"), "-D", str(cluster), *settings]
        started = process.spawn(command, log=self.log, env=_environment(), cwd=self.home, user=self.user)
        self._wait(started)
        return started

    def down(self, running: Process | None) -> None:
        """Stop the server and whatever a killed one left behind."""
        if running is not None:
            process.stop(running, ask=signal.SIGINT)  # SIGTERM would wait for every client to leave
        for left in process.running_in(self.home, "initdb", "postgres"):
            process.kill(left)

    def url(self, database: str, *, role: str = SUPERUSER, password: str | None = None) -> str:
        """Return the address of a database for a role; names and passwords here need no quoting."""
        return f"postgresql://{role}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", *, timeout: int = 120) -> psycopg.Connection:
        """Open a connection as the superuser that commits each statement."""
        import psycopg

        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=timeout)

    def _cluster(self, binaries: Path) -> Path:
        cluster = self.home / f"data-{programs.major(binaries)}"
        if not cluster.exists():
            for stale in self.home.glob("making-*"):
                shutil.rmtree(stale, ignore_errors=True)
            self._initdb(binaries).rename(cluster)
        return cluster

    def _initdb(self, binaries: Path) -> Path:
        making = self.home / f"making-{secrets.token_hex(4)}"
        password = making.with_suffix(".password")
        process.write_private(password, self.password)
        if self.user is not None:
            programs.give(password, self.user)
        command = [binaries / "initdb", "-D", making, "-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8"]
        command += [f"--pwfile={password}", "--no-sync", *_locale(binaries)]
        try:
            self._run([str(part) for part in command])
        finally:
            password.unlink()
        return making

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command,
            cwd=self.home,
            env=_environment(),
            user=self.user,
            group=process.group_of(self.user),
            extra_groups=None if self.user is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no answer"]
            raise Problem("sandbox: postgres", f"could not be made: {lines[-1]}")

    def _wait(self, started: Process) -> None:
        process.wait_until(
            lambda: self._answers() or not process.alive(started), seconds=process.START_SECONDS
        )
        if not process.alive(started) or not self._answers():
            process.stop(started)
            says = f"did not start{process.last_lines(self.log)}"
            raise Problem("sandbox: postgres", says, f"its log is {self.log}")

    def _answers(self) -> bool:
        import psycopg

        try:
            self.connect(timeout=10).close()  # it is asked again
        except psycopg.OperationalError:
            return False
        return True


def _locale(binaries: Path) -> list[str]:
    # The builtin provider (17 and later) folds accents in citext on every machine; libc's C does not.
    if programs.major(binaries) < 17:
        return ["--locale=C"]
    return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def _environment() -> dict[str, str]:
    # The user's PG* variables would move the server's port, folder and encoding.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
