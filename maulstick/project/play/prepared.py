"""The steps of a playbook as they are for one target: variables filled in, and what is left out there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from maulstick.errors import did_you_mean, usage
from maulstick.project.mistakes import Mistake
from maulstick.project.models import checked
from maulstick.project.play.conditions import facts_in, holds, require_decidable
from maulstick.project.play.steps import model_of
from maulstick.project.play.templates import is_template, names_in, rendered
from maulstick.project.play.values import Value, as_typed
from maulstick.project.playbook import PlaybookStep


@dataclass(frozen=True, slots=True)
class Play:
    """What steps are prepared with: the playbook's file as errors name it, and what is known of the project.

    `members` are the targets of each target's and group's name. `environment` is what addresses are read
    from; None leaves them as they are.
    """

    where: str
    steps: Mapping[str, frozenset[str]]
    members: Mapping[str, Sequence[str]]
    environment: Mapping[str, str] | None = None


def names_used(steps: Iterable[PlaybookStep], left_out: Iterable[str] = ()) -> set[str]:
    """List the variables that steps use, and the names of rows that are left out."""
    names = {name for row in left_out for name in names_in(row)}
    for step in steps:
        texts = [value for value in step.options.values() if isinstance(value, str) and is_template(value)]
        for text in (*texts, *([f"{{{{ ({step.when}) }}}}"] if step.when else [])):
            names |= names_in(text)
    return names


def prepared(
    play: Play, steps: Sequence[PlaybookStep], target: str, variables: Mapping[str, Value]
) -> list[PlaybookStep]:
    """List the steps for a target; what is wrong with one is a usage problem (exit 2).

    A step that is not performed there says why in `left_out`; the others hold values where templates were.
    """
    values = {**variables, "target": target}
    found = [_prepared(play, step, target, values) for step in steps]
    is_planned = False
    for step in found:
        if step.left_out:
            continue
        facts = facts_in(step.when) if step.when else []
        if facts and not is_planned and not step.on_failure:
            what = f"{facts[0]} is known only after the step plan"
            raise usage(f"{play.where}/step/{step.name}/when", what, "have it planned before this step")
        is_planned |= step.kind == "plan"
    return found


def rows_left_out(
    play: Play, rows: Sequence[str], target: str, variables: Mapping[str, Value]
) -> tuple[str, ...]:
    """Return the rows that a playbook leaves out on a target, with the values of its variables."""
    values = {**variables, "target": target}
    try:
        return tuple(rendered(row, values) if is_template(row) else row for row in rows)
    except Mistake as mistake:
        raise usage(f"{play.where}/without", mistake.what, mistake.hint) from mistake


def _prepared(play: Play, step: PlaybookStep, target: str, values: Mapping[str, Value]) -> PlaybookStep:
    place = f"{play.where}/step/{step.name}"
    if step.targets and target not in _meant(play, step):
        return replace(step, left_out=f"only for {', '.join(step.targets)}")
    if step.when:
        try:
            if not facts_in(step.when):
                if not holds(step.when, values):
                    return replace(step, left_out=f"not when {step.when}")
            else:
                require_decidable(step.when, values)
        except Mistake as mistake:
            raise usage(f"{place}/when", mistake.what, mistake.hint) from mistake
    options = {name: _filled(f"{place}/{name}", step, name, values) for name in step.options}
    table = {"name": step.name, **({"step": step.step} if step.step else {}), **options}
    checked(model_of(step.kind), table, place, {"steps": play.steps, "environment": play.environment})
    return replace(step, options=options, values=values)


def _meant(play: Play, step: PlaybookStep) -> set[str]:
    """List the targets that a step is for."""
    for name in step.targets:
        if name not in play.members:
            what = f'no target or group is called "{name}"'
            hint = did_you_mean(name, play.members)
            raise usage(f"{play.where}/step/{step.name}/targets", what, hint)
    return {member for name in step.targets for member in play.members[name]}


def _filled(where: str, step: PlaybookStep, option: str, values: Mapping[str, Value]) -> Value:
    """Return an option with the values of its variables, of the type that the option has."""
    written = step.options[option]
    if not isinstance(written, str) or not is_template(written):
        return written
    try:
        text = rendered(written, values)
    except Mistake as mistake:
        raise usage(where, mistake.what, mistake.hint) from mistake
    return text if model_of(step.kind).is_text(option) else as_typed(text)
