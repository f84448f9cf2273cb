"""A small cloud in a temporary folder, and the way to it that is tested."""

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from maulstick.hosts.fly.cli import Fly
from maulstick.hosts.fly.connection import AppConnection
from maulstick.sandbox import apps
from maulstick.sandbox.apps import DATABASE_APP, SITE_APP
from tests.checkout import ROOT

TOKEN = "FlyV1 fm2_never-to-be-seen"
TINY_SITE = ROOT / "tests" / "sandbox" / "fly" / "tiny_site.py"
DATABASE_HOST = f"{DATABASE_APP}.flycast"
CLUSTER = "abc123xyz"
DATABASE_PLACES = (f"{DATABASE_HOST}:5432", f"{DATABASE_HOST}:7", f"direct.{CLUSTER}.flympg.net:5432")
FIRST_COMMIT = "a" * 40
ENVIRONMENT = {
    "DATABASE_URL": f"postgres://someone:pa%40ss=w%3Dord@{DATABASE_HOST}:5432/someone?sslmode=disable",
    "QUOTED": """it's "so" `here` $HOME \\n \\""",
    "BLANKS": "  two  before, one after ",
    "UNICODE": "Zoë Tête-à-tête — 蓮 🎨",
    "PERCENT": "100%s %d %% %n",
    "EMPTY": "",
    "PHX_HOST": "localhost",
}


@dataclass
class Cloud:
    """The stand-in cloud in a temporary folder, a checkout of its site, and `fly` as we run it."""

    folder: Path
    checkout: Path
    site: str
    program: Path

    @property
    def fly(self):
        return Fly(
            str(self.program), SITE_APP, {"MAULSTICK_SANDBOX": str(self.folder), "FLY_API_TOKEN": TOKEN}
        )

    @property
    def app(self):
        return apps.load(self.folder).apps[SITE_APP]

    @property
    def machine(self):
        return self.app.machines[0].id

    def connection(self, way="console", **options):
        return AppConnection(self.fly, self.machine, way=way, organization=apps.ORGANIZATION, **options)

    def with_token(self, token, *good_for):
        """Return `fly` with a token that is good for these apps only."""
        apps.allow(self.folder, token, *good_for)
        return replace(self.fly, environment={**self.fly.environment, "FLY_API_TOKEN": token})

    def calls(self, *words):
        lines = (self.folder / "fly" / "calls.jsonl").read_text().splitlines()
        return [call for call in map(json.loads, lines) if call[: len(words)] == list(words)]

    def commit(self, page):
        (self.checkout / "page.txt").write_text(page)
        git(self.checkout, "add", ".")
        git(self.checkout, "commit", "-qm", page)
        return git(self.checkout, "rev-parse", "HEAD").strip()


def git(folder, *words):
    who = ("-c", "user.name=Someone", "-c", "user.email=someone@localhost")
    return subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True, timeout=600
    ).stdout
