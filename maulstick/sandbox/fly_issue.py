"""`fly ssh issue`: a key and its certificate, with flyctl's traps (docs/fly-facts.md, "SSH certificates")."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from maulstick.sandbox import apps
from maulstick.sandbox.apps import ORGANIZATION, CloudError
from maulstick.sandbox.fly_request import Request, out

USERS = ("root", "fly")
HOURS = 24
MOST_HOURS = 72
NO_ORGANIZATION = "org slug must be specified when not running interactively"
NO_LIBRARY = "the sandbox's SSH needs the package asyncssh: pip install -e '.[ssh-server]'"
WARNING = """
!!!! WARNING: We're now prompting you to save an SSH private key and certificate       !!!!
!!!! (the private key in "id_whatever" and the certificate in "id_whatever-cert.pub"). !!!!
!!!! These SSH credentials are time-limited and handling them in files is clunky;      !!!!
!!!! consider running an SSH agent and running this command with --agent. Things       !!!!
!!!! should just sort of work like magic if you do.                                    !!!!
"""


def issue(request: Request) -> int:
    """Write a new login for the organization's machines."""
    call = request.call
    if (named := _organization(request)) != ORGANIZATION:
        raise CloudError(f'Could not find Organization "{named}"')
    hours = _hours(call.value("hours", str(HOURS)))
    if apps.take_fault(request.folder, "ssh-issue-refused") or not request.may_use(""):
        raise CloudError("Not authorized to access this issueCertificate")
    if call.says("agent"):
        raise CloudError("can't connect to SSH agent: the sandbox knows none")
    key, certificate = _login(request.folder, hours, _users(request))
    out(WARNING)
    path = _path(request)
    _write(path, key, certificate, overwrite=call.says("overwrite"))
    out(f"Wrote {hours}-hour SSH credential to {path}, {path}-cert.pub\n")
    return 0


def _organization(request: Request) -> str:
    flagged = request.call.value("org") or os.environ.get("FLY_ORG", "")
    named = flagged or next(iter(request.call.arguments), "")
    if not named:
        raise CloudError(NO_ORGANIZATION)
    return named


def _hours(text: str) -> int:
    if not text.isdecimal():
        raise CloudError(f'invalid argument "{text}" for "--hours" flag: strconv.ParseInt: invalid syntax')
    if not 1 <= int(text) <= MOST_HOURS:
        raise CloudError(f"Invalid expiration time (1-{MOST_HOURS} hours)")
    return int(text)


def _users(request: Request) -> Sequence[str]:
    given = request.call.flags.get("username", ())
    return [user for text in given for user in text.split(",")] or USERS


def _login(folder: Path, hours: int, users: Sequence[str]) -> tuple[bytes, bytes]:
    try:
        from maulstick.sandbox import ssh_keys
    except ImportError as error:
        raise CloudError(NO_LIBRARY) from error
    return ssh_keys.login(folder, hours=hours, users=users)


def _path(request: Request) -> str:
    """Find where the key goes: the last argument after the organization, unless it is an address."""
    rest = request.call.arguments[1:]
    if not rest or (len(rest) == 1 and "@" in rest[0]):
        _ask()
    start = f"{os.environ.get('HOME', '')}/.ssh/" if request.call.says("dotssh") else ""
    return f"{start}{rest[-1]}"


def _write(path: str, key: bytes, certificate: bytes, *, overwrite: bool) -> None:
    beside = Path(f"{path}-cert.pub")
    while overwrite and Path(path).exists():
        out("File exists, but isn't a fly.io ed25519 private key\n")
        time.sleep(3600)
    if Path(path).exists():
        out(f"Can't open private key file: open {path}: file exists\n")
        _ask()
    if beside.exists() and not overwrite:
        out(f"Can't open certificate file {beside}: open {beside}: file exists")
        Path(path).touch(mode=0o600)
        return
    for place, text in ((Path(path), key), (beside, certificate)):
        place.touch(mode=0o600)
        place.write_bytes(text)


def _ask() -> NoReturn:
    out("Path to store private key: ")
    raise CloudError("prompt: non interactive")
