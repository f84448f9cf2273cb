"""The proxy between this machine and a host, from the environment."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import ProxySchemeUnknown
from urllib3.util import make_headers, parse_url

from maulstick.errors import usage

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def proxy_for(scheme: str, host: str) -> str | None:
    """Return the proxy for a host, None where there is none; this machine never has one."""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return None if not proxy or host in LOOPBACK or proxy_bypass(host) else proxy


def through(proxy: str, **settings: Any) -> urllib3.ProxyManager:
    """Return connections through a proxy, with the user and password in its address, if any."""
    address = parse_url(proxy if "://" in proxy else f"http://{proxy}")
    headers = make_headers(proxy_basic_auth=unquote(address.auth)) if address.auth else None
    try:
        return urllib3.ProxyManager(address.url, proxy_headers=headers, **settings)
    except ProxySchemeUnknown as error:
        what = f"a proxy with the scheme {address.scheme} is not supported"
        raise usage("the environment's proxy", what, "name an HTTP proxy, or set no_proxy") from error
