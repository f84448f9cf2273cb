"""What a user may say of a release: the options that its steps read, each with its default and its help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from maulstick.plan.decisions.decision import Decision
    from maulstick.plan.seal import Seal

LOOKING = ("check", "export", "plan", "verify")
"""The steps of the core that change nothing."""
WITHOUT_WRITES = (*LOOKING, "webhook")
"""The steps that change nothing on a target."""
Options = Mapping[str, int | str | bool]
T = TypeVar("T")


def option(default: T, says: str, *, name: str = "", short: str = "") -> T:
    """Return a field that is an option; it is typed by its own name if `name` is left out, or as `short`."""
    return field(default=default, metadata={"says": says, "name": name, "short": short})


@dataclass(frozen=True)
class CommandOptions:
    """The options of a command, or a group of options that several commands share.

    Groups are mixed by inheritance, which is why none of them has slots.
    """


Group = TypeVar("Group", bound=CommandOptions)


def read(group: type[Group], typed: Mapping[str, object]) -> Group:
    """Read those of the typed options that belong to a group; what was not typed has its default."""
    return group(**{known.name: typed[known.name] for known in fields(group) if known.name in typed})


@dataclass(frozen=True)
class Yes(CommandOptions):
    """Consent given beforehand."""

    yes: bool = option(False, "do not ask before production is changed")


@dataclass(frozen=True)
class Without(CommandOptions):
    """Which rows stay behind."""

    without: tuple[str, ...] = option(
        (), "leave out this row, and what only it brings, as TABLE:KEY; may be repeated"
    )


@dataclass(frozen=True)
class RowChoices(CommandOptions):
    """What to do about rows that local and production do not agree on."""

    take: tuple[str, ...] = option(
        (),
        "whose side to take where both changed, local or production: SIDE[:TABLE[.KEY][.COLUMN]]; may be "
        "repeated",
    )
    rename: tuple[str, ...] = option((), "a row whose key changed here: TABLE:OLD=NEW; may be repeated")
    restore: tuple[str, ...] = option(
        (), "insert a row again that was deleted in production, as TABLE:KEY; may be repeated"
    )
    prune: bool = option(False, "delete released rows that the source has deleted")
    prune_limit: int = option(20, "the most rows that --prune may delete")


@dataclass(frozen=True)
class Choices(RowChoices, Without):
    """What to do about a bundle that is not what production has."""

    older: bool = option(False, "allow a bundle older than the one last released")


@dataclass(frozen=True)
class Ask(CommandOptions):
    """Choices made one by one at the terminal."""

    ask: bool = option(False, "go through conflicts one by one")


@dataclass(frozen=True)
class Overwrite(CommandOptions):
    """Whether files in the bucket may be replaced."""

    overwrite: bool = option(
        False, "replace files of other content in the bucket; what they replace is kept there"
    )


@dataclass(frozen=True)
class Recheck(CommandOptions):
    """Whether to trust what the ledger has proven of the bucket."""

    recheck: bool = option(False, "look again at objects that the ledger has proven, and mend them")


@dataclass(frozen=True)
class WithoutMedia(CommandOptions):
    """Whether rows may go live before their files."""

    without_media: bool = option(False, "write rows although the bucket lacks files that they name")


@dataclass(frozen=True)
class Rehearse(CommandOptions):
    """Whether all of it is rolled back at the end."""

    rehearse: bool = option(
        False, "rehearse: run everything that can be rolled back, and roll back", name="check"
    )


@dataclass(frozen=True)
class Diff(CommandOptions):
    """How much is shown of what changes."""

    diff: bool = option(False, "show every row and column that would change, old and new, nothing cut")


@dataclass(frozen=True)
class ConfirmEach(CommandOptions):
    """Whether each step has a question of its own."""

    confirm_each: bool = option(False, "ask before each step that may change something")


@dataclass(frozen=True)
class BrowserOptions(CommandOptions):
    """Whether pages are looked at as a visitor sees them."""

    browser: bool = option(False, "look at every page in a real Chromium too")


@dataclass(frozen=True)
class LocalSite(CommandOptions):
    """Whether the local site is asked in place of the live one."""

    source: bool = option(False, "ask the local site instead of the live one")


@dataclass(frozen=True)
class OldAddresses(CommandOptions):
    """Which old addresses must lead to new ones."""

    redirect: tuple[str, ...] = option(
        (), "this old address must lead to the new one, as OLD=NEW; may be repeated"
    )


@dataclass(frozen=True)
class UndoIfWrong(CommandOptions):
    """What becomes of a release that verify finds wrong."""

    undo_if_wrong: bool = option(False, "roll the release back if verify finds it wrong")


@dataclass(frozen=True)
class Hidden(CommandOptions):
    """Whether rows that went in hidden stay so."""

    hidden: bool = option(False, "leave rows hidden that would become public, until the next release")


@dataclass(frozen=True)
class Pack(CommandOptions):
    """Whether a bundle holds its files too."""

    pack: bool = option(
        False, "put the files beside the bundle, so that it can be released without the source"
    )


@dataclass(frozen=True, slots=True)
class LeftOutByPlaybook:
    """The rows that a playbook leaves out, as TABLE:KEY, and where that is written."""

    where: str = ""
    rows: tuple[str, ...] = ()


NOTHING_LEFT_OUT = LeftOutByPlaybook()


@dataclass(frozen=True)
class ReleaseSettings(
    Yes,
    Choices,
    Ask,
    Overwrite,
    Recheck,
    WithoutMedia,
    Rehearse,
    Diff,
    ConfirmEach,
    BrowserOptions,
    LocalSite,
    OldAddresses,
    UndoIfWrong,
    Hidden,
    Pack,
):
    """What steps read: every option of theirs, whichever command offers it, and what it led to.

    `seals` are the sealed plans to carry out, by subject, and `decisions` what files hold about conflicts.
    `bundles` are the folders of bundles that were named themselves: their source is not looked at. With
    `several` subjects, what does not fit one of them may be meant for another. `left_out` is what the
    playbook says about rows that stay behind.
    """

    operator: str = ""
    several: bool = False
    left_out: LeftOutByPlaybook = NOTHING_LEFT_OUT
    seals: Mapping[str, Seal] = field(default_factory=dict)
    decisions: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    bundles: Mapping[str, Path] = field(default_factory=dict)
