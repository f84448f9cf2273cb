"""What this machine says of itself and its user: nothing proves it."""

from __future__ import annotations

import getpass
import json
import os
import socket
from importlib.metadata import PackageNotFoundError, version


def operator() -> str:
    """Return the user's name, as the environment or the system has it."""
    return getpass.getuser()


def claims() -> str:
    """Return host, version, and CI actor and run where there are any, as the JSON that a ledger keeps."""
    environment = os.environ.get
    run = environment("GITHUB_RUN_ID")
    address = f"{environment('GITHUB_SERVER_URL')}/{environment('GITHUB_REPOSITORY')}/actions/runs/{run}"
    known = {
        "host": socket.gethostname(),
        "version": _version(),
        "actor": environment("GITHUB_ACTOR"),
        "run": address if run else "",
    }
    return json.dumps({name: value for name, value in known.items() if value})


def _version() -> str:
    try:
        return version("maulstick")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return ""
