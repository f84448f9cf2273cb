"""The command `dev.mutants`, which exists in a checkout only."""

from __future__ import annotations

import sys
from typing import Any

from invoke.tasks import task

HELP = {
    "sample": "how many mutants, each file of the core with its share",
    "seed": "the same seed draws the same mutants; a fresh one if left out",
    "only": "only mutants whose name has this in it: FILE:LINE KIND NUMBER",
    "seconds": "how many seconds of tests each gets, as recorded",
    "workers": "how many are tested side by side",
    "log": "add each verdict to this file, as a line of JSON",
}


@task(help=HELP)
def mutants(
    context: Any,
    sample: int = 400,
    seed: str = "",
    only: str = "",
    seconds: int = 30,
    workers: int = 2,
    log: str = "",
) -> None:
    """Mutate the core, and name what no test notices."""
    from tests.mutants.__main__ import main

    given = {"--sample": sample, "--seed": seed, "--only": only, "--log": log}
    given |= {"--seconds": seconds, "--workers": workers}
    sys.exit(main([word for name, value in given.items() if value for word in (name, str(value))]))
