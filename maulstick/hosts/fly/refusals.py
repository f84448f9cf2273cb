"""What `fly` says when it refuses, and the command that mends it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from maulstick.errors import Exit, Problem
from maulstick.hosts.fly.calls import name_of

LINES = 6
TRACE = re.compile(r" \((Request|Trace) ID: [^)]*\)")
Kind = Literal["login", "rights", "no name", "asleep", "silent", "old", "other"]
"""What stands in the way: so that another way can be tried."""


class FlyProblem(Problem):
    """What `fly` refused, and the kind of it."""

    def __init__(self, where: str, what: str, hint: str, *, kind: Kind, code: int = Exit.FAILED) -> None:
        super().__init__(where, what, hint, code=code)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text of flyctl's, what it means, and what to do; `only` names the one command that it is for.

    `{app}`, `{login}`, `{rights}` and the names of groups in the text are filled in.
    """

    says: str
    what: str
    hint: str
    kind: Kind
    only: str = ""
    code: int = Exit.FAILED


# docs/fly-facts.md: each section says what its commands answer.
REFUSALS = (
    Refusal(
        r"no access token available",
        "nobody is logged in",
        "run `fly auth login` (a login lasts 30 days), or set FLY_API_TOKEN",
        "login",
    ),
    Refusal(
        r"older-style tokens",
        "the login is too old for managed databases",
        "run `fly auth logout`, then `fly auth login`",
        "rights",
    ),
    Refusal(
        r"not authorized|unauthorized|must be authenticated|forbidden",
        "this login may not issue SSH certificates, which are good for a whole organization",
        'ssh = "console" in the inventory does without; else run `fly auth login`, or `fly tokens create org`'
        " and set FLY_API_TOKEN",
        "rights",
        only="ssh issue",
    ),
    Refusal(
        r"must be authenticated|unauthorized|token validation error|invalid token",
        "the login is not accepted",
        "{login}",
        "login",
    ),
    Refusal(
        r"could not find app|app not found",
        'no app "{app}" is known to this login',
        "`fly apps list` shows the names; if it is right, the login has no rights for it: {rights}",
        "rights",
        code=Exit.USAGE,
    ),
    Refusal(
        r"failed retrieving cluster (?P<cluster>[^\s:]+)",
        'this login has no rights for the managed database "{cluster}"',
        "`fly mpg list` shows those that it knows; {rights}",
        "rights",
        only="mpg proxy",
    ),
    Refusal(r"not authorized|forbidden", 'this login has no rights for "{app}"', "{rights}", "rights"),
    Refusal(
        r"(?P<host>\S+): host was not found in DNS",
        "{host} has no started machine",
        "`fly machine list -a APP` shows the machines of an app, `fly machine start ID -a APP` starts one",
        "no name",
    ),
    Refusal(
        r"has no started VMs|not found/started|machine is not running",
        'no machine of "{app}" answers',
        "`fly machine list -a {app}` shows them, `fly machine start ID -a {app}` starts one",
        "asleep",
    ),
    Refusal(
        r"tunnel unavailable|handshake failed",
        "the machine cannot be reached",
        "try again; `fly agent restart` mends a tunnel that is stuck",
        "silent",
    ),
    Refusal(
        r"(?P<unknown>unknown (shorthand )?(flag|command)[^\n]*)",
        "this `fly` is too old: {unknown}",
        "`fly version upgrade`",
        "old",
    ),
)


def where(arguments: Sequence[str]) -> str:
    """Return the name of a command line: `fly ssh console`."""
    return f"fly {name_of(arguments)}"


def problem_of(arguments: Sequence[str], stderr: str, *, app: str, token: str = "") -> FlyProblem:
    """Return a failed command as a problem; `token` names the variable its token came from, if one did."""
    said = TRACE.sub("", stderr.rpartition("Error: ")[2]).strip()
    command = name_of(arguments)
    for known in REFUSALS:
        found = re.search(known.says, said, re.IGNORECASE) if known.only in ("", command) else None
        if found:
            words = {"app": app, **_ways_in(app, token), **found.groupdict()}
            what, hint = known.what.format(**words), known.hint.format(**words)
            return FlyProblem(where(arguments), what, hint, kind=known.kind, code=known.code)
    more = f"`fly status -a {app}` and `fly logs -a {app}` tell more"
    return FlyProblem(where(arguments), _last_lines(said) or "failed without a word", more, kind="other")


def _ways_in(app: str, token: str) -> Mapping[str, str]:
    """Return what gives a login, and what gives it rights; a token in the environment goes over a login."""
    if not token:
        return {"login": "run `fly auth login`", "rights": "run `fly auth login` as somebody who has"}
    make = f"make a new {token}: `fly tokens create deploy -a {app}`"
    return {"login": make, "rights": f"{make}, or `fly tokens create org` for every app at once"}


def _last_lines(said: str) -> str:
    return "\n  ".join(line for line in said.splitlines()[-LINES:] if line.strip())
