"""Each kind of fault of ways, clocks and disks is felt by a command: one that never bites proves nothing."""

from __future__ import annotations

import re
import sys

import pytest

from maulstick.sandbox import apps
from tests.faults.edits import Edit
from tests.faults.kinds import KINDS
from tests.faults.rounds import Fault, Player, Round
from tests.hosts.ssh_machines import SSHD

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="faults need what Linux has")

TEXT = Edit("source", "update series set body = 'Ours' where slug = 'nocturne'")
PICTURE = Edit(
    "source",
    "insert into artworks (series_id, slug, title, picture, place, updated_at)"
    " select id, 'fresh', 'Fresh', '/uploads/fresh.png', 9, '2031-01-01' from series where slug = 'nocturne'",
    picture="fresh",
)
GONE = r"server closed the connection unexpectedly"
FELT: dict[str, tuple[str, Fault, int, str]] = {
    "storage: RequestTimeTooSkewed": ("upload", Fault("", "storage", 0.1), 4, "this machine's clock is"),
    "clock jumps": ("upload", Fault("", "clock", 0.0, 5), 4, "this machine's clock is"),
    "PostgreSQL: disk full": ("apply", Fault("", "live", 0.6), 4, "could not (extend|write)"),
    "PostgreSQL: no room for its log": ("apply", Fault("", "live", 0.6), 4, f"File too large|{GONE}"),
    "fly: not logged in": ("apply", Fault("", "begin", 0.6, 1), 4, "nobody is logged in"),
    "fly: name not found": ("apply", Fault("", "begin", 0.6, 1), 4, "has no started machine"),
    "fly: answer lost": ("apply", Fault("", "begin", 0.6, 1), 4, "answer was cut off"),
    "fly: hangs and SIGINT": ("apply", Fault("", "begin", 0.6, 1), 130, "interrupted"),
    "fly: proxy dies": ("apply", Fault("", "live", 0.6, 1), 4, f"is gone: opening it again|{GONE}"),
    "fly: proxy hangs": ("apply", Fault("", "live", 0.6, 1), 4, f"is gone: opening it again|{GONE}"),
    "ssh: line cut": ("apply", Fault("", "ssh", 0.6), 4, f"is gone: opening it again|{GONE}"),
    "ssh: line stalled and cut": ("apply", Fault("", "ssh", 0.6), 4, f"is gone: opening it again|{GONE}"),
    "ssh: session killed": ("apply", Fault("", "ssh", 0.6), 4, f"is gone: opening it again|{GONE}"),
    "ssh: machine ends and is back": ("apply", Fault("", "ssh", 0.6), 4, f"is gone: opening it again|{GONE}"),
}
GOT_OVER = ("fly: proxy refuses", "fly: machine not found")
"""Faults that a command gets over."""


def felt(player: Player, name: str) -> Round:
    """Return a round with the fault where it must hurt."""
    command, fault, _, _ = FELT.get(name, ("apply", Fault("", "begin", 0.6, 1), 0, ""))
    edit = PICTURE if command == "upload" else TEXT
    return Round(0, 0, "released", (edit,), command, Fault(name, fault.line, fault.share, fault.detail))


@pytest.mark.parametrize("name", FELT)
def test_a_fault_is_said_by_the_command_that_it_hits(player: Player, name: str) -> None:
    if KINDS[name].way == "ssh" and SSHD is None:
        pytest.skip("no sshd here")
    _, _, code, says = FELT[name]
    ended = player.disturbed(felt(player, name))
    assert re.search(says, ended.said), ended.said
    assert ended.code in (code, 8 if code == 4 else code), ended.said


def test_a_machine_that_was_replaced_is_asked_for_again(player: Player) -> None:
    fly, one = player.world.ways.fly, felt(player, "fly: machine not found")
    player.known = {}
    before = fly.calls("ssh")
    player.undisturbed(one)
    undisturbed = fly.calls("ssh")
    assert player.disturbed(one).code == 0
    assert fly.calls("ssh") - undisturbed > undisturbed - before


def test_a_proxy_that_refuses_has_refused_as_often_as_it_was_told(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    fly, left = player.world.ways.fly, list[bool]()
    reset = fly.reset

    def look_and_reset() -> None:
        left.append(apps.take_fault(fly.folder, "proxy-refuses"))
        reset()

    monkeypatch.setattr(fly, "reset", look_and_reset)
    assert player.disturbed(felt(player, "fly: proxy refuses")).code == 0
    assert left[-1] is False


def test_every_kind_of_ways_clocks_and_disks_is_felt() -> None:
    new = {name for name in KINDS if name.startswith(("fly", "ssh", "clock", "PostgreSQL: ", "storage: Req"))}
    assert new == {*FELT, *GOT_OVER}
