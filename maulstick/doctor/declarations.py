"""What plugins declare, checked against both databases: for one subject of each kind, table by table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from maulstick.bundle.slice.picked import pick
from maulstick.errors import DENIED, Exit, Problem, did_you_mean
from maulstick.plan import schema_fit as compare
from maulstick.postgres import privileges
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database, SqlProblem, one_snapshot
from maulstick.postgres.quoting import name
from maulstick.postgres.tables.declared import problems_of, specs_of
from maulstick.postgres.tables.hidden_values import require_fitting, unfit
from maulstick.postgres.tables.key_conditions import holds_for_key
from maulstick.postgres.tables.picked_rows import with_key
from maulstick.postgres.tables.portable_rows import portable_key
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpec, TableSpecs
from maulstick.postgres.tables.suspects import suspects
from maulstick.postgres.tables.table_rules import is_large_object
from maulstick.project.declarations import Kind, Subject, Table
from maulstick.project.plugins.registry import Plugins
from maulstick.text import amount


@dataclass(frozen=True, slots=True)
class PluginFinding:
    """What was found about one declaration; `code` is the exit code of a failure."""

    word: str
    where: str
    what: str
    hint: str = ""
    code: int = Exit.DONE

    def __str__(self) -> str:
        text = f"{self.word:<5} {self.where}: {self.what}"
        return f"{text}\n      hint: {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True)
class Sides:
    """Both databases with their catalogues."""

    source: Database
    local: Schema
    target: Database
    there: Schema
    called: str


def check_plugins(
    plugins: Plugins, source: Database, target: Database, called: str
) -> Iterator[PluginFinding]:
    """Check every declaration against the source and the target; both are only read."""
    broken = [plugin for plugin in plugins.found if plugin.failure]
    for plugin in broken:
        yield _failed(Problem(plugin.where, f"could not be loaded: {plugin.failure}", code=Exit.PLUGIN), "")
    if broken:
        return
    sides = Sides(source, read_schema(source), target, read_schema(target), called)
    for kind in plugins.kinds().values():
        yield from _kind(kind, plugins, sides)


def exit_code(findings: Iterable[PluginFinding]) -> int:
    """Return 6 where a declaration is wrong, 3 where production cannot take it, else 0."""
    codes = {finding.code for finding in findings}
    return next((code for code in (Exit.PLUGIN, Exit.REFUSED) if code in codes), Exit.DONE)


def _kind(kind: Kind, plugins: Plugins, sides: Sides) -> Iterator[PluginFinding]:
    where = f"kind {kind.name}"
    try:
        keys = _first_key(kind, sides)
        subject = Subject(kind.name, keys[0] if keys else "")
        tables = plugins.tables(subject)
    except Problem as problem:
        yield _failed(problem, where)
        return
    if kind.table not in {table.name for table in tables}:
        says = f'no plugin declares its table "{kind.table}"'
        hint = "yield it from maulstick_tables"
        yield PluginFinding("fail", where, says, hint, Exit.PLUGIN)
    elif not keys:
        says = f"{kind.table} is empty in the source: its tables as declared, without their rows"
        yield PluginFinding("warn", where, says, "put a row there and ask again")
    else:
        yield PluginFinding("ok", where, f"{kind.table}.{kind.key}, looked at by {subject}")
    yield from _tables(subject, kind, tables, sides, picked=bool(keys))
    yield from _queries(subject, plugins, sides)


def _first_key(kind: Kind, sides: Sides) -> list[str]:
    where = f"kind {kind.name}"
    table = sides.local.tables.get(kind.table)
    if table is None:
        says = f'no such table "{kind.table}" in the source'
        raise Problem(where, says, did_you_mean(kind.table, sides.local.tables), code=Exit.PLUGIN)
    if kind.key not in table.columns:
        says, hint = f'no such column "{kind.table}.{kind.key}"', did_you_mean(kind.key, table.columns)
        raise Problem(where, says, hint, code=Exit.PLUGIN)
    column = name(kind.key)
    rows = f"{name(table.schema, table.name)} where {column} is not null order by 1 limit 1"
    return [str(row[0]) for row in sides.source.query(f"select {column}::text from {rows}")]


def _tables(
    subject: Subject, kind: Kind, tables: Sequence[Table], sides: Sides, *, picked: bool
) -> Iterator[PluginFinding]:
    wrong = problems_of(tables, sides.local)
    if wrong:
        yield from (_failed(problem, _named(subject)) for problem in wrong.values())
        yield from _suspects(subject, _without_large_objects(tables, sides.local), sides.local)
        fine = [table.name for table in tables if table.name not in wrong]
        yield from (
            PluginFinding("ok", f"{_named(subject)}: {label}", "as declared; its rows were not read")
            for label in fine
        )
        return
    try:
        specs = specs_of(tables, sides.local)
        require_fitting(sides.source, specs.values())
        counts = _counts(subject, kind, tables, specs, sides) if picked and kind.table in specs else {}
    except Problem as problem:
        yield _failed(problem, _named(subject))
        return
    yield from _suspects(subject, tables, sides.local)
    lacking = {
        label: [*compare.differences(spec, sides.there, sides.called)] for label, spec in specs.items()
    }
    for label, column, says in unfit(sides.target, specs.values()):
        lacking[label].append(f"{label}.{column}: {says}")
    for label, spec in specs.items():
        where = f"{_named(subject)}: {label}"
        yield from _spec(spec, where, counts.get(label), lacking[label], sides.called)
        if not any(lacking.values()):
            yield from _shares(spec, specs, where, sides)


def _suspects(subject: Subject, tables: Sequence[Table], schema: Schema) -> Iterator[PluginFinding]:
    try:
        doubts = suspects(specs_of(tables, schema), schema)
    except Problem:
        return  # reported already
    for says in doubts:
        where, _, what = says.partition(": ")
        yield PluginFinding("warn", f"{_named(subject)}: {where}", what)


def _without_large_objects(tables: Sequence[Table], schema: Schema) -> list[Table]:
    """List the tables as if each large object stayed at home, so that the rest can be looked at."""
    changed = []
    for table in tables:
        if (actual := schema.tables.get(table.name)) is not None:
            large = (column for column in actual.columns if is_large_object(actual, column))
            changed.append(replace(table, plain=(*table.plain, *large)))
    return changed


def _counts(
    subject: Subject, kind: Kind, tables: Sequence[Table], specs: TableSpecs, sides: Sides
) -> dict[str, int]:
    """Pick the subject's rows in the source, as an export does, and count them."""
    with one_snapshot(sides.source):
        picked = pick(sides.source, subject, kind, tables, specs, sides.local)
        return {label: picked.count(spec) for label, spec in specs.items() if spec.travels}


def _spec(
    spec: TableSpec, where: str, count: int | None, lacking: Sequence[str], target: str
) -> Iterator[PluginFinding]:
    for says in lacking:
        hint = "deploy the migration first, or skip the column"
        yield PluginFinding("fail", where, f"{target} cannot take it: {says}", hint, Exit.REFUSED)
    if not lacking:
        rows = "" if count is None else f", {amount(count, 'row')}"
        yield PluginFinding(
            "ok", where, f"{'key' if spec.travels else 'matched by'} {', '.join(spec.key)}{rows}"
        )


def _shares(spec: TableSpec, specs: TableSpecs, where: str, sides: Sides) -> Iterator[PluginFinding]:
    try:
        with sides.target.transaction():
            twice = _shared(spec, specs, sides.target)
    except SqlProblem as problem:
        if problem.state != DENIED:
            raise
        lacks = privileges.missing(sides.target, {spec.label: spec}, writes=False)
        says = f"the role may not read it in {sides.called}: {'; '.join(lacks) or problem.what}"
        yield PluginFinding("fail", where, says, privileges.LEAST, Exit.REFUSED)
        return
    if twice:
        says = f"rows in {sides.called} share {amount(twice, 'key')}; a release of one of them is refused"
        yield PluginFinding(
            "warn", where, says, f"make ({', '.join(spec.key)}) unique, or declare a key that is"
        )


def _shared(spec: TableSpec, specs: TableSpecs, target: Database) -> int:
    portable = portable_key(spec, specs, "t")
    rows = f"{name(spec.schema, spec.name)} as t{portable.joins}"
    among = holds_for_key(spec, "t")
    keys = f"select from {rows} where {among} group by {portable.key} having count(*) > 1"
    return int(target.query(f"select count(*) from ({keys}) as shared")[0][0])


def _queries(subject: Subject, plugins: Plugins, sides: Sides) -> Iterator[PluginFinding]:
    """Have production plan each question, which proves its tables and columns and reads no row."""
    for query in plugins.queries(subject):
        where = f'{_named(subject)}: query "{query.name}"'
        try:
            with sides.target.transaction():  # under the path that the site's own code has
                sides.target.query(f"explain {with_key(query.sql, subject)}")
        except Problem as problem:
            yield PluginFinding("fail", where, problem.what, "try it in psql", Exit.PLUGIN)
        else:
            yield PluginFinding("ok", where, f"must answer {query.expect}")


def _named(subject: Subject) -> str:
    return str(subject) if subject.key else subject.kind


def _failed(problem: Problem, where: str) -> PluginFinding:
    """Describe a problem as a finding; SQL that a database refuses is a mistake in the declaration."""
    code = Exit.REFUSED if problem.code == Exit.REFUSED else Exit.PLUGIN
    place = f"{where}: {problem.where}" if where and where != problem.where else problem.where
    return PluginFinding("fail", place, problem.what, problem.hint, code)
