"""A question about secrets: is one in the inventory, or in a file that git tracks?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from maulstick import git
from maulstick.doctor.context import DoctorContext
from maulstick.doctor.findings import Finding, ok, places, warn
from maulstick.errors import Problem
from maulstick.hosts.direct_host import environment_file
from maulstick.text import amount

# What git looks for first; which of it is a secret is decided below.
LIKELY = "AKIA|ASIA|t(id|sec)_|AWS_SECRET_ACCESS_KEY|(postgres(ql)?|ecto)://|fm[12][a-z]*_|PRIVATE KEY-----"
SECRETS: Mapping[str, re.Pattern[str]] = {
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[0-9A-Z]{16}\b"),
    "a Tigris key": re.compile(r"\bt(?:id|sec)_(?=\w*\d)[\w+/-]{20,}"),
    "a storage key": re.compile(
        r"""AWS_SECRET_ACCESS_KEY["']?\s*[:=,]\s*["']?(?=\S*\d)(?!\S*EXAMPLE)[\w+/-]{20,}"""
    ),
    "a Fly token": re.compile(r"\bfm[12][a-z]*_(?=\S*\d)[\w+/=-]{20,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(\s*$|(\\n)?[\w+/]{16})"),
}
DATABASE = re.compile(r"""(?:postgres(?:ql)?|ecto)://[^\s:/@"'`<>]+:([^\s@/"'`<>]+)@([\w.-]+\.\w+)""")
PLACEHOLDER = re.compile(r"[A-Z_]+|[xX*.…]+|.*[${].*|%\(?\w*\)?s|pass|password|pwd|secret|user")
NOWHERE = re.compile(r"127\..*|0\.0\.0\.0|.*\.example|.*\bexample\.(com|org|net)|.*\.(local|localhost|test)")
HINT = (
    "write ${NAME} in the inventory, read keys from the running app; replace each of these, for git's"
    " history keeps them"
)


def credentials(context: DoctorContext) -> Finding:
    """Look for secrets in the inventory and in files that git tracks; show file and line, never the value."""
    folders = {"": context.project, "checkout ": context.local.checkout}
    tracked = [f"{label}{line}" for label, folder in folders.items() if folder for line in _in_git(folder)]
    secrets = list(dict.fromkeys([*_in_inventory(context), *_environment(context), *tracked]))
    if secrets:
        return warn(f"{amount(len(secrets), 'secret')} in plain sight{places(secrets)}", HINT)
    return ok("none in the inventory, nor in a file that git knows")


def secret_in(line: str) -> str:
    """Return which kind of secret a line holds, "" for none; examples and placeholders do not count."""
    for kind, pattern in SECRETS.items():
        if pattern.search(line):
            return kind
    for password, host in DATABASE.findall(line):
        if not PLACEHOLDER.fullmatch(password) and not NOWHERE.fullmatch(host):
            return "a database's password"
    return ""


def _in_inventory(context: DoctorContext) -> Iterator[str]:
    text = context.inventory.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        if kind := secret_in(line):
            yield f"{context.inventory.name}:{number}: {kind}"


def _in_git(folder: Path) -> Iterator[str]:
    try:
        lines = list(git.grep(folder, LIKELY))
    except Problem:
        return  # not in git: nobody else gets to see it
    for line in lines:
        if kind := secret_in(line.text):
            yield f"{line.file}:{line.number}: {kind}"


def _environment(context: DoctorContext) -> Iterator[str]:
    file = environment_file(context.target)
    if file is None:
        return
    try:
        known = git.tracked(file.parent)
    except Problem:
        return
    if file.name in known:
        yield f"{file.name}: the target's environment, which git knows"
