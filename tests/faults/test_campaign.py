"""Some rounds of the campaign, and what makes a campaign worth its name."""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
from dataclasses import replace

import pytest

from tests.faults.campaign import Wanted, campaign
from tests.faults.edits import Edit
from tests.faults.lines import Line
from tests.faults.rounds import Fault, Player, Round, draw
from tests.faults.shrinking import shrunk

SECONDS = float(os.environ.get("MAULSTICK_FAULTS_SECONDS", "30"))
"""How long the suite plays rounds; `maulstick dev.faults` plays as many as are wanted."""
SEED = os.environ.get("MAULSTICK_FAULTS_SEED", "7")
"""The seed of these rounds, `fresh` for one that is drawn."""
ROUNDS = 8

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="faults need what Linux has")


def test_no_promise_is_broken_in_some_rounds(player: Player) -> None:
    is_fresh, said = SEED == "fresh", list[str]()
    seed = random.SystemRandom().randrange(1_000_000) if is_fresh else int(SEED)
    print(f"maulstick dev.faults --seed {seed}")
    rounds = 1000 if is_fresh else ROUNDS
    tally = campaign(player, Wanted(seed, rounds, seconds=SECONDS, shrinks=False), said.append)
    print(tally)
    assert tally.failing == [], "\n".join(said)
    assert tally.rounds > 0


def test_the_same_seed_and_number_give_the_same_round() -> None:
    assert [draw(7, number) for number in range(40)] == [draw(7, number) for number in range(40)]
    assert len({draw(7, number).fault for number in range(40)}) > 30
    assert len({str(draw(seed, 0)) for seed in range(40)}) > 30


def test_a_failing_round_is_shrunk_to_what_makes_it_fail() -> None:
    cause = Edit("live", "the cause")
    others = (Edit("source", "one"), cause, Edit("source", "two"))
    one = Round(1, 1, "twice", others, "release --take local", Fault("kill -9", detail=5))
    small = shrunk(one, lambda other: cause in other.edits and other.command.startswith("release"))
    assert small == replace(
        one, edits=(cause,), start="released", command="release", fault=Fault("kill -9", detail=0)
    )


@pytest.mark.parametrize("at", [0, 7, 4_999])
def test_a_line_acts_at_the_chosen_byte(at: int) -> None:
    arrived, ended = bytearray(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            there, _ = server.accept()
            with there:
                while block := there.recv(1 << 16):
                    arrived.extend(block)
            ended.set()

        threading.Thread(target=take, daemon=True).start()
        line, before = Line(server.getsockname()[1]), list[int]()
        acted = threading.Event()
        line.arm(at, acted.set)
        with socket.create_connection(("127.0.0.1", line.port)) as here:
            here.sendall(b"x" * at)
            assert at == 0 or not acted.is_set()
            before.append(at)
            here.sendall(b"y" * 5_000)
            assert acted.wait(60)
        assert ended.wait(60)
    assert (bytes(arrived), line.carried) == (b"x" * at + b"y" * 5_000, at + 5_000)
