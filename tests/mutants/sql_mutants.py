"""Mutants of SQL, in files of SQL and in Python's strings: what no mutator of Python reaches."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

import parso
from cosmic_ray.ast import ast_nodes

from tests.mutants.core import Mutant
from tests.mutants.replacing import replaced

Change = tuple[int, int, str]
GAP, HOLE = "\x01", "ø"
"""What stands for the quotes between two pieces of a string, and for what Python fills in."""
IS_SQL = re.compile(
    r"\bselect\b|\bis (not )?(null|distinct)\b|::\w|\bjoin\b|[\w)] (=|<>) [\w(']|\bexists \(|\bcoalesce\("
    r"|\bjsonb_|\bcount\(|\bpg_\w|\bthen\b.*;|\binsert into\b|\border by\b|\bwhere [\w(].*[=ø]",
    re.DOTALL,
)
SWAPS = (
    ("distinct-from", r"\bis not distinct from\b", "is distinct from"),
    ("distinct-from", r"\bis distinct from\b", "is not distinct from"),
    ("null", r"\bis null\b", "is not null"),
    ("null", r"\bis not null\b", "is null"),
    ("equals", r"(?<= )=(?= )", "<>"),
    ("equals", r"(?<= )<>(?= )", "="),
    ("and-or", r"\band\b", "or"),
    ("and-or", r"\bor\b(?! replace)", "and"),
    ("exists", r"\bnot exists(?= ?\()", "exists"),
    ("exists", r"(?<!not )\bexists(?= ?\()", "not exists"),
    ("not", r"\bnot (?!exists|null|distinct|valid)", ""),
    ("union", r"\bunion all\b", "union"),
    ("union", r"\bunion\b(?! all)", "union all"),
    ("set", r"\bexcept\b", "intersect"),
    ("set", r"\bintersect\b", "except"),
    ("join", r"\bleft join\b", "join"),
    ("join", r"(?<!left )(?<!cross )\bjoin\b(?! lateral| pg_)", "left join"),
    ("order", r" desc\b", ""),
    ("order", r"(?<=order by )[\w.]+(?! desc| collate)(?=[,)\s;]|$)", r"\g<0> desc"),
    ("limit", r" limit 1\b", ""),
    ("compare", r"(?<= )<(?= )", "<="),
    ("compare", r"(?<= )<=(?= )", "<"),
    ("compare", r"(?<= )>(?= )", ">="),
    ("compare", r"(?<= )>=(?= )", ">"),
    ("number", r"(?<=[=<>] )(?!7\b)\d+\b", "7"),
    ("aggregate", r"\bmin\(", "max("),
    ("aggregate", r"\bmax\(", "min("),
    ("aggregate", r"\bbool_or\(", "bool_and("),
    ("aggregate", r"\bbool_and\(", "bool_or("),
    ("distinct", r"(?<=select )distinct (?!on)|(?<=\()distinct ", ""),
    ("lock", r" for (no key update|update|share|key share)\b( of \w+)?( nowait| skip locked)?", ""),
    ("true-false", r"\btrue\b", "false"),
    ("true-false", r"\bfalse\b", "true"),
)
"""The kind of a mutant, what it replaces, and by what."""
NO_EQUALS = re.compile(r"(\bset\s|errcode|message|hint|detail|\binto|\bdo\b|update set)[^;()]{0,60}$")
"""What comes before an equals sign that compares nothing."""
CONDITION = re.compile(r"\b(where|and|on|filter \(where)\s+")
ENDS = re.compile(
    r"\b(and|or|then|group|order|limit|union|except|intersect|loop|returning|for|when|else|end|join|left|cross"
    r"|window|having|on|as|where)\b|;"
)
ARM = re.compile(r"(?<!exception )\bwhen\b")


def sql_mutants(source: str, text: str) -> list[Mutant]:
    """List the mutants of the SQL in a file."""
    result = []
    for begin, masked in [(0, _masked(text))] if source.endswith(".sql") else _strings(text):
        changes = [*_changes(masked, text[begin : begin + len(masked)])]
        for kind, (first, last, new) in changes:
            if GAP in masked[first:last] or not _compiles(source, text, begin + first, begin + last, new):
                continue
            line = text.count("\n", 0, begin + first) + 1
            change = partial(replaced, begin=begin + first, end=begin + last, new=new)
            result.append(Mutant(source, line, f"sql-{kind}", change))
    return result


def _compiles(source: str, text: str, begin: int, end: int, new: str) -> bool:
    if source.endswith(".sql"):
        return True
    try:
        ast.parse(replaced(text, begin, end, new))
    except SyntaxError:
        return False
    return True


def _strings(text: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a Python file that hold SQL: where they begin, and their text without values."""
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    for node in ast_nodes(parso.parse(text)):
        parent = node.parent.type if node.parent else ""
        whole = node.type in ("strings", "fstring", "string") and parent != "strings"
        if not whole or parent in ("simple_stmt", "fstring_expr"):  # a docstring, or a value's own
            continue
        begin = lines[node.start_pos[0] - 1] + node.start_pos[1]
        before = len(node.get_code()) - len(node.get_code(include_prefix=False))
        masked = _masked("".join(_plain(leaf) for leaf in _leaves(node))[before:])
        if IS_SQL.search(masked):
            yield begin, masked


def _leaves(node: parso.tree.NodeOrLeaf) -> Iterator[parso.tree.NodeOrLeaf]:
    if node.type == "fstring_expr" or not hasattr(node, "children"):
        yield node
        return
    for child in node.children:
        yield from _leaves(child)


def _plain(leaf: parso.tree.NodeOrLeaf) -> str:
    code = leaf.get_code()
    if leaf.type == "fstring_expr":
        return re.sub(r"[^\n]", HOLE, code)
    if leaf.type == "fstring_string":
        return str(code)
    if leaf.type == "string":
        prefix, quote, _ = re.split(r"(\"\"\"|'''|\"|')", code, maxsplit=1)
        inner = code[len(prefix) + len(quote) : -len(quote)]
        return GAP * (len(prefix) + len(quote)) + inner + GAP * len(quote)
    return GAP * len(code)


def _masked(text: str) -> str:
    """Hide what SQL quotes, and its comments."""

    def hidden(match: re.Match[str]) -> str:
        return re.sub(rf"[^\n{GAP}]", "'", match[0])

    return re.sub(r"'[^']*'|--[^\n]*", hidden, text)


def _changes(masked: str, text: str) -> Iterator[tuple[str, Change]]:
    for kind, pattern, new in SWAPS:
        for match in re.finditer(pattern, masked):
            compares = kind not in ("equals", "number") or not NO_EQUALS.search(masked[: match.start()])
            between = kind == "and-or" and re.search(r"\bbetween \S+ $", masked[: match.start()])
            if compares and not between:
                yield (
                    kind,
                    (
                        match.start(),
                        match.end(),
                        text[match.start() : match.end()] + new[5:] if new.startswith(r"\g<0>") else new,
                    ),
                )
    yield from (("coalesce", one) for one in _coalesces(masked, text))
    yield from (("drop-condition", one) for one in _conditions(masked))
    yield from (("drop-arm", one) for one in _arms(masked))


def _until(masked: str, begin: int, ends: re.Pattern[str]) -> int:
    """Return where what begins here ends: at a word of its own level, or with the brackets around it."""
    depth, place = 0, begin
    while place < len(masked):
        letter = masked[place]
        depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            return place
        match = ends.match(masked, place)
        if depth == 0 and match and (match[0] in ";," or not re.match(r"\w", masked[place - 1])):
            return place
        inner = re.compile(r"\bcase\b").match(masked, place)
        if inner:
            depth += 1
        if depth and re.compile(r"\bend\b").match(masked, place):
            depth -= 1
        place += 1
    return place


def _coalesces(masked: str, text: str) -> Iterator[Change]:
    for match in re.finditer(r"\bcoalesce\(", masked):
        comma = _until(masked, match.end(), re.compile(","))
        close = _until(masked, comma + 1, re.compile(r"(?!)"))
        if comma < close < len(masked) and masked[comma] == ",":
            first, second = text[match.end() : comma], text[comma + 1 : close].strip()
            yield match.end(), close, f"{second}, {first}"
            yield match.start(), close + 1, f"({first})"


def _conditions(masked: str) -> Iterator[Change]:
    """Yield a change for each condition of a where or a join that makes it count for nothing."""
    for match in CONDITION.finditer(masked):
        if re.search(r"\bbetween \S+ $", masked[: match.start()]):
            continue
        end = _until(masked, match.end(), ENDS)
        condition = re.sub(rf"(\\n|[\s{GAP}])+$", "", masked[match.end() : end])
        last = match.end() + len(condition)
        if (
            condition
            and not re.match(r"or\b", masked[end:])
            and "on conflict" not in masked[match.start() : end]
        ):
            yield match.end(), last, "true"


def _arms(masked: str) -> Iterator[Change]:
    for match in ARM.finditer(masked):
        end = _until(masked, match.end(), re.compile(r"\b(when|else|end)\b"))
        first = re.search(r"\bcase\b(\s+[\w.]+)?\s*$", masked[: match.start()])
        if first and masked[end : end + 4] != "when":
            continue
        if end < len(masked):
            yield match.start(), end, ""
