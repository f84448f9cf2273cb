"""`{{ name }}` in the options of steps: jinja2, sandboxed, in which an unknown variable is a mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from maulstick.project.mistakes import Mistake
from maulstick.project.play.values import Value

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

MARK = re.compile(r"{[{%#]")


def is_template(value: object) -> bool:
    """Return whether a value of a file is a text that is rendered before it is read."""
    return isinstance(value, str) and MARK.search(value) is not None


def names_in(template: str) -> set[str]:
    """List the variables that a template reads."""
    from jinja2 import meta

    return meta.find_undeclared_variables(environment().parse(template))


def syntax_mistake(template: str) -> Mistake | None:
    """Return what makes a template unreadable, None where nothing does."""
    from jinja2 import TemplateError

    try:
        environment().from_string(template)
    except TemplateError as error:
        return Mistake(f"cannot be read: {error.message}", "write a variable as {{ name }}")
    return None


def rendered(template: str, variables: Mapping[str, Value]) -> str:
    """Return a template with the values of its variables; what is unknown is a Mistake."""
    from jinja2 import TemplateError

    try:
        return environment().from_string(template).render(variables)
    except TemplateError as error:
        raise unknown(names_in(template) - variables.keys(), variables, error) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise Mistake(f"cannot be rendered: {error}", "see docs/playbooks.md, Variables") from error


def unknown(names: set[str], variables: Mapping[str, Value], error: Any) -> Mistake:
    """Return the mistake of a variable that does not exist, with those that do."""
    from maulstick.errors import nearest

    if not names:
        return Mistake(f"cannot be rendered: {error.message}", "see docs/playbooks.md, Variables")
    name = min(names)
    near = nearest(name, variables)
    guess = f'did you mean "{near}"? ' if near else ""
    return Mistake(f'there is no variable "{name}"', f"{guess}variables here: {', '.join(sorted(variables))}")


@cache
def environment() -> SandboxedEnvironment:
    """Return what reads templates; `quote` makes a text one word of a shell."""
    import shlex

    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    made.filters["quote"] = lambda value: shlex.quote(str(value))
    return made
