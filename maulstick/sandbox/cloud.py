"""What the stand-in cloud is told about the sandbox's own servers."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote

from maulstick.sandbox import apps, databases, edge, machines, process
from maulstick.sandbox.objects import BUCKET
from maulstick.sandbox.state import State

PRIVATE_NAMES = (
    "olivia-art-portfolio-db.flycast",
    "olivia-art-portfolio-db.internal",
    "top2.nearest.of.olivia-art-portfolio-db.internal",
)
FLY = """\
#!/bin/sh
export MAULSTICK_SANDBOX="${{MAULSTICK_SANDBOX:-"{folder}"}}" FLY_API_TOKEN="${{FLY_API_TOKEN:-{token}}}"
exec {python} -m maulstick.sandbox.fly "$@"
"""


def site(state: State) -> str:
    """Return the site's address, as visitors use it."""
    return f"http://127.0.0.1:{state.ports['site']}"


def environment(state: State) -> Mapping[str, str]:
    """List the secrets of the site's app."""
    production, secrets = databases.PRODUCTION, state.secrets
    login = f"{production.role}:{secrets[production.role]}"
    return {
        "DATABASE_URL": f"postgres://{login}@{PRIVATE_NAMES[0]}:5432/{production.name}?sslmode=disable",
        "AWS_ACCESS_KEY_ID": secrets["access_key"],
        "AWS_SECRET_ACCESS_KEY": secrets["secret_key"],
        "AWS_REGION": "auto",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{state.ports['storage']}",
        "S3_BUCKET": BUCKET,
        "S3_PUBLIC_URL": f"{site(state)}/media",
        "PHX_HOST": "127.0.0.1",
        "SECRET_KEY_BASE": secrets["secret_key_base"],
        "RESEND_API_KEY": secrets["resend_api_key"],
        "SWELL_SECRET_KEY": secrets["swell_secret_key"],
    }


def hosts(state: State) -> Mapping[str, str]:
    """Return what the private network's names stand for."""
    return {f"{name}:5432": f"127.0.0.1:{state.ports['postgres']}" for name in PRIVATE_NAMES}


def create(folder: Path, state: State) -> None:
    """Make a new world that knows this sandbox's servers; an old one ends with its processes and files."""
    down(folder)
    shutil.rmtree(folder / "fly", ignore_errors=True)
    apps.create(
        folder,
        environment=environment(state),
        hosts=hosts(state),
        token=state.secrets["token"],
        site_port=state.ports["site"],
    )


def deploy(folder: Path, checkout: Path, commit: str) -> None:
    """Release the site's first version and open its door."""
    machines.deploy(folder, checkout, labels={"GIT_SHA": commit})
    edge.up(folder)


def follow(folder: Path, state: State) -> None:
    """Tell the world where our servers are now; if one has moved, the site is started anew."""
    world = apps.load(folder)
    app = world.apps[apps.SITE_APP]
    moved = replace(app, env={**app.env, **environment(state)}, port=state.ports["site"])
    if (app, world.hosts) == (moved, hosts(state)):
        return
    edge.down(folder)
    apps.change_app(folder, app.name, lambda now: replace(now, env=moved.env, port=moved.port))
    apps.change(folder, lambda now: replace(now, hosts=hosts(state)))


def edge_is_ours(folder: Path) -> bool:
    """Return whether the edge of this sandbox runs: then the site's port is taken by us."""
    if not apps.world_path(folder).exists():
        return False
    found = apps.load(folder).edge
    return found is not None and process.alive(found)


def down(folder: Path) -> None:
    """Stop the edge and every process of a machine, even those that a killed command did not record."""
    if apps.world_path(folder).exists():
        edge.down(folder)
    for module in ("edge", "site"):
        for left in process.started_as(f"maulstick.sandbox.{module}", folder):
            process.stop(left)


def write_fly(folder: Path, state: State) -> Path:
    """Write the program `fly` of this sandbox, which knows its folder and token; return its path."""
    program = folder / "bin" / "fly"
    text = FLY.format(folder=_quoted(str(folder)), token=state.secrets["token"], python=quote(sys.executable))
    if not program.exists() or program.read_text("utf-8") != text:
        program.parent.mkdir(exist_ok=True)
        process.write_private(program, text)
        program.chmod(0o700)
    return program


def _quoted(text: str) -> str:
    return "".join(f"\\{letter}" if letter in '\\"$`' else letter for letter in text)
