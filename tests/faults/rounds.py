"""A round: edits on both sides, a command, and one fault; drawn from a seed, played in a world."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.faults import edits
from tests.faults.edits import Edit
from tests.faults.evidence import Snapshot, Traces, cell, snapshot, traces
from tests.faults.kinds import BEGIN, CLOCK, KINDS
from tests.faults.scene import Scene
from tests.faults.site import SUBJECT
from tests.faults.world import LATE, Ended, World

SERIES = ("--series", SUBJECT)
CONTENT = ("release", *SERIES, "--playbook", "content")
EXPORT, UPLOAD, APPLY = (("export", *SERIES), ("upload", *SERIES), ("apply", *SERIES))
STARTS = ("fresh", "released", "twice")
PLUGIN = "plugins/fault.py"
ALIKE = 6
"""Rounds with the same edits and command: an undisturbed run is made once for all of them."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed in a round: what comes before it undisturbed, and the command itself."""

    words: Sequence[str]
    before: Sequence[Sequence[str]] = ()
    of: str = "release"
    starts: tuple[str, ...] = STARTS


COMMANDS: Mapping[str, Typed] = {
    "release": Typed(CONTENT),
    "release --take local": Typed((*CONTENT, "--take", "local")),
    "release --prune": Typed((*CONTENT, "--prune"), starts=STARTS[2:]),
    "upload": Typed(UPLOAD, (EXPORT,), "upload"),
    "apply": Typed(APPLY, (EXPORT, UPLOAD)),
    "apply --take local": Typed((*APPLY, "--take", "local"), (EXPORT, UPLOAD)),
    "sealed plan": Typed(
        ("release", "--playbook", "content", "--plan", "plan.json"),
        (EXPORT, ("plan", *SERIES, "--out", "plan.json")),
        "sealed",
    ),
    "rollback": Typed(("rollback", "--release", "{newest}"), (), "rollback", STARTS[1:]),
    "rollback --media": Typed(("rollback", "--release", "{newest}", "--media"), (), "rollback", STARTS[1:]),
}
WEIGHTS = (6, 3, 2, 2, 3, 1, 3, 3, 2)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its kind, and its moment as a share of a line's bytes, or of the time, undisturbed."""

    kind: str
    line: str = "live"
    share: float = 0.5
    detail: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """What happens in a round."""

    seed: int
    number: int
    start: str
    edits: tuple[Edit, ...]
    command: str
    fault: Fault

    def __str__(self) -> str:
        edited = "\n".join(f"  {one.side}: {one.text}" for one in self.edits) or "  no edits"
        name = f"round {self.number} of seed {self.seed}"
        return f"{name}: {self.command} from {self.start}, {self.fault}\n{edited}"


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the same command leaves without a fault, and how many bytes it carries over each line."""

    after: Snapshot
    ended: Ended
    carried: Mapping[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the invariants look at: before, undisturbed, after the fault, run again, and undone."""

    round: Round
    undisturbed: Undisturbed
    before: Snapshot
    left: Snapshot
    traces: Traces
    ended: Ended
    others: Sequence[Ended] = ()
    cells: Sequence[tuple[Edit, str | None]] = ()
    """What is found of each edit of production that had an effect."""
    record: Mapping[str, Any] | None = None
    again: Snapshot | None = None
    ended_again: Ended | None = None
    cells_again: Sequence[tuple[Edit, str | None]] = ()
    undone: Snapshot | None = None
    ended_undone: Ended | None = None
    traces_again: Traces = field(default_factory=Traces)

    @property
    def after(self) -> Snapshot:
        """Return production after the same command without a fault."""
        return self.undisturbed.after

    @property
    def typed(self) -> Typed:
        """Return what was typed."""
        return COMMANDS[self.round.command]


def draw(seed: int, number: int) -> Round:
    """Draw a round: the same seed and number give the same."""
    alike = random.Random(f"{seed} {number // ALIKE}")
    command = alike.choices(list(COMMANDS), WEIGHTS)[0]
    is_undo = COMMANDS[command].of == "rollback"
    start = alike.choice(COMMANDS[command].starts)
    edited = edits.drawn(alike, number // ALIKE)
    if is_undo:
        edited = [one for one in edited if one.side == "live"] if alike.random() < 0.4 else []
    dice = random.Random(f"{seed} {number}")
    kind = dice.choices(list(KINDS), [one.weight for one in KINDS.values()])[0]
    line = dice.choice(KINDS[kind].lines)
    fault = Fault(kind, line, round(dice.random(), 4), dice.randrange(1000))
    return Round(seed, number, start, tuple(edited), command, fault)


@dataclass
class Player:
    """Plays rounds in one world; what undisturbed commands leave is remembered for the next rounds."""

    world: World
    known: dict[tuple[object, ...], Undisturbed] = field(default_factory=dict)
    effective: list[Edit] = field(default_factory=list)
    """The edits of production that changed something there."""
    begun: tuple[object, ...] | None = None
    """What the starting point `begun` was made of."""

    def play(self, one: Round) -> Evidence:
        """Play a round and return what is to be judged."""
        undisturbed = self.undisturbed(one)
        words = self._begin(one)
        before, edited = snapshot(self.world), tuple(self.effective)
        kept = self._runs()
        scene = self._disturb(one, words, undisturbed)
        ended, others = self._wait(scene, words)
        record = self._record(kept)
        self._heal(scene)
        left_behind = traces(self.world)  # it waits for the server's processes too
        evidence = Evidence(
            one,
            undisturbed,
            before,
            snapshot(self.world),
            left_behind,
            ended,
            others,
            self._cells(edited),
            record if ended.code > 0 or ended.is_late else None,
        )
        again = self.world.invoke(*words)
        evidence = replace(evidence, ended_again=again, again=snapshot(self.world))
        evidence = replace(evidence, cells_again=self._cells(edited))
        return replace(self._undone(evidence), traces_again=traces(self.world))

    def disturbed(self, one: Round) -> Ended:
        """Play only the command with its fault, and return how it ended."""
        undisturbed = self.undisturbed(one)
        words = self._begin(one)
        scene = self._disturb(one, words, undisturbed)
        ended, _ = self._wait(scene, words)
        self._heal(scene)
        return ended

    def undisturbed(self, one: Round) -> Undisturbed:
        """Return what the round's command leaves without a fault."""
        key = (one.start, one.edits, one.command, KINDS[one.fault.kind].way)
        if key not in self.known:
            words = self._begin(one)
            for line in self.world.lines.values():
                line.arm(None)
            began = time.monotonic()
            ended = self.world.invoke(*words)
            seconds = time.monotonic() - began
            carried = {name: line.carried for name, line in self.world.lines.items()}
            self.known = {key: Undisturbed(snapshot(self.world), ended, carried, seconds)}
        return self.known[key]

    def _begin(self, one: Round) -> tuple[str, ...]:
        """Set the world to the round's start with its edits, and return the command's words.

        What was prepared for the round before is used again where it is the same.
        """
        typed, key = COMMANDS[one.command], (one.start, one.edits, one.command)
        self.world.heal()
        if self.begun != key:
            self.begun = None
            self.world.bring_back(one.start)
            self.effective = [*self._edited(one)]
            self.world.take_way("direct")
            for words in typed.before:
                self.world.invoke(*words)
            self.world.save("begun")
            self.begun = key
        else:
            self.world.bring_back("begun")
        self.world.take_way(KINDS[one.fault.kind].way)
        return tuple(word.replace("{newest}", str(STARTS.index(one.start))) for word in typed.words)

    def _edited(self, one: Round) -> Iterator[Edit]:
        """Make the edits, and yield those of production that change something there."""
        for edit in one.edits:
            was = cell(self.world, edit.cell) if edit.cell else None
            edit.make(self.world)
            if edit.cell and edit.side == "live" and cell(self.world, edit.cell) not in (was, None):
                yield edit

    def _cells(self, edited: Sequence[Edit]) -> Sequence[tuple[Edit, str | None]]:
        """Return what is found of each edit now."""
        return [(edit, cell(self.world, edit.cell)) for edit in edited]

    def _disturb(self, one: Round, words: tuple[str, ...], undisturbed: Undisturbed) -> Scene:
        fault, world = one.fault, self.world
        scene = Scene(world, words, fault.detail, line=fault.line)
        for line in world.lines.values():
            line.arm(None)
        kind, after = KINDS[fault.kind], fault.share * undisturbed.seconds
        if kind.plugin is not None:
            (world.folder / PLUGIN).write_text(kind.plugin(fault.detail, after))
        elif fault.line == BEGIN:
            kind.act(scene)
        elif fault.line == CLOCK:
            threading.Timer(after, lambda: kind.act(scene)).start()
        else:
            at = int(fault.share * undisturbed.carried.get(fault.line, 0))
            world.lines.get(fault.line, world.lines["live"]).arm(at, lambda: kind.act(scene))
        scene.command = world.start(*words)
        scene.has_begun.set()
        return scene

    def _wait(self, scene: Scene, words: tuple[str, ...]) -> tuple[Ended, list[Ended]]:
        assert scene.command is not None
        ended = _ended(scene.command, words)
        return ended, [_ended(other, words) for other in scene.others]

    def _heal(self, scene: Scene) -> None:
        for thread in scene.threads:
            thread.join(LATE)
        (self.world.folder / PLUGIN).unlink(missing_ok=True)
        self.world.heal()

    def _runs(self) -> set[Path]:
        return {*(self.world.folder / ".maulstick/runs").glob("*/report.json")}

    def _record(self, kept: set[Path]) -> Mapping[str, Any] | None:
        """Return the newest record that the command kept, None where there is none."""
        with suppress(OSError, ValueError, IndexError):
            return dict(json.loads(max(self._runs() - kept).read_text()))
        return None

    def _undone(self, evidence: Evidence) -> Evidence:
        """Undo the release that the round made, where it made one."""
        assert evidence.again is not None
        made = evidence.again.newest
        if evidence.typed.of not in ("release", "sealed") or made <= evidence.before.newest:
            return evidence
        ended = self.world.invoke("rollback", "--release", str(made))
        return replace(evidence, ended_undone=ended, undone=snapshot(self.world))


def _ended(command: Any, words: tuple[str, ...]) -> Ended:
    try:
        return Ended(words, *command.wait(LATE))
    except subprocess.TimeoutExpired:
        return Ended(words, -9, "", "", is_late=True)
