"""`host = "ssh"` against OpenSSH's own sshd, with a real PostgreSQL behind it."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from maulstick.errors import Exit, Problem
from maulstick.hosts.host import open_host
from maulstick.hosts.kinds import own_kinds
from maulstick.project.inventory import load
from maulstick.sandbox.postgres import Postgres
from tests.hosts.ssh_machines import INVENTORY, Client, Open, SshMachine, refused, running


def test_a_command_shows_the_environment_and_the_tunnel_leads_to_the_database(
    reach: Open, gallery: str
) -> None:
    host = reach()
    assert set(host.environment) == {"DATABASE_URL", "S3_BUCKET"}
    url = host.database.reveal()
    assert url != gallery
    with psycopg.connect(url) as one, psycopg.connect(host.database.reveal()) as other:
        assert one.execute("select 1").fetchall() == other.execute("select 1").fetchall() == [(1,)]
        assert one.info.port == other.info.port, "all connections go over one tunnel"


def test_many_rows_come_through_the_tunnel_whole(reach: Open, gallery: str) -> None:
    with psycopg.connect(reach().database.reveal()) as database:
        rows = database.execute(
            "select n, repeat(md5(n::text), 40) from generate_series(1, 5000) n"
        ).fetchall()
        assert len(rows) == 5000
        database.execute("create temporary table t (n int, v text)")
        with database.cursor().copy("copy t from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        assert database.execute("select count(*), sum(length(v)) from t").fetchone() == (5000, 5000 * 1280)


def test_the_tunnel_ends_with_us(
    tmp_path: Path, client: Client, machine: SshMachine, gallery: str, reach: Open
) -> None:
    target = reach().target
    with ExitStack() as stack:
        host = open_host(target, stack, print)
        port = psycopg.conninfo.conninfo_to_dict(host.database.reveal())["port"]
        socket.create_connection(("127.0.0.1", int(port))).close()
    with pytest.raises(OSError):  # noqa: PT011 - refused, or reset
        socket.create_connection(("127.0.0.1", int(port)), timeout=120)


def test_an_interruption_ends_the_tunnel_too(gallery: str, reach: Open) -> None:
    target = reach().target
    opened: list[psycopg.Connection] = []

    def interrupted() -> None:
        with ExitStack() as stack:
            opened.append(psycopg.connect(open_host(target, stack, print).database.reveal()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(psycopg.OperationalError):
        opened[0].execute("select 1")


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("printf 'A=x\\nS3_BUCKET=it is #1\\nB=y\\n'", "it is #1"),
        ("printf 'S3_BUCKET=two\\nlines\\nB=y\\n'", "two\nlines"),
        ("printf 'A=x\\0S3_BUCKET=nul\\nand line\\0B=y\\0'", "nul\nand line"),
        ("echo \"export S3_BUCKET='quoted'\"", "quoted"),
        ("echo 'S3_BUCKET=\"double\"'", "double"),
        ("printf 'S3_BUCKET=windows\\r\\nB=y\\r\\n'", "windows"),
    ],
)
def test_what_a_command_prints_is_read(reach: Open, machine: SshMachine, script: str, value: str) -> None:
    machine.program("site-env", script)
    assert reach().environment["S3_BUCKET"].reveal() == value


def test_a_dotenv_file_on_the_machine_is_read_and_not_our_environment(
    reach: Open, machine: SshMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORD", "ours")
    (machine.folder / ".env").write_text('# the site\nexport S3_BUCKET="gal${WORD}lery" # here\nPORT=4000\n')
    host = reach(environment=str(machine.folder / ".env"))
    assert {name: value.reveal() for name, value in host.environment.items()} == {
        "S3_BUCKET": "gal${WORD}lery"
    }


def test_a_unit_of_systemd_is_read_with_its_files(reach: Open, machine: SshMachine) -> None:
    (machine.folder / "unit.env").write_text('AWS_REGION=from-file\nS3_PUBLIC_URL="https://x.example"\n')
    shown = (
        'LoadState=loaded\nEnvironment=S3_BUCKET=gallery AWS_REGION=own "BUCKET_NAME=with blank"\n'
        f"EnvironmentFiles={machine.folder}/unit.env (ignore_errors=no)\n"
        "EnvironmentFiles=/nowhere/at.all (ignore_errors=yes)\n"
    )
    (machine.folder / "shown").write_text(shown)
    machine.program("systemctl", f'[ "$8 $9" = "-- gallery.service" ] && cat {machine.folder}/shown')
    host = reach(environment="systemd:gallery.service")
    assert {name: value.reveal() for name, value in host.environment.items()} == {
        "AWS_REGION": "from-file",
        "S3_BUCKET": "gallery",
        "BUCKET_NAME": "with blank",
        "S3_PUBLIC_URL": "https://x.example",
    }
    machine.program("systemctl", "echo LoadState=not-found; echo Environment=")
    problem = refused(lambda: reach(environment="systemd:gallery.service").environment)
    assert 'systemd knows no unit "gallery.service"' in str(problem)


def test_a_command_that_fails_says_so_and_shows_no_secret(reach: Open, machine: SshMachine) -> None:
    machine.program("site-env", "echo DATABASE_URL=postgresql://u:pa55@h/d; echo 'no container' >&2; exit 3")
    problem = refused(lambda: reach().environment)
    assert str(problem) == (
        f"{machine.address}: `site-env` failed with exit code 3: no container\n"
        "  hint: environment_from in the inventory says where it is"
    )


def test_what_is_not_set_there_is_named(reach: Open, machine: SshMachine) -> None:
    machine.program("site-env", "echo PORT=4000")
    problem = refused(lambda: reach().database)
    assert str(problem) == (
        f"{machine.address}/DATABASE_URL: is not set in what `site-env` shows\n"
        "  hint: set DATABASE_URL there, or change environment_from"
    )


def test_a_database_that_only_containers_know_is_named_by_the_inventory(
    reach: Open, server: Postgres, machine: SshMachine
) -> None:
    inside = server.url("postgres").replace(f"127.0.0.1:{server.port}", "db.invalid:5432")
    machine.program("site-env", f"echo 'DATABASE_URL={inside}'")
    problem = refused(lambda: reach().database)
    assert "does not reach the database at db.invalid:5432" in problem.what
    assert problem.hint == 'database_at = "HOST:PORT" names the database as the machine itself reaches it'
    machine.program("where-is", f"echo 127.0.0.1:{server.port}")
    for at in (f"127.0.0.1:{server.port}", "where-is db"):
        with psycopg.connect(reach(f'database_at = "{at}"').database.reveal()) as database:
            assert database.execute("select 1").fetchone() == (1,)
    machine.program("where-is", "echo 'no such container' >&2")
    problem = refused(lambda: reach('database_at = "where-is db"').database)
    assert "`where-is db` does not tell where the database is (exit code 0): no such container" in str(
        problem
    )


def test_a_socket_is_refused_with_what_to_do(reach: Open, machine: SshMachine) -> None:
    machine.program("site-env", "echo 'DATABASE_URL=postgresql:///gallery?host=/var/run/postgresql'")
    problem = refused(lambda: reach().database)
    assert "names a socket, which no tunnel reaches" in str(problem)
    assert problem.code == Exit.USAGE


def test_an_address_for_plans_goes_through_the_tunnel_too(reach: Open, server: Postgres) -> None:
    host = reach(f'plan_database = "{server.url("postgres")}"')
    with psycopg.connect(host.plan_database.reveal()) as database:
        assert database.execute("select 1").fetchone() == (1,)


def test_a_machine_that_forwards_nothing_is_named(reach: Open, client: Client, tmp_path: Path) -> None:
    with running(tmp_path / "closed", client, "AllowTcpForwarding no") as closed:
        client.know(closed)
        closed.program("site-env", "echo DATABASE_URL=postgresql://u:pa55@127.0.0.1:1/d")
        problem = refused(lambda: reach(address=closed.address).database)
    assert problem.what == "allows no tunnel to 127.0.0.1:1"
    assert "AllowTcpForwarding" in problem.hint


def test_a_machine_that_is_gone_in_the_middle_ends_the_connection(
    reach: Open, machine: SshMachine, gallery: str
) -> None:
    host = reach()
    with psycopg.connect(host.database.reveal()) as database:
        machine.end()
        with pytest.raises(psycopg.OperationalError):
            database.execute("select 1")
    assert "cannot be reached" in str(refused(lambda: host.database))


def test_a_session_that_broke_off_is_opened_again(
    reach: Open, machine: SshMachine, gallery: str, said: list[str]
) -> None:
    host = reach()
    first = host.database.reveal()
    host.machine.transport.close()
    with psycopg.connect(host.database.reveal()) as database:
        assert database.execute("select 1").fetchone() == (1,)
    assert said == ["the way to 127.0.0.1 is gone: opening it again"]
    assert first


def test_a_plugin_runs_commands_and_copies_files(reach: Open, machine: SshMachine, tmp_path: Path) -> None:
    there = reach().machine
    (tmp_path / "here").write_text("Zoë 蓮\n" * 1000)
    there.put(str(tmp_path / "here"), remote=str(machine.folder / "there"))
    assert there.run(f"wc -l < {machine.folder}/there", hide=True).stdout.strip() == "1000"
    there.get(str(machine.folder / "there"), local=str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == (tmp_path / "here").read_bytes()
    assert there.run("exit 4", hide=True, warn=True).exited == 4
    with pytest.raises(Problem, match="gave no answer for 0.5 s"):
        there.run("sleep 100", timeout=0.5)


MISTAKES = [
    ("machine", '"-oProxyCommand=x"', 'machine: should be a machine such as "deploy@gallery.example"'),
    (
        "machine",
        '"deploy@gallery.example:99999"',
        'machine: should be a machine such as "deploy@gallery.example"',
    ),
    ("machine", '"deploy@"', 'machine: should be a machine such as "deploy@gallery.example"'),
    ("database_at", '"what?"', "database_at: should be HOST, HOST:PORT or a command that prints one of them"),
    ("deploy", '"git pull"', 'deploy: should be a list of texts, not "git pull"'),
    ("deploy", "[5]", "deploy/1: should be text, not 5"),
]


@pytest.mark.parametrize(("key", "value", "says"), MISTAKES)
def test_a_mistake_is_named_before_anything_is_reached(
    tmp_path: Path, key: str, value: str, says: str
) -> None:
    values = {"machine": '"gallery"', "environment_from": '"printenv"', key: value}
    lines = "".join(f"{name} = {text}\n" for name, text in values.items())
    head, _, _ = INVENTORY.partition("machine =")
    (tmp_path / "inventory.toml").write_text(head + lines)
    problem = refused(lambda: load(tmp_path / "inventory.toml", own_kinds()))
    assert str(problem).startswith(f"inventory.toml/targets/vps/{says}")
    assert problem.code == Exit.USAGE
