"""Values that a shell may complete: subjects, targets, playbooks, their steps, tags and variables, runs."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from maulstick.cli.loading import plugins_of
from maulstick.errors import Problem
from maulstick.files import make_folders, write_whole
from maulstick.project.play.names import FACTS
from maulstick.project.plugins.registry import Plugins

if TYPE_CHECKING:
    from maulstick.project.playbook import Playbook

FRESH = 60.0
"""Seconds for which the subjects of a source are remembered: a shell asks at every press of the key."""
MOST = 1000
"""Subjects of a kind that are offered."""
CACHE = Path(".maulstick") / "completion.json"


def values_of(project: Path, words: Sequence[str]) -> list[str] | None:
    """Return the values that may stand for the last word, None where no value is expected there.

    What cannot be read (an inventory with a mistake, a database that is not there) has no values.
    """
    option = words[-2] if len(words) > 1 else ""
    if not option.startswith("--") or "=" in option:
        return None
    plugins = plugins_of(project)
    known: Mapping[str, Callable[[Path, Plugins], list[str]]] = {
        "--target": _targets,
        "--limit": _targets,
        "--playbook": _playbooks,
        "--only": partial(_steps, words=words),
        "--skip": partial(_steps, words=words),
        "--start-at": partial(_steps, words=words),
        "--tags": partial(_tags, words=words),
        "--skip-tags": partial(_tags, words=words),
        "--set": partial(_variables, words=words),
        "--run": _runs,
        "--select": _all_subjects,
        "--subject": _all_subjects,
    }
    name = option.removeprefix("--")
    with suppress(Problem, OSError, ValueError):
        if option in known:
            return known[option](project, plugins)
        if name in plugins.kinds():
            return _subjects(project, plugins).get(name, [])
    return None


def _targets(project: Path, plugins: Plugins) -> list[str]:
    from maulstick.project import inventory

    found = inventory.load(project / "inventory.toml", plugins.hosts())
    return [*found.targets, *found.groups]


def _playbooks(project: Path, plugins: Plugins) -> list[str]:
    from maulstick.project import playbook

    return [one.name for one in playbook.all_playbooks(project / "playbooks", _known(plugins))]


def _playbook(project: Path, plugins: Plugins, words: Sequence[str]) -> Playbook:
    """Return the playbook that the words name, that of every release if they name none."""
    from maulstick.project import playbook

    named = [word for before, word in pairwise(words) if before == "--playbook"]
    return playbook.load(project / "playbooks", named[-1] if named else "release", _known(plugins))


def _steps(project: Path, plugins: Plugins, words: Sequence[str]) -> list[str]:
    return [step.name for step in _playbook(project, plugins, words).steps]


def _tags(project: Path, plugins: Plugins, words: Sequence[str]) -> list[str]:
    return sorted({tag for step in _playbook(project, plugins, words).steps for tag in step.tags})


def _variables(project: Path, plugins: Plugins, words: Sequence[str]) -> list[str]:
    from maulstick.project.play.prepared import names_used

    book = _playbook(project, plugins, words)
    names = {*book.vars, *names_used(book.steps)} - {"target", *FACTS}
    return sorted(f"{name}=" for name in names)


def _known(plugins: Plugins) -> dict[str, frozenset[str]]:
    from maulstick.project import playbook

    return playbook.known_steps(plugins.steps().values())


def _runs(project: Path, plugins: Plugins) -> list[str]:
    folder = project / ".maulstick" / "runs"
    return sorted((path.name for path in folder.iterdir()), reverse=True) if folder.is_dir() else []


def _subjects(project: Path, plugins: Plugins) -> dict[str, list[str]]:
    """List the keys of every kind's subjects in the source, remembered for a minute."""
    cache = project / CACHE
    with suppress(OSError, ValueError):
        if time.time() - cache.stat().st_mtime < FRESH:
            remembered: dict[str, list[str]] = json.loads(cache.read_text(encoding="utf-8"))
            return remembered
    subjects = _of_source(project, plugins)
    with suppress(OSError):
        make_folders(cache.parent, 0o700)
        write_whole(cache, iter([json.dumps(subjects, ensure_ascii=False).encode()]))
    return subjects


def _all_subjects(project: Path, plugins: Plugins) -> list[str]:
    return [f"{kind}={key}" for kind, keys in _subjects(project, plugins).items() for key in keys]


def _of_source(project: Path, plugins: Plugins) -> dict[str, list[str]]:
    from maulstick.hosts.host import place_of
    from maulstick.postgres.connection import connect
    from maulstick.postgres.quoting import name
    from maulstick.project import inventory

    target = inventory.load(project / "inventory.toml", plugins.hosts()).target(None)
    if target.source is None and not _sandbox_is_up(project):
        return {}  # a key that is pressed starts no servers
    source = place_of(target, project, lambda _: None).source
    with connect(source.database, f"source {source.name}", read_only=True) as database:
        keys = {}
        for kind in plugins.kinds().values():
            schema, _, table = kind.table.rpartition(".")
            key, rows = name(kind.key), name(schema or "public", table)
            question = f"select {key}::text from {rows} where {key} is not null order by 1 limit {MOST}"
            keys[kind.name] = [str(row[0]) for row in database.query(question)]
    return keys


def _sandbox_is_up(project: Path) -> bool:
    with suppress(OSError, ValueError, KeyError, TypeError):
        state = json.loads((project / ".sandbox" / "state.json").read_text(encoding="utf-8"))
        with socket.create_connection(("127.0.0.1", int(state["ports"]["postgres"])), timeout=0.2):
            return True
    return False


BASH = """# Completion of maulstick for bash 3.2 and newer.
_complete_maulstick() {
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(MAULSTICK_COMPLETES=bash maulstick --complete -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o default -F _complete_maulstick maulstick
"""
ZSH = """# Completion of maulstick for zsh.
_complete_maulstick() {
    reply=( "${(@f)$(maulstick --complete -- "${words[1,CURRENT]}" 2>/dev/null)}" )
}
compctl -K _complete_maulstick + -f maulstick
"""
FISH = """# Completion of maulstick for fish.
function __complete_maulstick
    maulstick --complete -- (commandline --cut-at-cursor --current-process) 2>/dev/null
end
complete --command maulstick --no-files --arguments '(__complete_maulstick)'
"""


def script(shell: str) -> str:
    """Return the text by which a shell completes our command; each line that we print stays one word."""
    return {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]
