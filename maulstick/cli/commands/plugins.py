"""The commands that list and check plugins."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.cli.options import InventoryOptions, Json, TargetsOptions, TraceHooks, Verbose
from maulstick.cli.targets import TargetEnding, reach, visit_each
from maulstick.errors import Exit, Problem, usage
from maulstick.project.inventory import Target
from maulstick.redact import Secret
from maulstick.release.settings import option
from maulstick.text import amount

if TYPE_CHECKING:
    from maulstick.cli.starter.evidence import Evidence


@dataclass(frozen=True)
class CheckOptions(TargetsOptions, Verbose):
    """Which target the declarations are held against."""


@dataclass(frozen=True)
class New(InventoryOptions, Verbose):
    """Which table the new plugin releases rows of."""

    table: str | None = option(None, "the table whose rows are the subjects, such as posts")
    name: str | None = option(None, "what a subject is called, the table's name if left out")
    target: str | None = option(None, "the target whose source is read, else the default")


@dataclass(frozen=True)
class Listing(Json, Verbose, TraceHooks):
    """How the plugins are listed."""


CONFTEST = 'pytest_plugins = ["maulstick.testing"]\n'
DUMP = "pg_dump --schema-only --no-owner --no-privileges DATABASE > tests/schema.sql"
NAME = re.compile(r"[a-z][a-z0-9_]*")


def listing(command: Command[Listing]) -> int:
    """List the plugins with their hooks, and those that could not be loaded with the reason."""
    console, records = command.console(), []
    for plugin in command.plugins.found:
        where, hooks = plugin.where, [*plugin.hooks]
        says = f"could not be loaded: {plugin.failure}" if plugin.failure else ", ".join(hooks)
        records.append({"name": plugin.name, "where": where, "hooks": hooks, "failure": plugin.failure})
        if not command.options.json:
            console.result(f"{plugin.name:<14} {where:<26} {says}".rstrip())
        console.trace(plugin.error)
    if command.options.json:
        console.data({"version": 1, "records": records})
    return Exit.PLUGIN if any(plugin.failure for plugin in command.plugins.found) else Exit.DONE


def check(command: Command[CheckOptions]) -> int:
    """Hold every plugin's declarations against the source and the target; nothing is changed."""
    from maulstick.doctor.declarations import check_plugins, exit_code
    from maulstick.hosts import database as login
    from maulstick.postgres.connection import connect

    console = command.console()

    def visit(target: Target) -> TargetEnding:
        with ExitStack() as stack:
            place, host = reach(target, command.project, stack, console)
            local = connect(place.source.database, f"source {place.source.name}")
            source = stack.enter_context(local)
            there = stack.enter_context(login.reading(place.target, host, read_only=True))
            findings = []
            for finding in check_plugins(command.plugins, source, there, target.name):
                console.result(str(finding))
                findings.append(finding)
        return TargetEnding(target.name, exit_code(findings), amount(len(findings), "finding"))

    return visit_each(command.targets(), visit, console, keep_going=True)


def new(command: Command[New]) -> int:
    """Write a plugin for a table of the source, from its keys, references and values, and its test."""
    from maulstick.cli.starter.evidence import Evidence
    from maulstick.cli.starter.project_files import write_missing
    from maulstick.cli.starter.typed_table import typed_table
    from maulstick.postgres.connection import connect

    console, options = command.console(), command.options
    if not options.table:
        raise usage("--table", "is required", "the table whose rows the subjects are, such as --table posts")
    _require_free(command, options.name)
    with ExitStack() as stack:
        place, _ = reach(command.inventory().target(options.target), command.project, stack, console)
        source, media = place.source, place.source.media
        database = stack.enter_context(connect(source.database, f"source {source.name}", read_only=True))
        evidence = Evidence(database, media if isinstance(media, Path) else None)
        table = typed_table(evidence, options.table)
        kind = options.name or _free_kind(command, table)
        texts = _texts(kind, evidence, table)
        schema = "tests/schema.sql"
        if not (command.project / schema).exists():
            dump, why = _schema_of(source.database)
            texts |= {schema: dump} if dump else {}
    for line in write_missing(command.project, texts):
        console.result(line)
    if not (command.project / schema).exists():
        console.result(f"its test needs {schema}{why}: {DUMP}")
    console.result("read the plugin's comments, then: maulstick plugins.check, and pytest tests")
    return Exit.DONE


def _texts(kind: str, evidence: Evidence, table: str) -> dict[str, str]:
    """Return the files of a new plugin: itself, its test, and what all tests of plugins need."""
    from maulstick.cli.starter.plugin_test import test_text
    from maulstick.cli.starter.plugin_text import plugin_text, short_proposal

    proposal = short_proposal(kind, evidence, table)
    return {
        f"plugins/{kind}.py": plugin_text(kind, proposal),
        f"tests/test_{kind}.py": test_text(kind, proposal, evidence),
        "tests/conftest.py": CONFTEST,
    }


def _why_not(command: Command[New], kind: str) -> str:
    """Return why a new plugin's kind cannot be called so, "" where it can."""
    from maulstick.cli.kinds import taken_options

    if not NAME.fullmatch(kind):
        return f'"{kind}" is not a name: lower-case letters, digits and _, a letter first'
    if (option := kind.replace("_", "-")) in taken_options():
        return f'"{kind}" clashes with the option --{option} of every command that takes subjects'
    if kind in command.plugins.kinds() or (command.project / "plugins" / f"{kind}.py").exists():
        return f'"{kind}" is the name of a plugin that is there already'
    return ""


def _require_free(command: Command[New], kind: str | None) -> None:
    """Refuse a name that was typed and cannot be a kind's (exit 2)."""
    if kind is not None and (why := _why_not(command, kind)):
        raise usage("--name", why, "give it another, such as that of the table")


def _free_kind(command: Command[New], table: str) -> str:
    """Return what a row of a table is called, or what comes next to it where that cannot be a kind's name."""
    from maulstick.cli.starter.names import singular, snake

    first = singular(table)
    why = _why_not(command, first)
    names = (first, snake(table), f"{first}_entry")
    kind = next((name for name in names if not _why_not(command, name)), None)
    if kind is None:
        raise usage("--table", f"{table}: {why}", "give the kind a name: --name NAME")
    if kind != first:
        command.console().line(f"kind {kind}: {why}; --name gives it another name")
    return kind


def _schema_of(database: Secret) -> tuple[str, str]:
    """Return what pg_dump says of the source's tables; where it cannot, "" and the reason."""
    from maulstick.sandbox.databases import client

    try:
        words, environment = client("pg_dump", database.reveal())
    except Problem as problem:
        return "", f" ({problem.where}: {problem.what})"
    command = [*words, "--schema-only", "--no-owner", "--no-privileges"]
    shell = {**os.environ, **environment}
    done = subprocess.run(command, env=shell, capture_output=True, text=True, check=False)
    if done.returncode:
        return "", f" ({' '.join(done.stderr.split())[:200]})"
    return done.stdout, ""


COMMANDS: tuple[Definition[Any], ...] = (
    Definition("list", "List the plugins and their hooks.", Listing, listing),
    Definition("new", "Write a plugin for a table, and its test.", New, new),
    Definition("check", "Hold all declarations against both databases.", CheckOptions, check),
)
"""The tasks `plugins.…`; the first is what `plugins` alone does."""
