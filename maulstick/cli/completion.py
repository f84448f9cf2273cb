"""Values that a shell may complete: subjects, targets, playbooks, their steps, tags and variables, runs."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
    from maulstick.postgres.connection import Database
    from maulstick.project.playbook import Playbook

FRESH = 60.0
"""Seconds for which what a source has is remembered: a shell asks at every press of the key."""
MOST = 1000
"""Subjects of a kind, and rows of a table, that are offered."""
CACHE = Path(".maulstick") / "completion.json"
ROWS = Path(".maulstick") / "completion-rows.json"


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
        "--without": partial(_rows, words=words),
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
    names = {*book.vars, *names_used(book.steps, book.without)} - {"target", *FACTS}
    return sorted(f"{name}=" for name in names)


def _known(plugins: Plugins) -> dict[str, frozenset[str]]:
    from maulstick.project import playbook

    return playbook.known_steps(plugins.steps().values())


def _runs(project: Path, plugins: Plugins) -> list[str]:
    folder = project / ".maulstick" / "runs"
    return sorted((path.name for path in folder.iterdir()), reverse=True) if folder.is_dir() else []


def _subjects(project: Path, plugins: Plugins) -> dict[str, list[str]]:
    """List the keys of every kind's subjects in the source, remembered for a minute."""
    return _remembered(project / CACHE, lambda: _of_source(project, plugins))


def _rows(project: Path, plugins: Plugins, words: Sequence[str]) -> list[str]:
    """List the rows of the subjects that the words name as TABLE:KEY, remembered for a minute."""
    kinds = plugins.kinds()
    named = {f"{word[2:]}={key}" for word, key in pairwise(words) if word[:2] == "--" and word[2:] in kinds}
    named |= {one for word, one in pairwise(words) if word == "--select" and one.partition("=")[0] in kinds}
    subjects = sorted(named)

    def ask() -> dict[str, list[str]]:
        return {"of": subjects, "rows": _rows_of_source(project, plugins, subjects)}

    return _remembered(project / ROWS, ask, lambda known: known.get("of") == subjects)["rows"]


def _remembered(
    cache: Path,
    ask: Callable[[], dict[str, list[str]]],
    holds: Callable[[dict[str, list[str]]], bool] = lambda known: True,
) -> dict[str, list[str]]:
    """Return what a file remembers for a minute, or what is asked now."""
    with suppress(OSError, ValueError):
        if time.time() - cache.stat().st_mtime < FRESH:
            remembered: dict[str, list[str]] = json.loads(cache.read_text(encoding="utf-8"))
            if holds(remembered):
                return remembered
    found = ask()
    with suppress(OSError):
        make_folders(cache.parent, 0o700)
        write_whole(cache, iter([json.dumps(found, ensure_ascii=False).encode()]))
    return found


def _all_subjects(project: Path, plugins: Plugins) -> list[str]:
    return [f"{kind}={key}" for kind, keys in _subjects(project, plugins).items() for key in keys]


def _of_source(project: Path, plugins: Plugins) -> dict[str, list[str]]:
    from maulstick.postgres.quoting import name

    keys: dict[str, list[str]] = {}
    with _source(project, plugins) as database:
        if database is None:
            return {}
        for kind in plugins.kinds().values():
            schema, _, table = kind.table.rpartition(".")
            key, rows = name(kind.key), name(schema or "public", table)
            question = f"select {key}::text from {rows} where {key} is not null order by 1 limit {MOST}"
            keys[kind.name] = [str(row[0]) for row in database.query(question)]
    return keys


def _rows_of_source(project: Path, plugins: Plugins, subjects: Sequence[str]) -> list[str]:
    """List the rows that travel with some subjects, each as KIND=KEY, but for those that are the subjects."""
    from maulstick.bundle.slice.picked import pick
    from maulstick.postgres.catalogue import read_schema
    from maulstick.postgres.connection import one_snapshot
    from maulstick.postgres.tables.declared import specs_of
    from maulstick.postgres.tables.picked_rows import picked
    from maulstick.postgres.tables.portable_rows import portable_key
    from maulstick.project.declarations import Subject

    found: dict[str, None] = {}
    with _source(project, plugins) as database:
        if database is None:
            return []
        for text in subjects:
            subject = Subject(*text.split("=", 1))
            kind, tables = plugins.kind(subject.kind), plugins.tables(subject)
            with one_snapshot(database):
                schema = read_schema(database)
                specs = specs_of(tables, schema)
                pick(database, subject, kind, tables, specs, schema)
                for label, spec in specs.items():
                    one, own = portable_key(spec, specs, "t"), label == kind.table
                    rows = f"{picked(spec)}{one.joins} where not p.matched order by 1 limit {MOST}"
                    keys = [str(row[0]) for row in database.query(f"select {one.key} from {rows}")]
                    found |= {f"{label}:{key}": None for key in keys if not (own and key == subject.key)}
    return [*found]


@contextmanager
def _source(project: Path, plugins: Plugins) -> Iterator[Database | None]:
    """Open the source's database; None for a sandbox that does not run: a key that is pressed starts none.

    What is asked may need temporary tables, and changes nothing.
    """
    from maulstick.hosts.host import place_of
    from maulstick.postgres.connection import connect
    from maulstick.project import inventory

    target = inventory.load(project / "inventory.toml", plugins.hosts()).target(None)
    if target.source is None and not _sandbox_is_up(project):
        yield None
        return
    source = place_of(target, project, lambda _: None).source
    with connect(source.database, f"source {source.name}") as database:
        yield database


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
