"""The calls of hooks as they happen, for an author who wonders why theirs is not called: `--trace-hooks`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pluggy

from maulstick.project.declarations import Check, Outcome, Subject
from maulstick.project.plugins.blame import Owner, file_of
from maulstick.redact import HIDDEN
from maulstick.text import amount

SHOWN = 4
"""Answers of a call that are shown; the others are counted."""
LONGEST = 80
SECRETS = re.compile(r"(?<=://)[^/@\s]*(?=@)|(?<=\?).*", re.DOTALL)
"""Parts of an address that may hold a secret: its login and its query."""
CALLED = {
    "maulstick_hosts": "commands that read the inventory",
    "maulstick_steps": "commands that read a playbook",
    "maulstick_check": "the step check",
    "maulstick_tables": "the step export",
    "maulstick_files": "the step export",
    "maulstick_export": "the step export",
    "maulstick_pages": "the step export",
    "maulstick_queries": "the step export",
    "maulstick_verify": "the step verify",
    "maulstick_step": "each step of a release",
    "maulstick_finished": "the end of a release",
}
"""What calls each hook; `maulstick_kinds` has been called before any command begins."""
WORDS = {True: "ok", False: "wrong", None: "unknown"}


@dataclass(slots=True)
class Heard:
    """What a call has answered so far, in short: pages may be very many."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, answer: object) -> None:
        """Take one more answer."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(answer_text(answer))

    def __str__(self) -> str:
        if self.count <= SHOWN:
            return ", ".join(self.first) or "nothing"
        return f"{', '.join(self.first)} and {self.count - SHOWN} more"


@dataclass(frozen=True, slots=True)
class Trace:
    """Where each call is said, and which were made."""

    say: Callable[[str], None]
    called: set[tuple[int, str]] = field(default_factory=set)

    def heard(self, owner: Owner, arguments: Mapping[str, object], answers: Iterable[Any]) -> Iterator[Any]:
        """Yield the answers as they come; when no more are wanted, say the call with them."""
        said, ended = Heard(), "stopped after: "
        try:
            for answer in answers:
                said.add(answer)
                yield answer
            ended = ""
        except Exception:
            ended = "failed after: "
            raise
        finally:
            self.tell(owner, arguments, f"{ended}{said}")

    def tell(self, owner: Owner, arguments: Mapping[str, object], answer: str) -> None:
        """Say a call and its answer."""
        self.called.add((id(owner.plugin), owner.hook))
        given = ", ".join(f"{name}={argument_text(name, value)}" for name, value in arguments.items())
        self.say(f"hook {owner.hook}({given}) of {file_of(owner.plugin)}: {answer}")

    def silent(self, manager: pluggy.PluginManager, plugins: Iterable[object]) -> None:
        """Say which hooks of plugins were not called, and why."""
        for plugin in plugins:
            of = f"of {file_of(plugin)}"
            ours = [caller.name for caller in manager.get_hookcallers(plugin) or ()]
            for hook in CALLED:
                if hook in ours and (id(plugin), hook) not in self.called:
                    self.say(f"hook {hook} {of}: not called here; {CALLED[hook]} would")
                elif hook not in ours and callable(getattr(plugin, hook, None)):
                    self.say(f"hook {hook} {of}: never called, for it is not marked @hookimpl")


def argument_text(name: str, value: object) -> str:
    """Return an argument in short: no row, no record and no secret is shown."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Subject):
        return f'"{shown(str(value))}"'
    if isinstance(value, Mapping):
        many = sum(len(rows) for rows in value.values()) if name == "rows" else 0
        return f"{amount(many, 'row')} of {amount(len(value), 'table')}" if name == "rows" else "its record"
    if isinstance(value, tuple | list):
        return shown(" ".join(map(str, value)))
    subject = getattr(value, "subject", None)
    return f'"{shown(str(subject))}"' if isinstance(subject, Subject) else "…"


def answer_text(answer: object) -> str:
    """Return an answer in short: its type, and what it is called."""
    kind = type(answer).__name__
    if isinstance(answer, Outcome):
        return f"{kind} {answer.word}"
    called = next(
        (text for part in ("name", "path") if isinstance(text := getattr(answer, part, None), str)), ""
    )
    word = f" {WORDS[answer.ok]}" if isinstance(answer, Check) else ""
    return f"{kind} {shown(called)}{word}".rstrip()


def shown(text: str) -> str:
    """Return a text shortened, without a login or query of an address in it."""
    plain = SECRETS.sub(HIDDEN, " ".join(text.split()))
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"
