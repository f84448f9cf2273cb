"""Which proxy stands between this machine and a host, as the environment says."""

from __future__ import annotations

from urllib.request import getproxies, proxy_bypass

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def proxy_for(scheme: str, host: str) -> str | None:
    """Return the proxy for a host, None where it is asked directly: this machine always is."""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return None if not proxy or host in LOOPBACK or proxy_bypass(host) else proxy
