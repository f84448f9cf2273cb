"""The campaign: rounds from a seed, failing ones shrunk, and how often each promise was attacked and held."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.invariants import INVARIANTS, broken
from tests.faults.rounds import CONTENT, Evidence, Player, draw
from tests.faults.shrinking import shrunk
from tests.faults.site import HERE, TABLES, THERE
from tests.faults.world import World, a_world

Say = Callable[[str], None]
SECOND = "update artworks set title = 'Lamp, again' where slug = 'lamp'; delete from notes where place = 2"
"""What is edited here between the first release and the second."""
SHOWN = 900
"""Characters of what a failing command said that are shown."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rounds of which seed, for how many seconds at most, and whether failing ones are shrunk."""

    seed: int
    rounds: int
    first: int = 0
    seconds: float = float("inf")
    shrinks: bool = True
    says_each: bool = False


@dataclass
class Tally:
    """What a campaign has found so far."""

    seed: int
    rounds: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    failing: list[int] = field(default_factory=list)

    def add(self, evidence: Evidence, found: list[str]) -> None:
        """Count a round."""
        one = evidence.round
        self.rounds += 1
        self.kinds[one.fault.kind] += 1
        self.commands[one.command] += 1
        self.ends[str(evidence.ended.code)] += 1
        self.broken.update({says.partition(":")[0] for says in found})
        self.failing += [one.number] if found else []

    def __str__(self) -> str:
        held = sum(1 for one in INVARIANTS if not self.broken[one.__name__])
        lines = [
            f"seed {self.seed}: {self.rounds} rounds in {self.seconds:.0f} s, {len(self.failing)} failing;"
            f" {held} of {len(INVARIANTS)} promises held"
        ]
        for name in ("kinds", "commands", "ends", "broken"):
            counted = getattr(self, name).most_common()
            lines.append(f"  {name}: {', '.join(f'{what} {count}' for what, count in counted) or 'none'}")
        return "\n".join(lines)


@contextmanager
def ready(folder: Path) -> Iterator[Player]:
    """Start a world with its three starting points for the block: nothing released, once, twice."""
    with a_world(folder) as world:
        with world.connect("postgres") as admin:
            for name in ("source", "live"):
                admin.execute(f"create database {name}".encode())
        world.run("source", TABLES + HERE)
        world.run("live", TABLES + THERE)
        world.save("fresh")
        _release(world)
        world.save("released")
        world.run("source", SECOND)
        _release(world)
        world.save("twice")
        yield Player(world)


def _release(world: World) -> None:
    ended = world.invoke(*CONTENT)
    if ended.code:
        raise AssertionError(ended.said)


def campaign(player: Player, wanted: Wanted, say: Say) -> Tally:
    """Play rounds until they or the seconds are over, or until Ctrl-C; one that fails is said, and shrunk."""
    tally, began = Tally(wanted.seed), time.monotonic()
    with suppress(KeyboardInterrupt):
        for number in range(wanted.first, wanted.first + wanted.rounds):
            if time.monotonic() - began > wanted.seconds:
                break
            evidence = player.play(draw(wanted.seed, number))
            tally.seconds = time.monotonic() - began
            _judge(player, evidence, tally, wanted, say)
    return tally


def _judge(player: Player, evidence: Evidence, tally: Tally, wanted: Wanted, say: Say) -> None:
    one, found = evidence.round, broken(evidence)
    tally.add(evidence, found)
    if wanted.says_each:
        say(f"{one.number} ({tally.seconds:.0f} s) {one.command}: {one.fault}, exit {evidence.ended.code}")
    if found:
        _tell(player, evidence, found, say, shrinks=wanted.shrinks)


def _tell(player: Player, evidence: Evidence, found: list[str], say: Say, *, shrinks: bool) -> None:
    one, said = evidence.round, evidence.ended.said[-SHOWN:]
    say("\n".join([f"FAILS: {one}", *(f"  ! {says}" for says in found), "  it said:", said]))
    if shrinks:
        small = shrunk(one, lambda other: bool(broken(player.play(other))))
        if small != one:
            say(f"shrunk: {small}")


def run(wanted: Wanted, say: Say, log: Path | None = None) -> Tally:
    """Play a campaign in a world of its own; its tally is added to the log as a line of JSON."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, ready(Path(folder)) as player:
        tally = campaign(player, wanted, say)
    if log is not None:
        with log.open("a") as file:
            file.write(json.dumps(vars(tally)) + "\n")
    return tally
