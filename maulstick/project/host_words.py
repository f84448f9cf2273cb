"""The words of a target: how it is reached, and how its bucket is spoken to."""

from __future__ import annotations

from typing import Literal, get_args

Host = Literal["fly", "direct", "sandbox"]
Ssh = Literal["console", "exec", "certificate"]
Addressing = Literal["virtual", "path"]
Acl = Literal["private", "public-read"]

HOSTS: tuple[Host, ...] = get_args(Host)
# The sandbox's own source has this name; a bundle of it must never pass for one of the user's.
SANDBOX_SOURCE = "sandbox"
