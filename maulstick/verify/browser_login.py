"""A browser let into a site behind a login: headers go to the site's own host alone, redirects too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from maulstick.redact import Secret
from maulstick.verify.visitor import is_same_host


def let_in(page: Any, site: str, headers: Mapping[str, Secret]) -> None:
    """Let a page's requests to the site's own host carry headers; cookies are kept as any other.

    Playwright's own way would send them on where a redirect leads to another host.
    """
    from playwright.sync_api import Error

    _keep_cookies(page, site, headers)
    added = {name: value.reveal() for name, value in headers.items() if name.lower() != "cookie"}
    if not added:
        return
    session = page.context.new_cdp_session(page)

    def paused(event: Mapping[str, Any]) -> None:
        asked = event["request"]
        going = {"requestId": event["requestId"]}
        if is_same_host(asked["url"], site):
            replaced = {name.lower() for name in added}
            kept = {name: value for name, value in asked["headers"].items() if name.lower() not in replaced}
            going["headers"] = [{"name": name, "value": value} for name, value in {**kept, **added}.items()]
        with suppress(Error):  # the page may have been left
            session.send("Fetch.continueRequest", going)

    session.on("Fetch.requestPaused", paused)
    parts = urlsplit(site)
    hosts = {f"{scheme}://{parts.netloc}/*" for scheme in (parts.scheme, "https")}
    session.send("Fetch.enable", {"patterns": [{"urlPattern": host} for host in sorted(hosts)]})


def _keep_cookies(page: Any, site: str, headers: Mapping[str, Secret]) -> None:
    said = next((value.reveal() for name, value in headers.items() if name.lower() == "cookie"), "")
    with suppress(CookieError):
        cookies = [
            {"name": name, "value": cookie.value, "url": site} for name, cookie in SimpleCookie(said).items()
        ]
        if cookies:
            page.context.add_cookies(cookies)
