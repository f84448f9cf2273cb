"""Mutants of Python: the operators of Cosmic Ray, and three that it does not have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

from tests.mutants.core import Mutant
from tests.mutants.replacing import replaced

OPERATORS = (
    *("AddNot", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop", "ExceptionReplacer"),
    *("NumberReplacer", "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd"),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "BitOr_BitAnd", "BitAnd_BitOr")),
)
"""Those whose mutants are not refused at once by Python's types: a text is not divided by a text."""
MEMBERSHIP = {ast.In: (" in ", " not in "), ast.NotIn: (" not in ", " in ")}
Place = tuple[int, int]


def python_mutants(source: str, text: str) -> list[Mutant]:
    """List the mutants of a Python file, without those of annotations and docstrings."""
    tree = ast.parse(text)
    skipped = [*_skipped(tree)]
    return [
        Mutant(source, place[0], kind, change)
        for place, kind, change in (*_by_cosmic_ray(text), *_by_us(text, tree))
        if not any(begin <= place < end for begin, end in skipped)
    ]


def _by_cosmic_ray(text: str) -> Iterator[tuple[Place, str, partial[str | None]]]:
    nodes = [*ast_nodes(get_ast(text))]
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        places = (begin for node in nodes for begin, _ in operator.mutation_positions(node))
        for number, place in enumerate(places):
            yield place, name, partial(mutate_code, operator=operator, occurrence=number)


def _by_us(text: str, tree: ast.Module) -> Iterator[tuple[Place, str, partial[str]]]:
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))

    def at(place: Place) -> int:
        return lines[place[0] - 1] + len(text[lines[place[0] - 1] :].encode()[: place[1]].decode())

    for node in ast.walk(tree):
        for kind, begin, end, new in _changes(node):
            yield begin, kind, partial(replaced, begin=at(begin), end=at(end), new=new)
        if isinstance(node, ast.Compare):
            for left, op, right in zip(
                [node.left, *node.comparators], node.ops, node.comparators, strict=False
            ):
                old, new = MEMBERSHIP.get(type(op), ("", ""))
                begin, end = at(_end(left)), at(_begin(right))
                if old and old in text[begin:end]:
                    change = partial(replaced, begin=begin, end=end, new=text[begin:end].replace(old, new))
                    yield _begin(node), "ReplaceMembership", change


def _changes(node: ast.AST) -> Iterator[tuple[str, Place, Place, str]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "DropCall", _begin(node), _end(node), "pass"
    if isinstance(node, ast.comprehension):
        yield from (("DropFilter", _begin(test), _end(test), "True") for test in node.ifs)
    if isinstance(node, ast.List) and len(node.elts) > 1 and isinstance(node.ctx, ast.Load):
        for element, after in zip(node.elts, node.elts[1:], strict=False):
            yield "DropElement", _begin(element), _begin(after), ""
        yield "DropElement", _end(node.elts[-2]), _end(node.elts[-1]), ""


def _begin(node: ast.AST) -> Place:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _end(node: ast.AST) -> Place:
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def _skipped(tree: ast.Module) -> Iterator[tuple[Place, Place]]:
    """Yield what is never run as a statement: annotations, names of types, and imports for the checker."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield _begin(node.annotation), _end(node.annotation)
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield _begin(node.returns), _end(node.returns)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield _begin(node), _end(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                yield _begin(decorator), _end(decorator)
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp | ast.Subscript):
            yield _begin(statement.value), _end(statement.value)
