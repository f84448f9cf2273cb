"""The command `dev.faults`, which exists in a checkout only."""

from __future__ import annotations

import sys
from typing import Any

from invoke.collection import Collection
from invoke.tasks import task

HELP = {
    "rounds": "how many rounds",
    "seed": "the same seed gives the same rounds; a fresh one if left out",
    "first": "the number of the first round: one that failed is played again by its seed and number",
    "seconds": "stop after so many seconds all the same",
    "log": "add the tally to this file, as a line of JSON",
    "no-shrink": "leave failing rounds as they are",
    "each": "name each round",
}


@task(help=HELP)
def faults(
    context: Any,
    rounds: int = 100,
    seed: str = "",
    first: int = 0,
    seconds: int = 0,
    log: str = "",
    no_shrink: bool = False,
    each: bool = False,
) -> None:
    """Play rounds of releases with a fault in each, and hold what is promised."""
    from tests.faults.__main__ import main

    given = {"--rounds": rounds, "--seed": seed, "--first": first, "--seconds": seconds, "--log": log}
    words = [word for name, value in given.items() if value for word in (name, str(value))]
    switches = {"--no-shrink": no_shrink, "--each": each}
    sys.exit(main([*words, *(name for name, is_on in switches.items() if is_on)]))


dev = Collection("dev", faults)
