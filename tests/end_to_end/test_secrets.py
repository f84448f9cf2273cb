"""No secret of the sandbox leaves the places that are made for it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from maulstick.sandbox import apps
from tests.end_to_end.projects import SERIES, Project

# The sandbox's own keepers of secrets; only their owner can read them.
KEEPERS = ("state.json", "fly/world.json", "storage/s3.json", "bin/fly")


def _secrets(project: Project) -> set[str]:
    world = json.loads((project.sandbox / "fly" / "world.json").read_text())
    env = world["apps"][apps.SITE_APP]["env"]
    hidden = [value for name, value in env.items() if "SECRET" in name or "KEY" in name]
    return {*project.state.secrets.values(), *hidden, env["DATABASE_URL"], world["token"]}


def _leaks(project: Project, *texts: str) -> list[str]:
    return [f"{secret} in {text[:200]}" for text in texts for secret in _secrets(project) if secret in text]


def _files(project: Project) -> list[str]:
    found = [path for path in _ours(project.sandbox) if str(path.relative_to(project.sandbox)) not in KEEPERS]
    return [f"{path}\n{path.read_bytes().decode(errors='replace')}" for path in found]


def _ours(folder: Path) -> list[Path]:
    left_out = ("checkout", "media", "files", "postgres")
    return [path for path in folder.rglob("*") if path.is_file() and not {*left_out} & {*path.parts}]


def _processes_until_it_ends(process: subprocess.Popen[str]) -> str:
    seen = []
    while process.poll() is None:
        seen.append(subprocess.check_output(["ps", "-eo", "args", "ww"], text=True))
    return "".join(seen)


def test_the_sandbox_has_secrets_to_hide(fresh_once: Project) -> None:
    assert len(_secrets(fresh_once)) >= 10
    assert all((fresh_once.sandbox / name).stat().st_mode & 0o077 == 0 for name in KEEPERS)


def test_no_output_file_or_process_shows_a_secret(fresh: Project) -> None:
    process = fresh.start("release", *SERIES)
    processes = _processes_until_it_ends(process)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "sandbox.fly proxy" in processes
    assert _leaks(fresh, out, err, processes, *_files(fresh)) == []


def test_machine_readable_output_shows_no_secret(released: Project) -> None:
    runs = [
        released.release("--json"),
        released.invoke("plan", *SERIES, "--json"),
        released.invoke("history"),
    ]
    assert all(ran.code == 0 for ran in runs)
    assert _leaks(released, *(ran.out + ran.err for ran in runs)) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("DATABASE_URL", "@olivia-art-portfolio-db.flycast:5432", "@127.0.0.1:9"),
        ("DATABASE_URL", "/olivia_art_portfolio?", "/nowhere?"),
        ("DATABASE_URL", "postgres://olivia_art_portfolio:", "postgres://olivia_art_portfolio:x"),
        ("DATABASE_URL", "sslmode=disable", "sslmode=wrong"),
        ("AWS_SECRET_ACCESS_KEY", "", "x"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:", "http://127.0.0.1:1/"),
    ],
)
def test_no_failure_shows_a_secret(released: Project, name: str, old: str, new: str) -> None:
    app = apps.load(released.sandbox).apps[apps.SITE_APP]
    env = {**app.env, name: app.env[name].replace(old, new, 1)}
    apps.change_app(released.sandbox, app.name, lambda now: replace(now, env=env))
    ran = released.release("--playbook", "media")
    leaks = _leaks(released, ran.out, ran.err)
    apps.change_app(released.sandbox, app.name, lambda now: replace(now, env=app.env))
    assert ran.code == 4, ran.err
    assert "Traceback" not in ran.err
    assert leaks + _leaks(released, ran.out, ran.err) == []


def test_a_database_s_own_words_show_no_secret(fresh: Project) -> None:
    fresh.rows(
        "create function stop() returns trigger language plpgsql as"
        " $$ begin raise exception 'stopped by a trigger'; end $$"
    )
    fresh.rows("create trigger stop before insert on series for each row execute function stop()")
    ran = fresh.release()
    assert ran.code == 4
    assert "stopped by a trigger" in ran.err
    assert _leaks(fresh, ran.out, ran.err) == []
