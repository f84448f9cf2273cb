"""A session of pytest that has collected everything, and forks for each mutant: its tests run in the fork.

Servers and what is imported serve all of them. It runs in a copy of the checkout, so that whatever the tests
start finds the mutant too. Jobs are lines of JSON that come by one pipe, answers go by another.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from _pytest.runner import runtestprotocol

from maulstick.sandbox.postgres import Postgres
from tests.checkout import ROOT

DATABASES = ("server", "site_databases", "empty_source", "empty_production", "storage", "bucket")
"""The fixtures that are made once for all mutants: processes, for a fork has no threads of ours."""
OTHERS = """select pg_terminate_backend(pid) from pg_stat_activity
where pid <> pg_backend_pid() and backend_type = 'client backend' and not pid = any (%s)"""
KNOWN = "select datname from pg_database"
ROLES = "select rolname from pg_roles where oid >= 16384"
RESETS = """select case when s.setrole = 0 then '' else 'alter role ' || quote_ident(r.rolname) end
  || case when s.setrole = 0 then 'alter database ' || quote_ident(d.datname)
    when s.setdatabase <> 0 then ' in database ' || quote_ident(d.datname) else '' end || ' reset all'
from pg_db_role_setting as s left join pg_roles as r on r.oid = s.setrole
left join pg_database as d on d.oid = s.setdatabase where s.setrole <> 0 or s.setdatabase <> 0"""
NEVER = "a test that is not in this session"


class Worker:
    """The plugin: instead of running the session's tests in turn, serve jobs."""

    def __init__(self, jobs: IO[str], answers: IO[str]) -> None:
        self.jobs, self.answers = jobs, answers
        self.items: dict[str, pytest.Item] = {}
        self.server: Postgres | None = None
        self.known: set[str] = set()
        self.places: list[Any] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return False
        self.items = {item.nodeid: item for item in session.items}
        self._begin(session)
        gc.collect()
        gc.freeze()
        with suppress(BrokenPipeError):  # whoever asked may be gone before the answer
            self._say({"ready": len(self.items)})
            for line in self.jobs:
                self._say(self._answer(json.loads(line), session))
        return True

    def _begin(self, session: pytest.Session) -> None:
        """Run a test for each of the fixtures that live as long as the session."""
        missing = {*DATABASES}
        for item in session.items:
            made = missing & {*item.fixturenames}  # type: ignore[attr-defined]
            if made:
                missing -= made
                runtestprotocol(item, log=False, nextitem=self._other(item))
        self.server = next(self._made("server"), None)
        self.places = [*self._made("empty_source", "empty_production")]
        if self.server:
            with self.server.connect() as connection:
                self.known = {name for (name,) in connection.execute(KNOWN).fetchall()}

    def _other(self, item: pytest.Item) -> pytest.Item:
        """Return another test, before which this one's own fixtures end."""
        return next(other for other in self.items.values() if other is not item)

    def _say(self, answer: dict[str, Any]) -> None:
        self.answers.write(json.dumps(answer) + "\n")
        self.answers.flush()

    def _answer(self, job: dict[str, Any], session: pytest.Session) -> dict[str, Any]:
        """Fork, wait for the fork's answer, and put the file and the server back as they were."""
        path = ROOT / job["source"]
        before, times, began = path.read_bytes(), path.stat(), time.monotonic()
        reading, writing = os.pipe()
        process = os.fork()
        if not process:
            try:
                os.setsid()
                with os.fdopen(writing, "w") as answers:
                    answers.write(json.dumps(self._run(job, session)))
            finally:
                _kill_below(os.getpid())
                os._exit(0)
        os.close(writing)
        late = not _ends(process, job["seconds"])
        with os.fdopen(reading) as answers:
            said = answers.read()
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        self._clean()
        answer = (
            json.loads(said) if said else {"failed": "too slow" if late else "dies", "why": "", "passed": 0}
        )
        return {**answer, "seconds": round(time.monotonic() - began, 2)}

    def _run(self, job: dict[str, Any], session: pytest.Session) -> dict[str, Any]:
        """Change the file, and run tests until the first fails, in the fork."""
        if job["text"] is not None:
            from tests.mutants.patching import UnpatchableError, put_in

            try:
                put_in(job["source"], (ROOT / job["source"]).read_text(encoding="utf-8"), job["text"], ROOT)
            except UnpatchableError as why:
                return {"failed": "", "why": f"cannot be tested: {why}", "passed": -1}
            except Exception as why:
                return {"failed": "is not imported", "why": repr(why), "passed": 0}
        items = [self.items[test] for test in job["tests"] if test in self.items]
        if not items:
            return {"failed": "", "why": NEVER, "passed": 0}
        self._connect_anew()
        session._setupstate.teardown_exact(items[0])
        for number, item in enumerate(items):
            following = items[number + 1] if number + 1 < len(items) else self._other(item)
            for report in runtestprotocol(item, log=False, nextitem=following):
                if report.failed:
                    return {"failed": item.nodeid, "why": str(report.longrepr)[-1500:], "passed": number}
        return {"failed": "", "why": "", "passed": len(items)}

    def _connect_anew(self) -> None:
        """Give the fork connections of its own to the databases that all forks use."""
        for place in self.places:
            assert self.server
            object.__setattr__(place, "connection", self.server.connect(place.database))

    def _made(self, *names: str) -> Iterator[Any]:
        """Yield what fixtures of the session have made."""
        for name in names:
            known = (item._fixtureinfo.name2fixturedefs.get(name) for item in self.items.values())  # type: ignore[attr-defined]
            made = {id(one): one for several in known if several for one in several if one.cached_result}
            yield from (one.cached_result[0] for one in made.values())

    def _clean(self) -> None:
        """End what a killed fork has left in the server: sessions, databases, settings, roles."""
        if not self.server:
            return
        ours = [place.connection.info.backend_pid for place in self.places]
        with self.server.connect() as connection:
            connection.execute(OTHERS.encode(), (ours,))
            for (name,) in connection.execute(KNOWN).fetchall():
                if name not in self.known:
                    connection.execute(f"drop database if exists {name} with (force)".encode())
            for (reset,) in connection.execute(RESETS.encode()).fetchall():
                connection.execute(reset.encode())
            roles = [name for (name,) in connection.execute(ROLES).fetchall()]
        for place in self.places if roles else ():
            place.empty()
        if roles:
            with self.server.connect() as connection:
                for name in roles:
                    with suppress(Exception):
                        connection.execute(f'drop owned by "{name}" cascade'.encode())
                        connection.execute(f'drop role "{name}"'.encode())


def _ends(process: int, seconds: float) -> bool:
    """Wait for a process, and kill it when it is late, and then what it has started."""
    ended = os.pidfd_open(process)
    in_time = bool(select.select([ended], [], [], seconds)[0])
    os.close(ended)
    _kill_below(process)
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return in_time


def _kill_below(process: int) -> None:
    """Kill what a process has started: servers of fixtures that only it has made."""
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()


def main(words: Sequence[str]) -> int:
    """Serve jobs until there are no more; the words are two descriptors and the files of tests."""
    sys.dont_write_bytecode = True
    reading, writing, *files = words
    # whoever asked may be gone before the answer
    with suppress(BrokenPipeError), os.fdopen(int(reading)) as jobs, os.fdopen(int(writing), "w") as answers:
        options = ["-q", "-p", "no:cacheprovider"]
        return int(pytest.main([*options, *files], plugins=[Worker(jobs, answers)]))


if __name__ == "__main__":
    os.chdir(Path(ROOT))
    sys.exit(main(sys.argv[1:]))
