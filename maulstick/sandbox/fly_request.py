"""One call of the stand-in `fly`: what was asked, of which app, in which world."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maulstick.sandbox import apps
from maulstick.sandbox.apps import App, AppMachine, CloudError, World
from maulstick.sandbox.fly_flags import ParsedCommand

NO_TOKEN = "no access token available. Please login with 'flyctl auth login'"  # noqa: S105
WRONG_TOKEN = "You must be authenticated to view this."  # noqa: S105
TOKEN_NAMES = ("FLY_API_TOKEN", "FLY_ACCESS_TOKEN")
NO_APP = (
    "the config for your app is missing an app name, add an app field to the fly.toml file"
    " or specify with the -a flag"
)


@dataclass(frozen=True, slots=True)
class Request:
    """A command line, with the world as it was when it was read."""

    folder: Path
    call: ParsedCommand
    world: World

    @property
    def app_name(self) -> str:
        """The app named by flag, environment or fly.toml, "" if none is."""
        named = self.call.value("app") or os.environ.get("FLY_APP")
        return named or str(self.config.get("app", ""))

    @property
    def app(self) -> App:
        """The app that the command is about."""
        if not self.app_name:
            raise CloudError(NO_APP)
        return self.of(self.app_name)

    def of(self, name: str) -> App:
        """Return an app by its name; refuse one that the token has no rights for."""
        if name not in self.world.apps or not self.may_use(name):
            raise CloudError(f'Could not find App "{name}"')
        return self.world.apps[name]

    def may_use(self, name: str) -> bool:
        """Return whether the token is valid for an app or, with "", for the whole organization."""
        token = token_of(self.call)
        return token == self.world.token or name in self.world.tokens.get(token, ())

    @property
    def directory(self) -> Path:
        """The working directory, which a deploy may be given."""
        given = self.call.arguments[:1] if self.call.command == "deploy" else ()
        return Path(*given).resolve()

    @property
    def config_path(self) -> Path:
        """The path of fly.toml, which need not exist."""
        return Path(self.call.value("config") or self.directory / "fly.toml").resolve()

    @property
    def config(self) -> Mapping[str, Any]:
        """What fly.toml says."""
        if not self.config_path.is_file():
            return {}
        import tomllib

        return tomllib.loads(self.config_path.read_text(encoding="utf-8"))

    def machine(self, machine_id: str) -> tuple[App, AppMachine]:
        """Return a machine and its app, which need not be named."""
        candidates = [self.app] if self.app_name else list(self.world.apps.values())
        for app in candidates:
            for machine in app.machines:
                if machine.id == machine_id:
                    return app, machine
        raise CloudError(f"machine {machine_id} was not found in app '{self.app_name}'")


def expect_session(folder: Path, call: ParsedCommand, world: World) -> None:
    """Refuse a call without a valid token."""
    given = token_of(call)
    if not given or apps.take_fault(folder, "not-logged-in"):
        raise CloudError(NO_TOKEN)
    if given != world.token and given not in world.tokens:
        raise CloudError(WRONG_TOKEN)


def token_of(call: ParsedCommand) -> str:
    """Return the token of a call, "" without one."""
    tokens = (call.value("access-token"), *map(os.environ.get, TOKEN_NAMES))
    return next(filter(None, tokens), "")


def out(text: str) -> None:
    """Write to stdout at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def err(text: str) -> None:
    """Write to stderr at once."""
    sys.stderr.write(text)
    sys.stderr.flush()
