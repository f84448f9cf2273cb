"""Before the first release to a target a dump of its tables can be kept."""

from __future__ import annotations

import subprocess

from tests.end_to_end.projects import Project, program

FIRST = "this is the first release to sandbox: --dump keeps a dump of its tables first"


def test_a_first_release_offers_a_dump_of_its_tables(fresh: Project) -> None:
    ran = fresh.release("--playbook", "content", "--dump")
    assert ran.code == 0, ran.err
    assert FIRST not in ran.err
    (file,) = (fresh.folder / ".maulstick" / "dumps").glob("sandbox-*.dump")
    assert f".maulstick/dumps/{file.name}" in ran.err
    assert file.stat().st_mode & 0o777 == 0o600
    listed = subprocess.check_output([program("pg_restore"), "--list", file], text=True)
    assert "TABLE DATA public artworks" in listed
    assert "users" not in {line.split()[-2] for line in listed.splitlines() if "TABLE DATA" in line}
    file.unlink()
    assert FIRST not in fresh.release("--playbook", "content").err
    fresh.rows("drop schema maulstick cascade")
    assert FIRST in fresh.release("--playbook", "content").err
