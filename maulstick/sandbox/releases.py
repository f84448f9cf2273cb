"""Releases of an app: what ships, and how far each one got."""

import secrets
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from maulstick.sandbox import apps
from maulstick.sandbox.apps import App, AppRelease, CloudError

LISTED = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")


def begin(folder: Path, app: str, *, labels: Mapping[str, str], tag: str = "") -> AppRelease:
    """Record a running release; one that was left running becomes interrupted."""
    release = AppRelease(
        version=1,
        id=secrets.token_urlsafe(18),
        status="running",
        image=f"{app}:{tag or f'deployment-{apps.ulid()}'}",
        created=apps.now(),
        labels=dict(labels),
    )

    def edit(old: App) -> App:
        earlier = tuple(
            replace(r, status="interrupted") if r.status == "running" else r for r in old.releases
        )
        version = max((r.version for r in earlier), default=0) + 1
        return replace(old, releases=(*earlier, replace(release, version=version)))

    return apps.change_app(folder, app, edit).releases[-1]


def finish(folder: Path, app: str, version: int, status: str) -> None:
    """Record how a release ended: complete or failed."""

    def edit(old: App) -> App:
        return replace(
            old,
            releases=tuple(replace(r, status=status) if r.version == version else r for r in old.releases),
        )

    apps.change_app(folder, app, edit)


def of_version(app: App, version: int) -> AppRelease:
    """Return a release of an app."""
    for release in app.releases:
        if release.version == version:
            return release
    raise CloudError(f"app {app.name} has no release v{version}", "run `invoke sandbox.reset`")


def newest_complete(app: App) -> int:
    """Return the version that a machine without one is to run, 0 if nothing was ever deployed."""
    return max((release.version for release in app.releases if release.status == "complete"), default=0)


def code_of(folder: Path, app: str, version: int) -> Path:
    """Find the folder that holds a release's files."""
    return folder / "fly" / "releases" / app / str(version)


def ship(folder: Path, app: str, version: int, checkout: Path) -> Path:
    """Copy what a build would take from the working directory; return the copy's path."""
    code = code_of(folder, app, version)
    _forget_old(folder, app, code.parent)
    shutil.rmtree(code, ignore_errors=True)
    code.mkdir(parents=True)
    for name in shipped(checkout):
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout / name, code / name)
    return code


def shipped(checkout: Path) -> Sequence[str]:
    """List the files of a working directory that neither .gitignore nor .dockerignore leaves out."""
    listing = subprocess.run(LISTED, cwd=checkout, capture_output=True, text=True)
    if listing.returncode:
        raise CloudError(f"failed to fetch an image or build from source: {listing.stderr.strip()}")
    ignore = checkout / ".dockerignore"
    patterns = ignore.read_text(encoding="utf-8").split("\n") if ignore.exists() else []
    names = (name for name in listing.stdout.split("\0") if name and (checkout / name).is_file())
    return sorted(name for name in names if not _ignored(name, patterns))


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    rules = [rule.strip().strip("/") for rule in patterns if rule.strip() and not rule.startswith(("#", "!"))]
    return any(fnmatch(name, rule) or name.startswith(f"{rule}/") for rule in rules)


def _forget_old(folder: Path, app: str, releases: Path) -> None:
    in_use = {str(machine.version) for machine in apps.load(folder).apps[app].machines}
    for old in releases.iterdir() if releases.exists() else ():
        if old.name not in in_use:
            shutil.rmtree(old, ignore_errors=True)
