"""What `fly` says when it refuses, and the command that mends it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from maulstick.errors import Exit, Problem

GROUPS = ("apps", "image", "machine", "ssh", "tokens")
LINES = 6
TRACE = re.compile(r" \((Request|Trace) ID: [^)]*\)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text of flyctl's, what it means, and what to do; `{app}`, `{host}` and `{token}` are filled in."""

    says: str
    what: str
    hint: str
    code: int = Exit.FAILED


RIGHTS = (
    "if the name is right, the login has no rights for it: `fly auth login`, or `fly tokens create deploy"
    " -a {app}`"
)
# fly.md §0 (12), §3, §8, §11.
REFUSALS = (
    Refusal(
        r"no access token available", "nobody is logged in", "run `fly auth login`, or set FLY_API_TOKEN"
    ),
    Refusal(
        r"must be authenticated|unauthorized|token validation error|invalid token",
        "the login is not accepted",
        "{token}",
    ),
    Refusal(
        r"could not find app|app not found",
        'no app "{app}" is known to this login',
        "`fly apps list` shows the names; " + RIGHTS,
        Exit.USAGE,
    ),
    Refusal(r"not authorized", 'this login has no rights for "{app}"', RIGHTS),
    Refusal(
        r"(?P<host>\S+): host was not found in DNS",
        "{host} has no started machine",
        "`fly machine list -a APP` shows the machines of an app, `fly machine start ID -a APP` starts one",
    ),
    Refusal(
        r"has no started VMs|not found/started|machine is not running",
        'no machine of "{app}" answers',
        "`fly machine list -a {app}` shows them, `fly machine start ID -a {app}` starts one",
    ),
    Refusal(
        r"tunnel unavailable|handshake failed",
        "the machine cannot be reached",
        "try again; `fly agent restart` mends a tunnel that is stuck",
    ),
)


def where(arguments: Sequence[str]) -> str:
    """Return the name of a command line: `fly ssh console`."""
    return " ".join(("fly", *arguments[: 2 if arguments[0] in GROUPS else 1]))


def problem_of(arguments: Sequence[str], stderr: str, *, app: str, token: str = "") -> Problem:
    """Return a failed command as a problem; `token` names the variable its token came from, if one did."""
    said = TRACE.sub("", stderr.rpartition("Error: ")[2]).strip()
    login = f"make a new {token}: `fly tokens create deploy -a {app}`" if token else "run `fly auth login`"
    for known in REFUSALS:
        if found := re.search(known.says, said, re.IGNORECASE):
            words = {"app": app, "token": login, **found.groupdict()}
            what, hint = known.what.format(**words), known.hint.format(**words)
            return Problem(where(arguments), what, hint, code=known.code)
    return Problem(where(arguments), _last_lines(said) or "failed without a word", _more(app))


def _last_lines(said: str) -> str:
    return "\n  ".join(line for line in said.splitlines()[-LINES:] if line.strip())


def _more(app: str) -> str:
    return f"`fly status -a {app}` and `fly logs -a {app}` tell more"
