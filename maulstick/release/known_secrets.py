"""What must not be seen of what a step prints: the secrets of source, target and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress

from maulstick.errors import Problem
from maulstick.hosts.environment import secrets_of
from maulstick.hosts.host import Host, Place
from maulstick.project.dsn import passwords_of
from maulstick.redact import Secret

NAMES = re.compile("TOKEN|SECRET|PASSWORD|PASSWD|WEBHOOK|PRIVATE|(?:API|ACCESS|AUTH|_)_?KEY$", re.IGNORECASE)
"""Variables of the environment whose values are taken for secrets."""
SHORTEST = 6
"""Characters of a variable's value that is hidden: a shorter one would be found in any word."""


def known_secrets(place: Place, host: Host) -> Iterator[Secret]:
    """Yield the secrets that are known here; a target that does not answer has told none."""
    with suppress(Problem):
        yield from secrets_of(host.environment)
    for address in (place.source.database, place.target.plan_database):
        yield from (*passwords_of(address), address) if address is not None else ()
    yield from place.target.headers.values()
    yield from place.target.preview_headers.values()
    for name, value in os.environ.items():
        if NAMES.search(name) and len(value) >= SHORTEST:
            yield Secret(value)
