"""What `deploy` does on a machine of one's own: commands in their order, and the commit that runs."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from maulstick.errors import Problem
from maulstick.hosts.ssh.code import MachineCode
from maulstick.hosts.ssh.connection import connection_to
from maulstick.hosts.ssh.login import address_of
from tests.hosts.ssh_machines import Client, SshMachine

Make = Callable[..., MachineCode]


def git(folder: Path, *words: str) -> str:
    """Run git as somebody."""
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@gallery.example"]
    ran = subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def commit(folder: Path, text: str) -> str:
    """Commit a file, and return the commit."""
    (folder / "page").write_text(text)
    git(folder, "add", "page")
    git(folder, "commit", "-q", "-m", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path, machine: SshMachine) -> Path:
    """The site's code here, what it is pushed to, and its clone on the machine."""
    here = tmp_path / "checkout"
    git(tmp_path, "init", "-q", "-b", "main", str(here))
    commit(here, "first")
    git(tmp_path, "clone", "-q", "--bare", str(here), str(tmp_path / "pushed.git"))
    git(here, "remote", "add", "origin", str(tmp_path / "pushed.git"))
    git(here, "fetch", "-q")
    git(tmp_path, "clone", "-q", str(tmp_path / "pushed.git"), str(machine.folder / "it's gallery"))
    return here


@pytest.fixture
def code(machine: SshMachine, client: Client, checkout: Path) -> Iterator[Make]:
    """Return the code on the machine, as the inventory says how it gets there."""
    with ExitStack() as stack:
        connection = connection_to(address_of(machine.address), client.config)
        stack.callback(connection.close)

        def made(*deploy: str, commit_from: str = "git rev-parse HEAD", directory: str = "") -> MachineCode:
            where = directory or str(machine.folder / "it's gallery")
            return MachineCode(lambda: connection, deploy, where, commit_from)

        yield made


def ship(code: MachineCode, checkout: Path, *, wait: float | None = None) -> tuple[list[str], list[str]]:
    """Ship the checkout's commit; return the lines that were shown and the warnings."""
    lines: list[str] = []
    warnings = code.ship(
        checkout,
        git(checkout, "rev-parse", "HEAD"),
        line=lines.append,
        hide=lambda text: text.replace("pa55", "[hidden]"),
        wait=wait,
    )
    return lines, list(warnings)


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value


def test_the_commit_that_runs_is_asked_in_the_folder(code: Make, checkout: Path) -> None:
    assert code().running == git(checkout, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("registry.example/ann/gallery:3f9c2e1aa0b1c2d3e4f5061728394a5b6c7d8e9f", "3f9c2e1aa0"),
        ("3f9c2e1", "3f9c2e1"),
        ("deadbeef1/gallery:0123456789ab", "0123456789ab"),
    ],
)
def test_a_commit_is_found_in_the_name_of_an_image(code: Make, printed: str, found: str) -> None:
    assert (code(commit_from=f"echo {printed}").running or "").startswith(found)


def test_commands_run_in_their_order_and_each_line_is_shown(
    code: Make, checkout: Path, machine: SshMachine
) -> None:
    commit(checkout, "second")
    git(checkout, "push", "-q", "origin", "main")
    running = code("git pull -q", "echo to stdout; echo to stderr >&2; echo the password is pa55")
    assert running.running != git(checkout, "rev-parse", "HEAD")
    lines, warnings = ship(running, checkout)
    assert lines[0] == f"{machine.address}$ git pull -q"
    assert sorted(lines[2:]) == ["the password is [hidden]", "to stderr", "to stdout"]
    assert warnings == []
    assert running.running == git(checkout, "rev-parse", "HEAD")


def test_the_first_that_fails_ends_it_with_its_last_lines(
    code: Make, checkout: Path, machine: SshMachine
) -> None:
    touch = f"touch {shlex.quote(str(machine.folder / 'touched'))}"
    running = code("for n in 1 2 3 4 5 6 7 8 9 pa55; do echo line $n; done; exit 7", touch)
    problem = refused(lambda: ship(running, checkout))
    assert problem.where == f"deploy on {machine.address}"
    assert "failed with exit code 7\n  | line 3\n" in problem.what
    assert problem.what.endswith("  | line 9\n  | line [hidden]")
    assert not (machine.folder / "touched").exists()


def test_a_commit_that_is_not_pushed_is_found_out(code: Make, checkout: Path) -> None:
    first = git(checkout, "rev-parse", "HEAD")
    second = commit(checkout, "second")
    problem = refused(lambda: ship(code("git pull -q"), checkout))
    assert f"runs {first[:7]} after the deploy, not {second[:7]}" in problem.what
    assert "`git push`" in problem.hint


def test_a_folder_that_is_not_there_runs_nothing(code: Make, checkout: Path, machine: SshMachine) -> None:
    running = code(f"touch {shlex.quote(str(machine.folder / 'touched'))}", directory="/nowhere")
    problem = refused(lambda: ship(running, checkout))
    assert "/nowhere" in problem.what
    assert not (machine.folder / "touched").exists()


def test_a_command_that_tells_no_commit_is_refused_before_anything(code: Make) -> None:
    problem = refused(lambda: code(commit_from="echo none; echo sorry >&2; exit 3").running)
    assert "does not tell which commit runs (exit code 3): sorry" in problem.what
    assert problem.harmless


def test_without_commit_from_only_deploy_by_itself_ships(code: Make, checkout: Path) -> None:
    running = code("true", commit_from="")
    assert "without commit_from nobody tells which commit runs there" in running.refused(asked=False)
    assert running.refused(asked=True) == ""
    assert ship(running, checkout)[1] == ["without commit_from nobody tells which commit runs there now"]
    assert "the inventory names no commands" in code().refused(asked=True)


def test_a_command_that_does_not_end_is_stopped(code: Make, checkout: Path) -> None:
    problem = refused(lambda: ship(code("echo begun; sleep 60"), checkout, wait=1.5))
    assert "took longer than 1.5 s" in problem.what


def test_a_machine_that_is_gone_in_the_middle_ends_the_deploy(
    code: Make, checkout: Path, machine: SshMachine
) -> None:
    def gone(text: str) -> None:
        if text == "begun":
            machine.end()

    running = code("echo begun; sleep 60")
    problem = refused(
        lambda: running.ship(checkout, git(checkout, "rev-parse", "HEAD"), line=gone, hide=str, wait=30)
    )
    assert "without an exit status" in problem.what or "broke off" in problem.what
