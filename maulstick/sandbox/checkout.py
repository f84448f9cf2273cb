"""The site's git checkout, as on the first day."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from maulstick.errors import Problem

BRANCH = "main"
DAY = "2026-01-05T09:00:00+00:00"
MEDIA_ROOT = Path("priv", "static")
UPLOADS = MEDIA_ROOT / "uploads"
IGNORED = f"{UPLOADS.as_posix()}\n"
FLY_TOML = """\
app = 'olivia-art-portfolio'
primary_region = 'lhr'

[env]
  PHX_SERVER = 'true'

[http_service]
  internal_port = 8080
  force_https = true
  auto_stop_machines = 'stop'
  auto_start_machines = true
  min_machines_running = 0
"""


def restore(checkout: Path) -> str:
    """Make the repository anew, with one commit that is the same on every machine; return the commit.

    Only the uploads, which git ignores, stay as they are.
    """
    (checkout / UPLOADS).mkdir(parents=True, exist_ok=True)
    _clear(checkout, checkout / UPLOADS)
    site = Path(__file__).parent / "site"
    for name in ("templates", "static"):
        shutil.copytree(site / name, checkout / name)
    (checkout / "fly.toml").write_text(FLY_TOML, "utf-8")
    (checkout / ".gitignore").write_text(IGNORED, "utf-8")
    return _commit(checkout)


def _clear(folder: Path, kept: Path) -> None:
    for path in folder.iterdir():
        if path == kept:
            continue
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        elif path in kept.parents:
            _clear(path, kept)
        else:
            shutil.rmtree(path)


def _commit(checkout: Path) -> str:
    _git(checkout, "init", "--quiet", "--template=")
    _git(checkout, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    for name, value in (("name", "Sandbox"), ("email", "sandbox@localhost")):
        _git(checkout, "config", f"user.{name}", value)
    _git(checkout, "config", "core.autocrlf", "false")
    _git(checkout, "add", "--all")
    _git(checkout, "commit", "--quiet", "--message", "the site on its first day")
    return _git(checkout, "rev-parse", "HEAD")


def _git(checkout: Path, *words: str) -> str:
    # The user's own settings (hooks, signing, templates) do not apply to a repository made by a program.
    ours = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": str(checkout / ".git")}
    dates = {"GIT_AUTHOR_DATE": DAY, "GIT_COMMITTER_DATE": DAY}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**inherited, **ours, **dates, "GIT_WORK_TREE": str(checkout)}
    try:
        done = subprocess.run(
            ["git", *words], cwd=checkout, env=environment, capture_output=True, text=True, check=True
        )
    except FileNotFoundError as error:
        raise Problem("sandbox", "needs the program git", "install git", code=2) from error
    except subprocess.CalledProcessError as error:
        raise Problem("sandbox: checkout", f"git {words[0]} failed: {error.stderr.strip()}") from error
    return done.stdout.strip()
