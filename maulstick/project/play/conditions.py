"""`when`: an expression of jinja2's over variables, the target, and what a plan has found."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from maulstick.project.mistakes import Mistake
from maulstick.project.play.names import FACTS
from maulstick.project.play.templates import environment, names_in, unknown
from maulstick.project.play.values import Value

HINT = "for example when = \"rows_changed and target == 'production'\""


def unreadable(condition: str) -> Mistake | None:
    """Return what makes a condition unreadable, None where nothing does."""
    from jinja2 import TemplateError

    if "{{" in condition:
        return Mistake("is an expression itself", "write it without {{ }}")
    try:
        environment().compile_expression(condition)
    except TemplateError as error:
        return Mistake(f"cannot be read: {error.message}", HINT)
    return None


def facts_in(condition: str) -> list[str]:
    """Return what a condition needs that only a plan can tell."""
    names = names_in(f"{{{{ ({condition}) }}}}")
    return [fact for fact in FACTS if fact in names]


def holds(condition: str, values: Mapping[str, Value]) -> bool:
    """Return whether a condition holds; an unknown variable, and an answer of another kind, is a Mistake."""
    from jinja2 import TemplateError, Undefined

    try:
        answer: Any = environment().compile_expression(condition, undefined_to_none=False)(**values)
    except TemplateError as error:
        raise unknown(names_in(f"{{{{ ({condition}) }}}}") - values.keys(), values, error) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise Mistake(f"cannot be decided: {error}", HINT) from error
    if isinstance(answer, Undefined):
        raise unknown(names_in(f"{{{{ ({condition}) }}}}") - values.keys(), values, answer)
    if not isinstance(answer, bool):
        raise Mistake(f"should be true or false, and is {answer!r}", HINT)
    return answer


def require_decidable(condition: str, values: Mapping[str, Value]) -> None:
    """Refuse a condition that fails whatever the plan finds (a Mistake)."""
    facts = facts_in(condition)
    for answers in product((False, True), repeat=len(facts)):
        holds(condition, {**values, **dict(zip(facts, answers, strict=True))})
