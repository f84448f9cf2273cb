"""The campaign of faults: `maulstick dev.faults` in a checkout, or `python -m tests.faults`."""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.campaign import Wanted, run


def main(words: Sequence[str] | None = None) -> int:
    """Play a campaign and return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="dev.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, help="the same seed gives the same rounds")
    parser.add_argument("--first", type=int, default=0, help="the number of the first round")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="when to stop all the same")
    parser.add_argument("--log", type=Path, help="a file to which the tally is added")
    parser.add_argument("--no-shrink", action="store_true", help="leave failing rounds as they are")
    parser.add_argument("--each", action="store_true", help="name each round")
    typed = parser.parse_args(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the servers end with the campaign
    seed = random.randrange(1_000_000) if typed.seed is None else typed.seed
    wanted = Wanted(seed, typed.rounds, typed.first, typed.seconds, not typed.no_shrink, typed.each)
    print(f"seed {seed}", flush=True)
    tally = run(wanted, lambda text: print(text, flush=True), typed.log)
    print(tally)
    return 1 if tally.failing else 0


if __name__ == "__main__":
    sys.exit(main())
