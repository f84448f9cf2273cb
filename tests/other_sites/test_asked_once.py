"""What a command asks and says once: a site that does not answer, and what an apply alone overwrites."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.other_sites.conftest import MakeSite
from tests.other_sites.test_last_words import PLUGIN, ROWS, TABLES

ALL = ("release", "--all", "--only=check", "--only=export", "--only=plan", "--only=apply", "--without-media")
DRAFTS = TABLES.replace("title text", "title text, status text not null default 'draft'")


@contextmanager
def hanging_up() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a site that hangs up at once, and whoever has come."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, (host, _) = server.accept()
                except OSError:
                    return
                came.append(host)
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", came
        server.shutdown(socket.SHUT_RDWR)


def test_a_site_that_does_not_answer_is_asked_once_for_all_subjects(
    other_site: MakeSite, storage: str
) -> None:
    def asked(series: int) -> int:
        more = "".join(f"insert into series (slug) values ('more-{n}');" for n in range(series))
        with hanging_up() as (address, came):
            site = other_site(TABLES, local=ROWS + more, plugin=PLUGIN, site=address, storage=storage)
            ran = site.invoke(*ALL)
            assert ran.code == 0, ran.err
            assert ran.err.count("verify may not be able to tell") == series + 1
            return len(came)

    assert asked(3) == asked(0) > 0


@pytest.mark.parametrize("command", ["plan", "apply", "release"])
def test_a_default_that_a_row_of_nobody_holds_is_named_by_each_command(
    other_site: MakeSite, command: str
) -> None:
    site = other_site(DRAFTS, local=ROWS, live=ROWS, plugin=PLUGIN)
    site.run_dev("update artworks set status = 'live' where slug = 'lamp'")
    assert site.invoke("export", "--series", "nocturne").code == 0
    more = {"release": ("--only=apply", "--without-media"), "apply": ("--without-media",)}.get(command, ())
    ran = site.invoke(command, "--series", "nocturne", *more)
    assert ran.code == 0, ran.err
    assert ran.err.count("warning: artworks lamp: status: what live has will be overwritten") == 1, ran.err
    again = site.invoke("apply", "--series", "nocturne", "--without-media")
    assert (again.code, "overwritten" in again.err) == (0, command == "plan"), again.err
