"""Announce: tell a chat what went live."""

import os
from collections.abc import Mapping
from typing import Any

import urllib3

from maulstick import hookimpl


@hookimpl
def maulstick_finished(report: Mapping[str, Any]) -> None:
    """Post one line to the address in ANNOUNCE_URL, for a release that changed something."""
    address = os.environ.get("ANNOUNCE_URL")
    if address and report["number"] and not report["undone_by"]:
        text = f"release {report['number']}: {report['subject']} is live, {report['page']}"
        urllib3.request("POST", address, json={"text": text}, timeout=10, retries=False)
