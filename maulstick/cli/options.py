"""The options of the tasks, as data: each has a default and a line of help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maulstick.errors import usage

Option = tuple[Any, str]
"""An option's default and its help; a list may be repeated."""
Options = Mapping[str, Option]

INVENTORY: Options = {"inventory": ("inventory.toml", "the inventory to read")}
TARGET: Options = {
    "target": ([], "the target, else the default; a group, or several with commas; may be repeated"),
    **INVENTORY,
}
JSON: Options = {"json": (False, "print the result as JSON")}
YES: Options = {"yes": (False, "do not ask before production is changed")}
KEEP_GOING: Options = {"keep-going": (False, "go on with the next target after one that failed")}
VERBOSE: Options = {"verbose": (False, "say every detail, and the trace of a plugin that failed")}
SHORT = {"verbose": "v"}
"""Options that may be typed short, as `-v`."""
SAID: Options = {"quiet": (False, "say only what went wrong, and results"), **VERBOSE}
COMMON: Options = {**TARGET, **KEEP_GOING, **YES, **JSON, **SAID}

CHOICES: Options = {
    "take": ([], "local or production, where both changed: SIDE[:TABLE[.KEY][.COLUMN]]; may be repeated"),
    "rename": ([], "a row whose key changed here: TABLE:OLD=NEW; may be repeated"),
    "restore": ([], "a row that was deleted there: insert it again, as TABLE:KEY; may be repeated"),
    "older": (False, "allow a bundle older than the one last released"),
    "prune": (False, "delete released rows that the source has deleted"),
    "prune-limit": (20, "the most rows that --prune may delete"),
}
ASK: Options = {"ask": (False, "go through conflicts one by one")}
OVERWRITE: Options = {
    "overwrite": (False, "replace files of other content in the bucket; what they replace is kept there")
}
UPLOAD: Options = {
    **OVERWRITE,
    "recheck": (False, "look again at objects that the ledger has proven, and mend them"),
    "file": ([], "a file of the media folder instead of a subject; may be repeated"),
}
SEALED: Options = {"plan": (None, "a sealed plan to carry out exactly, from plan --out")}
REHEARSE: Options = {"check": (False, "rehearse: run everything that can be rolled back, and roll back")}
BUNDLE: Options = {
    "bundle": ([], "this bundle, by its folder or manifest.json, instead of the source; may be repeated"),
    "changed-since": (None, "the bundles that have changed in git since this commit, instead of the source"),
}
APPLY: Options = {
    "without-media": (False, "write rows although the bucket lacks files that they name"),
    **CHOICES,
    **SEALED,
    **REHEARSE,
}
PLAN: Options = {
    **BUNDLE,
    **CHOICES,
    **ASK,
    "exit-code": (False, "exit 10 when there is something to release"),
    "out": (None, "seal the plan in this file"),
    **OVERWRITE,
}
EXPORT: Options = {
    "pack": (False, "put the files beside the bundle, so that it can be released without the source"),
    "out": (None, "write the SQL there instead of the bundle; - is standard output"),
}
BROWSER: Options = {"browser": (False, "look at every page in a real Chromium too")}
VERIFY: Options = {"source": (False, "ask the local site instead of the live one"), **BROWSER}
RELEASE: Options = {
    "all": (False, "every subject of every kind in the source"),
    **BUNDLE,
    "playbook": ("release", "the playbook to follow, a file of playbooks/"),
    "only": ([], "perform only this step; may be repeated"),
    "skip": ([], "leave this step out; may be repeated"),
    "start-at": (None, "begin with this step"),
    **BROWSER,
    "undo-if-wrong": (False, "roll the release back if verify finds it wrong"),
    **OVERWRITE,
    **APPLY,
    **ASK,
}
STEPS: Mapping[str, tuple[str, Options]] = {
    "check": ("See that all a release needs answers; only reads.", {}),
    "export": ("Read the subject and write its bundle.", EXPORT),
    "plan": ("Show what a release would change; only reads.", PLAN),
    "deploy": ("Ship the site's code, unless it runs there already.", {}),
    "upload": ("Send the bundle's pictures and sounds to the bucket.", UPLOAD),
    "apply": ("Write the bundle's rows, all in one transaction.", APPLY),
    "verify": ("Prove that the live pages show what was released.", VERIFY),
}
ROLLBACK: Options = {
    "release": (None, "the number of the release to undo"),
    "last": (False, "undo the last release; a rollback is one too: typed twice, it undoes itself"),
    "except_": ([], "leave this row as it is, as TABLE:KEY; may be repeated"),
    "media": (False, "remove the files that only it brought, and bring back those that it replaced"),
    **REHEARSE,
    **TARGET,
    **YES,
}
HISTORY: Options = {"release": (None, "show each change of this release"), **TARGET, **JSON}
WHY: Options = {"row": (None, "the row, as TABLE:KEY"), **TARGET, **JSON}
STATUS: Options = {**TARGET, **JSON, **VERBOSE}
ORPHANS: Options = {
    "remove": ([], "remove the object under this key, if nothing names it; may be repeated"),
    "yes": (False, "remove what --remove names; it cannot be brought back"),
    **TARGET,
    **JSON,
}
LEDGER_RENAME: Options = {
    "was": (None, "the name that the copy came with: that of the target it is a copy of"),
    "yes": (False, "do not ask before it is renamed"),
    **TARGET,
}
PLUGINS_CHECK: Options = {**TARGET, **VERBOSE}
REPORT: Options = {
    "run": (None, "the run to show, else the last one"),
    "format": (None, "text, html, md, json or junit"),
    "open": (False, "open the page in a browser"),
    "list": (False, "list the runs that left a record"),
}
DOCTOR: Options = {
    "browser": (False, "ask whether a real Chromium starts, too"),
    "media": (False, "ask for every object that the subjects' bundles name, else all rows of production"),
    **TARGET,
    **JSON,
    **VERBOSE,
}
GITHUB_INIT: Options = {"force": (False, "write over a workflow that was changed")}
GITHUB_COMMENT: Options = {
    "run": (None, "the run to show, else the last one"),
    "pull": (None, "the pull request's number, else the one that brought the commit"),
}
GITHUB_SEALED: Options = {
    "changed-since": (None, "the commit since which the bundles changed that the plan must be of"),
    "out": (None, "write the sealed plan in this file"),
    **TARGET,
}

TAKEN = frozenset(
    name
    for options in (COMMON, RELEASE, PLAN, EXPORT, UPLOAD, VERIFY, ROLLBACK, ORPHANS, HISTORY, WHY, DOCTOR)
    for name in options
) | {"select", "help"}
"""Names that no kind of subject may have: it becomes an option beside them."""


def require_together(given: Mapping[str, Any]) -> None:
    """Refuse a limit that is none, and choices typed beside a sealed plan, which holds its own (exit 2)."""
    if (given.get("prune_limit") or 0) < 0:
        raise usage("--prune-limit", f"{given['prune_limit']} is no number of rows", "20, or 0 for none")
    if not given.get("plan"):
        return
    if given.get("all"):
        raise usage("--all", "does not go with --plan", "a sealed plan names its subjects")
    for name, (default, _) in {**CHOICES, **ASK}.items():
        if (given.get(name.replace("-", "_")) or default) != default:
            hint = f"a sealed plan holds what was decided; make a new one: invoke plan --{name} --out FILE"
            raise usage(f"--{name}", "does not go with --plan", hint)
