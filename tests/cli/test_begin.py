"""A project begun in a folder: what is proposed, what is written, and what is left as it was."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from maulstick.cli.starter.project_files import Answers, inventory_text
from maulstick.cli.starter.site_facts import facts_of
from maulstick.hosts import kinds
from maulstick.project.inventory import load

ECTO = 'config :olive, Olive.Repo,\n  username: "ada",\n  password: "secret",\n  database: "olive_dev"\n'
PLUGIN = """
from maulstick import Kind, hookimpl


@hookimpl
def maulstick_kinds():
    yield Kind("post", table="posts", key="slug")
"""
SITES = tomllib.loads((Path(__file__).parent / "sites.toml").read_text())


def maulstick(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Type `maulstick …` in a folder."""
    program = "from maulstick.cli.program import main; main()"
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", SITES)
def test_a_framework_and_its_database_are_known_by_their_files(tmp_path: Path, name: str) -> None:
    site = SITES[name]
    facts = facts_of(write(tmp_path, site["files"]))
    assert (facts.framework, facts.database, facts.local_site) == (
        site["framework"],
        site["database"],
        site["site"],
    )


@pytest.mark.parametrize(
    "url",
    [
        "ecto://ada:s3cret@db/olive?pool_size=5",
        "postgres://db/olive?user=ada&password=s3cret&sslpassword=s3cret",
    ],
)
def test_a_password_is_never_proposed(tmp_path: Path, url: str) -> None:
    facts = facts_of(write(tmp_path, {".env": f"DATABASE_URL={url}\n"}))
    assert facts.has_password
    assert "s3cret" not in repr(facts)


def test_the_app_on_fly_and_the_media_folder_are_proposed(tmp_path: Path) -> None:
    (tmp_path / "priv" / "static" / "uploads").mkdir(parents=True)
    (tmp_path / "media").mkdir()
    facts = facts_of(write(tmp_path, {"fly.toml": 'app = "olive"\n'}))
    assert (facts.app, facts.live_site, facts.media_root) == ("olive", "https://olive.fly.dev", "priv/static")


def test_files_that_cannot_be_read_say_nothing(tmp_path: Path) -> None:
    odd = b"\xe9\x00development:\n"
    names = (
        *("fly.toml", "config/dev.exs", "mix.exs", "config/database.yml", ".env.local", "knexfile.ts"),
        *("olive/settings.py", "prisma/schema.prisma", "compose.yaml"),
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(odd)
    (tmp_path / ".env").mkdir()
    (tmp_path / "media").symlink_to("media")
    assert (facts_of(tmp_path).app, facts_of(tmp_path).database) == ("", "")
    assert facts_of(tmp_path / "nowhere").framework == ""


@pytest.mark.parametrize(
    "answers",
    [
        Answers(),
        Answers(
            database="postgresql://localhost/olive", media_root="media", live_site="https://olive.example"
        ),
        Answers(database="postgresql://localhost/olive", app="olive", live_site="https://olive.fly.dev"),
        Answers(host="direct", live_site="https://olive.example", site_folder='..\\o"l', media_root='m"'),
        Answers(host="ssh", live_site="https://olive.example"),
    ],
)
def test_an_inventory_that_is_proposed_can_be_read(tmp_path: Path, answers: Answers) -> None:
    (tmp_path / "inventory.toml").write_text(inventory_text(answers))
    known = load(tmp_path / "inventory.toml", kinds.own_kinds())
    assert known.default in known.targets


def test_a_project_is_begun_in_a_folder_of_its_own(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"mix.exs": "", "config/dev.exs": ECTO, "fly.toml": 'app = "olive"\n'})
    assert maulstick(tmp_path, "init", "--site-folder", "nowhere", "--yes").returncode == 2
    typed = ("--site-folder", str(site), "--database", "postgresql://ada:secret@localhost/olive_dev")
    ran = maulstick(tmp_path, "init", "gallery", *typed, "--yes", "--playbooks")
    assert ran.returncode == 0, ran.stderr
    project = tmp_path / "gallery"
    inventory = load(project / "inventory.toml", kinds.own_kinds())
    assert inventory.targets["production"].keys.app == "olive"
    assert "secret" not in (project / "inventory.toml").read_text()
    assert (project / "playbooks" / "release.toml").is_file()
    assert {"tasks.py: written", "inventory.toml: written"} <= {*ran.stdout.splitlines()}
    listed = maulstick(project, "--list")
    assert "  release " in listed.stdout


def test_a_folder_that_is_typed_is_meant_as_seen_from_here(tmp_path: Path) -> None:
    write(tmp_path / "site", {"mix.exs": "", "config/dev.exs": ECTO})
    assert maulstick(tmp_path, "init", "gallery", "--site-folder", "site", "--yes").returncode == 0
    text = (tmp_path / "gallery" / "inventory.toml").read_text()
    assert 'checkout = "../site"' in text
    assert "olive_dev" in text


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write(tmp_path, {"tasks.py": "mine\n", ".gitignore": "/dist", "inventory.toml": "mine\n"})
    (tmp_path / "requirements.txt").symlink_to("nowhere")
    ran = maulstick(tmp_path, "init", "--yes")
    assert ran.returncode != 0 or "tasks.py: there already" in ran.stdout
    assert (tmp_path / "tasks.py").read_text() == "mine\n"
    assert (tmp_path / "inventory.toml").read_text() == "mine\n"


def test_lines_are_added_to_gitignore_once(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "/dist"})
    for _ in range(2):
        assert maulstick(tmp_path, "init", "--yes").returncode == 0
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[0] == "/dist"
    assert lines.count(".maulstick/") == lines.count(".env") == 1


def test_maulstick_alone_says_what_comes_next(tmp_path: Path) -> None:
    assert "Begin with: maulstick init" in maulstick(tmp_path).stdout
    maulstick(tmp_path, "init", "--yes")
    assert "maulstick plugins.new NAME --table TABLE" in maulstick(tmp_path).stdout
    write(tmp_path, {"plugins/post.py": PLUGIN})
    assert "Ready. For example: maulstick release --post …" in maulstick(tmp_path).stdout
    assert maulstick(tmp_path, "--version").stdout.startswith("Maulstick ")


def test_values_are_completed(tmp_path: Path) -> None:
    maulstick(tmp_path, "init", "--yes")

    def completed(line: str) -> list[str]:
        return maulstick(tmp_path, "--complete", "--", f"maulstick {line}").stdout.split()

    assert completed("release --target ") == ["sandbox"]
    assert "content" in completed("release --playbook ")
    assert {"check", "verify"} <= {*completed("release --skip ")}
    assert "deploy" not in completed("release --playbook content --only ")
    assert "release" in completed("rel")
    assert "--playbook" in completed("release --")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_for_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    ran = maulstick(tmp_path, "completion", "--shell", shell)
    assert ran.returncode == 0, ran.stderr
    (written,) = [path for path in tmp_path.rglob("*") if path.is_file() and "maulstick" in path.name]
    assert "_complete_maulstick" in written.read_text()


def test_a_shell_that_is_not_known_is_refused(tmp_path: Path) -> None:
    ran = maulstick(tmp_path, "completion", "--shell", "csh")
    assert ran.returncode == 2
    assert '"csh" is not one of bash, zsh, fish' in ran.stderr


def test_a_schema_in_the_folder_becomes_the_sandbox_s(tmp_path: Path) -> None:
    assert maulstick(write(tmp_path, {"seed.sql": ""}), "init", "a", "--yes").returncode == 0
    write(tmp_path, {"b/schema.sql": "", "b/seed.sql": ""})
    assert maulstick(tmp_path, "init", "b", "--yes").returncode == 0
    targets = [load(tmp_path / name / "inventory.toml", kinds.own_kinds()).targets for name in "ab"]
    files = [(one["sandbox"].keys.schema, one["sandbox"].keys.seed) for one in targets]
    assert files == [(None, None), (tmp_path / "b" / "schema.sql", tmp_path / "b" / "seed.sql")]
