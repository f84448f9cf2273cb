"""What the user typed, as the steps of a release need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from maulstick.plan.seal import Seal

LOOKING = ("check", "export", "plan", "verify")
"""The steps that change nothing."""
Options = Mapping[str, int | str | bool]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user typed; `seals` are the sealed plans to carry out, by subject.

    `bundles` are the folders of bundles that were named themselves: their source is not looked at.
    With `several` subjects, what does not fit one of them may be meant for another.
    """

    yes: bool = False
    without_media: bool = False
    overwrite: bool = False
    recheck: bool = False
    operator: str = ""
    take: tuple[str, ...] = ()
    rename: tuple[str, ...] = ()
    restore: tuple[str, ...] = ()
    older: bool = False
    prune: bool = False
    prune_limit: int = 20
    ask: bool = False
    rehearse: bool = False
    several: bool = False
    source: bool = False
    browser: bool = False
    undo_if_wrong: bool = False
    pack: bool = False
    seals: Mapping[str, Seal] = field(default_factory=dict)
    bundles: Mapping[str, Path] = field(default_factory=dict)
