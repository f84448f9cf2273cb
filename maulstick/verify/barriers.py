"""What stands between a visitor and a page, and answers for it: a challenge, a login, a cache."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

GONE = (404, 410)
"""What says that there is nothing to be got; other refusals are of who asks, or of the moment."""
LET_IN = "a login or a guard may let headers pass, or basic_auth: the target's, in the inventory"
CHALLENGES = ("cf-mitigated", "x-vercel-mitigated", "x-amzn-waf-action", "x-sucuri-block", "x-datadome-cid")
"""Headers of those that ask a visitor first whether it is a person."""
# fmt: off
KEPT = re.compile(r"\b(hit|stale|prerender|updating|fresh)\b", re.IGNORECASE)
"""What a header of a cache says of a page that it kept; such a header has `cache` in its name."""
NOTE = re.compile(
    r"<!--[^>]*(cached@|from cache|cached page|page cached|cached (on|at|by)|super cache|total cache)",
    re.IGNORECASE,
)
"""What a cache writes at the end of a page that it kept."""
END = 1000
TITLES = (
    "access denied", "age verification", "are you human", "attention required", "authentication required",
    "be right back", "before you continue", "bot verification", "checking your browser", "client challenge",
    "coming soon", "ddos-guard", "down for maintenance", "just a moment", "maintenance", "making sure you",
    "one moment, please", "please wait...", "robot check", "security check", "service unavailable",
    "site maintenance", "under maintenance", "vercel security checkpoint", "verify you are human",
    "we'll be back", "website under",
)
MARKS = (
    "_cf_chl_opt", "_incapsula_resource", "sucuri_cloudproxy_js", "anubis_challenge", "captcha-delivery.com",
    "px-captcha", "/_sec/cp_challenge", "awswafintegration", "gokuprops", "ddos-guard/js-challenge",
)
# fmt: on
GATES = re.compile(
    r"/(\w+-)?(log-?_?in|anmelden|connexion|inloggen|sign-?_?in|sso|oauth2?|authenticate|auth|saml|session(s)?/new|password|access-?denied"
    r"|challenge|captcha|age-?(gate|check|verification)|consent|cookie-?wall|coming-?soon|maintenance)"
    r"([/.]|$)",
    re.IGNORECASE,
)


def is_challenged(headers: Mapping[str, str]) -> bool:
    """Return whether an answer asks its visitor first to prove that it is a person."""
    return any(headers.get(name) for name in CHALLENGES)


def refusal(status: int, headers: Mapping[str, str]) -> str:
    """Return in words why an answer says nothing of what is there, "" where it says it."""
    if mark := next((name for name in CHALLENGES if headers.get(name)), ""):
        return f"answers {status} with a challenge to visitors ({mark})"
    if status == 401:
        return "answers 401: it asks who is there"
    return "" if status == 200 or status in GONE else f"answers {status}"


def hint_of(status: int) -> str:
    """Return what to do where a status keeps us out, "" where nothing is known to help."""
    return LET_IN if status in (401, 403) else ""


def challenge(title: str, html: str) -> str:
    """Return in words that a page only asks whether its visitor is a person, "" where it does not."""
    if title.lower().startswith(TITLES):
        return f'is a challenge to visitors, or a notice ("{title}")'
    text = html.lower()
    return "is a challenge to visitors" if any(mark in text for mark in MARKS) else ""


def gate(asked: str, ended: str) -> str:
    """Return in words that an address led to a login or the like, "" where it did not.

    It did where it leads to another host, to a path that is named so, or where it is told to lead back.
    """
    there, here = urlsplit(ended), urlsplit(asked)
    if _host(ended) != _host(asked):
        return f"leads to {there.netloc}"
    moved = unquote(there.path).rstrip("/") != unquote(here.path).rstrip("/")
    leads_back = len(here.path) > 1 and unquote(here.path) in unquote(there.query)
    return f"leads to {there.path}" if moved and (leads_back or GATES.search(there.path)) else ""


def age(headers: Mapping[str, str]) -> str:
    """Return in words that an answer was kept by a cache, "" where it was made now."""
    seconds = headers.get("age", "").strip()
    if seconds.isdigit() and int(seconds):
        return f"comes from a cache, {seconds} s old"
    for name, value in headers.items():
        is_cache = "cache" in name.lower() and name.lower() != "cache-control"
        if (is_cache and KEPT.search(value)) or (name.lower() == "x-varnish" and " " in value.strip()):
            return f"comes from a cache ({name}: {value})"
    return ""


def kept(html: str) -> str:
    """Return in words that a page says that a cache kept it, "" where it does not."""
    return "comes from a cache, as it says at its end" if NOTE.search(html[-END:]) else ""


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")
