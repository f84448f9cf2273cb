"""Webhook: an address is told how the release went."""

from __future__ import annotations

import json
import os

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import make_headers, parse_url

from maulstick.errors import Exit, Problem, usage
from maulstick.project.declarations import Outcome
from maulstick.project.fields import plain_text
from maulstick.project.mistakes import Mistake
from maulstick.project.plugins.hookspecs import RunningRelease
from maulstick.proxies import proxy_for, through
from maulstick.redact import Secret
from maulstick.release.shipped.messages import Format, message
from maulstick.verify.response import words_for

SECONDS = 10
HINTS = {401: "may we write there?", 403: "may we write there?", 404: "is it still valid?", 410: "it is gone"}


def would(release: RunningRelease, url: str, format: Format = "json", timeout: int = SECONDS) -> str:
    """Say who is told; an address from the environment is read, and not shown."""
    _address(release, url)
    return f"tell {url} ({format})"


def perform(release: RunningRelease, url: str, format: Format = "json", timeout: int = SECONDS) -> Outcome:
    """Post what happened so far; an answer other than 2xx fails the step."""
    address = _address(release, url)
    host = parse_url(address.reveal()).host or ""
    sent = message(release.report, format, address)
    status = _posted(release, sent.address, json.dumps(sent.body).encode(), host, timeout)
    if status // 100 != 2:
        hint = HINTS.get(status, "try again later" if status >= 500 or status == 429 else "")
        raise Problem(release.name, f"{host} answers {status}", f"{url}: {hint}" if hint else "")
    return Outcome("done", f"told {host}: {sent.says}")


def _address(release: RunningRelease, url: str) -> Secret:
    try:
        return Secret(plain_text(url, {"environment": os.environ}))
    except Mistake as mistake:
        raise usage(f"{release.name}/url", mistake.what, mistake.hint) from None


def _posted(release: RunningRelease, address: Secret, body: bytes, host: str, timeout: int) -> int:
    """Post and return the status; a redirect is not followed, since what is told is not for others."""
    try:
        parts = parse_url(address.reveal())
        proxy = proxy_for(parts.scheme or "", host.strip("[]"))
        headers = {"Content-Type": "application/json", "User-Agent": "maulstick"}
        if parts.auth:
            headers |= make_headers(basic_auth=parts.auth)
        with through(proxy) if proxy else urllib3.PoolManager() as pool:
            plain = parts._replace(auth=None).url
            answer = pool.request(
                "POST", plain, body=body, headers=headers, timeout=timeout, retries=False, redirect=False
            )
            return answer.status
    except LocationParseError:
        raise usage(f"{release.name}/url", "is not an address", "https://…") from None
    except HTTPError as error:
        # Without its cause: that shows the address.
        what = f"{host} {words_for(error)}"
        raise Problem(release.name, what, "try again later", code=Exit.FAILED) from None
