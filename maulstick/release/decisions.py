"""What the user decides about single rows, as the settings of a transaction that hears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from maulstick.errors import Problem
from maulstick.plan import choices
from maulstick.plan.changes import OTHER_SIDE
from maulstick.plan.choices import RowName, Take
from maulstick.release.context import ReleaseContext


def decided(
    context: ReleaseContext, *, takes: Sequence[Take] = (), deletes: Sequence[RowName] = ()
) -> Mapping[str, str]:
    """Return the user's choices as settings of a transaction; a sealed plan brings its own.

    `takes` are sides that were chosen when asked, `deletes` the rows that `--prune` deletes.
    """
    if context.seal is not None:
        return context.seal.decided
    typed, unfit = context.settings, misfits(context)
    if unfit and not typed.several:
        raise next(iter(unfit.values()))
    take = choices.fitting("--take", takes_of_rows(context), unfit)
    rename = choices.fitting("--rename", typed.rename, unfit)
    restore = choices.fitting("--restore", typed.restore, unfit)
    known = context.known_rows()
    taken = [*choices.takes(take, known), *takes]
    if context.place.pulled is not None:  # the database knows only sent and there
        taken = [replace(one, side=OTHER_SIDE[one.side]) for one in taken]
    return {
        "take": choices.as_setting(taken),
        "rename": choices.as_setting(choices.renames(rename, known)),
        "restore": choices.as_setting(choices.restores(restore, known)),
        "older": "on" if typed.older else "",
        "prune": choices.as_setting(deletes),
        "without": choices.as_setting([RowName(*row) for row in context.load_bundle().left_out]),
    }


def misfits(context: ReleaseContext) -> dict[str, Problem]:
    """Describe the problem of each choice as typed that does not fit this bundle."""
    typed, known = context.settings, context.known_rows()  # which has seen what is left out
    return {
        **context.opened.unfit,
        **choices.misfits(takes_of_rows(context), typed.rename, known, typed.restore),
    }


def takes_of_rows(context: ReleaseContext) -> list[str]:
    """List the sides that were taken of rows, as typed; a pull takes sides of files too."""
    is_pull = context.place.pulled is not None
    return [text for text in context.settings.take if not (is_pull and choices.is_of_file(text))]


def decides_single_rows(context: ReleaseContext) -> bool:
    """Return whether single rows were decided about on the command line."""
    typed = context.settings
    return context.seal is None and bool(
        takes_of_rows(context) or typed.rename or typed.restore or typed.prune
    )
