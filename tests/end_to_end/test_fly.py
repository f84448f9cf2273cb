"""What a release asks of `fly`, and what it says when `fly` cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maulstick.hosts.fly.cli import OWN
from maulstick.processes import environment
from maulstick.sandbox import apps, machines
from tests import forked
from tests.end_to_end.projects import SERIES, Project, untouched

APP = ("-a", apps.SITE_APP)
INSIDE = f"{apps.DATABASE_APP}.internal"


@pytest.fixture
def asleep(fresh: Project) -> Project:
    """The project with the machine of its database stopped."""
    database = apps.load(fresh.sandbox).apps[apps.DATABASE_APP].machines[0]
    machines.stop(fresh.sandbox, apps.DATABASE_APP, database.id)
    return fresh


def commands(calls: list[list[str]]) -> list[str]:
    return [" ".join(call[: 2 if call[0] in ("ssh", "machine") else 1]) for call in calls]


def test_fly_knows_who_forks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(forked.LINK, "there")
    assert environment(OWN)[forked.LINK] == "there"


def test_a_release_asks_fly_three_times(fresh: Project) -> None:
    before = len(fresh.fly_calls())
    ran = fresh.release("--page", "about", "--take", "production")  # as often for two as for one
    assert ran.code == 0, ran.err
    status, console, proxy = fresh.fly_calls()[before:]
    assert status == ["status", "--json", *APP]
    assert console[:5] == ["ssh", "console", "--machine", fresh.machine().id, "-q"]
    assert proxy == ["proxy", "0:5432", INSIDE, "--watch-stdin", "-q", *APP]


def test_a_deploy_by_the_app_s_own_token_asks_for_what_it_does_and_proves(fresh: Project) -> None:
    apps.allow(fresh.sandbox, "FlyV1 the site's", apps.SITE_APP)
    fresh.git("commit", "-q", "--allow-empty", "-m", "by a robot")
    before = len(fresh.fly_calls())
    ran = replace(fresh, environment={"FLY_API_TOKEN": "FlyV1 the site's"}).release()
    assert ran.words["deploy"] == "done", ran.err
    deploying = ["releases", "deploy", "releases", "status", "logs"]
    assert commands(fresh.fly_calls()[before:]) == ["status", "ssh console", "proxy", *deploying]


def test_a_database_that_sleeps_is_started(asleep: Project) -> None:
    ran = asleep.release()
    assert ran.code == 0, ran.err
    assert f"{apps.DATABASE_APP} sleeps: starting it" in ran.err
    assert f"{apps.DATABASE_APP} is awake (" in ran.err


def test_a_machine_that_stops_in_the_middle_is_woken(fresh: Project) -> None:
    apps.fault(fresh.sandbox, "machine-stops")
    ran = fresh.release()
    assert ran.code == 0, ran.err
    assert f"{apps.SITE_APP} sleeps: waking it" in ran.err
    assert fresh.machine().state == "started"


def test_a_token_of_the_database_app_serves_for_the_database(fresh: Project) -> None:
    apps.fault(fresh.sandbox, "dns-not-found")
    ran = fresh.invoke("check", *SERIES)
    assert ran.code == 0, ran.err
    assert f"{INSIDE} has no started machine: trying {apps.DATABASE_APP}" in ran.err


@pytest.mark.parametrize(
    ("token", "says"),
    [
        (
            "FlyV1 nobody's",
            "fly status: the login is not accepted\n  hint: make a new FLY_API_TOKEN: `fly tokens",
        ),
        ("FlyV1 another's", f'fly status: no app "{apps.SITE_APP}" is known to this login\n'),
    ],
)
def test_a_token_that_will_not_do_is_refused_with_what_mends_it(
    fresh: Project, token: str, says: str
) -> None:
    apps.allow(fresh.sandbox, "FlyV1 another's", "another")
    before = untouched(fresh)
    ran = replace(fresh, environment={"FLY_API_TOKEN": token}).release()
    assert says in ran.err
    assert token not in ran.err + ran.out
    assert ran.last_said == "sandbox: unchanged"
    assert untouched(fresh) == before
