"""A target without Fly: every task works with a dotenv file, and no `fly` is ever called."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from maulstick.sandbox import databases
from tests.end_to_end.direct import save, values, without_fly
from tests.end_to_end.projects import SERIES, Project, result


@pytest.fixture
def direct(fresh: Project, other: Project) -> Project:
    """A project whose targets are reached without Fly."""
    return without_fly(other)


def test_every_task_works_and_no_fly_is_called(direct: Project, undisturbed: dict[str, Any]) -> None:
    for words in (("check", *SERIES), ("export", *SERIES), ("plan", *SERIES), ("apply", *SERIES, "--check")):
        ran = direct.invoke(*words, *(("--without-media",) if "--check" in words else ()))
        assert ran.code == 0, ran.err
    ran = direct.release()
    assert ran.code == 0, ran.err
    assert ran.steps["deploy"] == ("skipped", 'host = "direct" has nothing to deploy to')
    assert ran.out.startswith("release 1: live is in step with local")
    assert result(direct) | {"ledger": 0} == undisturbed | {"ledger": 0}
    assert "series embodiment                        in step" in direct.invoke("status").out
    assert direct.invoke("verify", *SERIES).code == 0
    assert "verified" in direct.invoke("history").out
    assert direct.invoke("rollback", "--last").code == 0
    assert direct.rows("select 1 from series where slug = 'embodiment'") == []
    assert not (direct.folder / "fly-was-called").exists()


def test_a_second_release_changes_nothing(direct: Project) -> None:
    assert direct.release("--playbook", "content").code == 0
    ran = direct.release("--playbook", "content")
    assert ran.out.startswith("nothing to release: live is in step with local")
    assert {ran.words[step] for step in ("export", "upload", "apply")} == {"unchanged"}


def test_a_plan_needs_no_source(direct: Project) -> None:
    assert direct.invoke("export", *SERIES).code == 0
    file = direct.folder / "inventory.toml"
    file.write_text(re.sub(r"(?m)^(database = .*@127.0.0.1):\d+", r"\1:1", file.read_text()))
    ran = direct.invoke("plan", *SERIES)
    assert (ran.code, ran.words["plan"]) == (0, "done"), ran.err
    assert "warning" not in ran.err


def test_what_the_file_lacks_is_not_taken_from_the_shell(direct: Project) -> None:
    found = values(direct, databases.PRODUCTION.name)
    save(direct.folder / ".env.live", {**found, "DATABASE_URL": ""})
    shell = replace(direct, environment={**direct.environment, "DATABASE_URL": found["DATABASE_URL"]})
    ran = shell.invoke("check", *SERIES)
    assert ran.code == 4
    assert 'live/DATABASE_URL: is not set in ".env.live"\n  hint: add a line: DATABASE_URL=…' in ran.err


def test_without_a_file_the_values_come_from_the_environment(direct: Project) -> None:
    text = (direct.folder / "inventory.toml").read_text()
    (direct.folder / "inventory.toml").write_text(text.replace('environment = ".env.live"\n', ""))
    found = values(direct, databases.PRODUCTION.name)
    shell = replace(direct, environment={**direct.environment, **found})
    ran = shell.invoke("check", *SERIES)
    assert (ran.code, ran.words["check"]) == (0, "done"), ran.err
    assert found["AWS_SECRET_ACCESS_KEY"] not in ran.out + ran.err
    nothing = direct.invoke("check", *SERIES)
    assert 'export DATABASE_URL=…, or name a file: environment = ".env.live"' in nothing.err
