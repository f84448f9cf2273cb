"""Addresses that one machine or one network alone knows, however they are spelt."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from urllib.parse import unquote


class Reach(IntEnum):
    """From where an address leads to its server."""

    MACHINE = 1
    NETWORK = 2
    EVERYWHERE = 3


# As browsers read it (url.spec.whatwg.org): blanks around and ends of lines in it are nothing, a backslash
# is a slash, and any number of slashes will do.
_ADDRESS = re.compile(r"(?:https?:/*|//)([^/?#]*)", re.IGNORECASE)
_UNSEEN = re.compile(r"[\t\r\n]")
_PART = re.compile(r"0x[0-9a-f]*|[0-9]+")

ALONE = (
    "localhost",
    "localdomain",
    "lvh.me",
    "localtest.me",
    "vcap.me",
    "local.gd",
    "localhost.localstack.cloud",
)
"""Names that mean the machine that asks; from the third on for whoever develops with them."""
NUMBERED = re.compile(r"(?:^|[.-])([0-9]{1,3}(?:[.-][0-9]{1,3}){3})[.](?:nip|sslip|xip)[.]io$")
"""Names that mean the number in them."""
INSIDE = (
    "local",
    "internal",
    "test",
    "lan",
    "home",
    "home.arpa",
    "intranet",
    "corp",
    "private",
    "flycast",
    "docker",
)
"""Names that no public server has (RFC 6761, 6762 and 8375, and what routers, firms and Fly hand out)."""
HOSTS = 4096
"""Addresses that are remembered: many rows name the same few hosts."""
NETWORKS: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network] = [
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "fc00::/7",
        "fe80::/10",
    )
]


@lru_cache(HOSTS)
def host_of(value: str) -> str:
    """Return the host that a browser would ask for an address, "" for what is no address."""
    text = _UNSEEN.sub("", value).strip().replace("\\", "/")
    address = _ADDRESS.match(text)
    if address is None:
        return ""
    server = address[1].rpartition("@")[2]
    if server.startswith("["):
        return server[1:].partition("]")[0].lower()
    name = unicodedata.normalize("NFKC", unquote(server.partition(":")[0])).lower()
    return name.replace("\N{IDEOGRAPHIC FULL STOP}", ".").rstrip(".")


@lru_cache(HOSTS)
def reach_of(host: str) -> Reach:
    """Return from where a host is reached; a name without a dot is one of its own network."""
    numbered = NUMBERED.search(host)
    number = _number(numbered[1].replace("-", ".") if numbered else host)
    if number is not None:
        return _reach_of_number(number)
    if _ends_in(host, ALONE):
        return Reach.MACHINE
    if _ends_in(host, INSIDE) or "." not in host:
        return Reach.NETWORK
    return Reach.EVERYWHERE


def is_lost(value: str, site: str) -> bool:
    """Return whether an address leads nowhere for those who read it on a site.

    What stands on the site's own host is as near as the site. Two slashes may begin a path too, so that a
    bare name after them is taken for a host only where it is `localhost`, or has a port.
    """
    host, home = host_of(value), host_of(site)
    if not host or host == home or _may_be_path(value, host):
        return False
    return reach_of(host) < reach_of(home)


def _may_be_path(value: str, host: str) -> bool:
    begins = value.strip().replace("\\", "/").startswith("//")
    server = value.strip().replace("\\", "/").removeprefix("//").partition("/")[0]
    return begins and "." not in host and ":" not in server and not _ends_in(host, ALONE)


def _ends_in(host: str, names: Sequence[str]) -> bool:
    return any(f".{host}".endswith(f".{name}") for name in names)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return a host as a number, None for a name; one to four parts, decimal, octal or hexadecimal."""
    if ":" in host:
        try:
            return ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return None
    parts = host.split(".")
    if len(parts) > 4 or not all(_PART.fullmatch(part) for part in parts):
        return None
    try:
        *first, last = [int(part[2:] or "0", 16) if part[:2] == "0x" else _decimal(part) for part in parts]
    except ValueError:
        return None
    if any(part > 255 for part in first) or last >= 256 ** (4 - len(first)):
        return None
    return ipaddress.IPv4Address(sum(part << (24 - 8 * n) for n, part in enumerate(first)) + last)


def _decimal(part: str) -> int:
    return int(part, 8 if part.startswith("0") and len(part) > 1 else 10)


def _reach_of_number(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Reach:
    if isinstance(number, ipaddress.IPv6Address):
        number = number.ipv4_mapped or number.sixtofour or number
    if number.is_loopback or number.is_unspecified or (number.version == 4 and int(number) >> 24 == 0):
        return Reach.MACHINE
    if any(number.version == network.version and number in network for network in NETWORKS):
        return Reach.NETWORK
    return Reach.EVERYWHERE
