"""Questions to the addresses that a page names: can a visitor's browser ask for them at all?"""

from __future__ import annotations

from urllib.parse import urlsplit

from maulstick.verify.http import is_inside

PATH_STYLE = ("fly.storage.tigris.dev", "t3.storage.dev")
"""Tigris answers 403 to addresses of this form (docs/fly-facts.md, "Tigris")."""


def unfit(address: str, site: str) -> tuple[str, str] | None:
    """Return what is wrong with an address on a page of `site`, with a hint; None where nothing is."""
    parts = urlsplit(address)
    if parts.hostname in PATH_STYLE:
        return (
            "its address is path-style, which Tigris refuses",
            "set S3_PUBLIC_URL to the bucket's own host name",
        )
    if is_inside(address) and not is_inside(site):
        return f"{address} is known to this machine only", f"is it meant to be on {site}?"
    if parts.scheme == "http" and urlsplit(site).scheme == "https":
        return f"{address} is not encrypted on an encrypted page", "browsers may refuse it"
    return None


def is_neighbour(address: str, site: str) -> bool:
    """Tell whether an address is another server's on the machine or network of a site that is inside too."""
    return is_inside(address) and urlsplit(address).netloc != urlsplit(site).netloc
