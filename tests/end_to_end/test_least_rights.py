"""A small role releases and another one plans, as docs/safety.md sets them up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from maulstick.sandbox import cloud, databases
from tests.checkout import ROOT
from tests.end_to_end.direct import save, values, without_fly
from tests.end_to_end.projects import SERIES, Project

KEYS = '\ndatabase_user = "maulstick"\nplan_database = "${PLAN_DATABASE}"\n'
PLANNER = "maulstick_plan:choose%20one"


@pytest.fixture
def small(fresh: Project, other: Project) -> Iterator[Project]:
    """A project whose production has the two roles and nobody else to use."""
    section = (ROOT / "docs" / "safety.md").read_text().split("\n## Least rights\n")[1].split("\n## ")[0]
    for block in re.findall(r"```sql\n(.*?)```", section, flags=re.DOTALL):
        fresh.rows(block)
    yield other
    for role in ("maulstick_plan", "maulstick"):
        fresh.rows(f"drop owned by {role} cascade")
        fresh.rows(f"drop role {role}")


def test_the_small_roles_release_by_the_same_proxy(small: Project) -> None:
    inventory = small.folder / "inventory.toml"
    inventory.write_text(inventory.read_text() + KEYS)
    address = (
        f"postgres://{PLANNER}@{cloud.PRIVATE_NAMES[0]}:5432/{databases.PRODUCTION.name}?sslmode=disable"
    )
    project = replace(small, environment={"PLAN_DATABASE": address})
    before = len(small.fly_calls("proxy"))
    ran = project.release()
    assert (ran.code, ran.words["verify"]) == (0, "done"), ran.err
    assert len(small.fly_calls("proxy")) == before + 1
    owner = "select pg_get_userbyid(relowner)::text from pg_class where relname = 'ledger'"
    assert project.rows(owner) == [("maulstick",)]
    assert " verified " in project.invoke("history").out
    assert "series embodiment                        in step" in project.invoke("status").out
    assert project.invoke("rollback", "--last").code == 0
    assert "choose" not in ran.out + ran.err


def test_who_has_no_address_but_the_planner_s_plans_and_verifies(small: Project) -> None:
    project = without_fly(small)
    assert project.release().code == 0
    project.rows("grant usage on schema maulstick to maulstick_plan")
    project.rows("grant select on all tables in schema maulstick to maulstick_plan")
    inventory, file = project.folder / "inventory.toml", project.folder / ".env.live"
    live = 'environment = ".env.live"\n'
    inventory.write_text(inventory.read_text().replace(live, live + KEYS))
    found = values(project, databases.PRODUCTION.name)
    login = found["DATABASE_URL"].partition("@")[2]
    save(file, {**found, "DATABASE_URL": ""})
    planner = replace(
        project, environment={**project.environment, "PLAN_DATABASE": f"postgresql://{PLANNER}@{login}"}
    )
    for words in (("check", *SERIES), ("plan", *SERIES), ("status",), ("history",), ("plugins.check",)):
        ran = planner.invoke(*words)
        assert ran.code == 0, ran.err
    ran = planner.invoke("verify", *SERIES)
    assert ran.code == 0, ran.err
    assert "could not be written into the ledger: live/DATABASE_URL: is not set" in ran.err
    assert planner.invoke("apply", *SERIES, "--yes").code == 4
