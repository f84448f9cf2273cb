"""The machine's environment: in one call, only what was asked for, never seen."""

import pytest

from maulstick.errors import Problem
from maulstick.hosts.fly.environment import read_environment
from maulstick.redact import Secret
from maulstick.sandbox import apps
from maulstick.sandbox.apps import UNRELATED_SECRETS
from tests.hosts.fly.clouds import ENVIRONMENT


@pytest.fixture(params=["console", "exec"])
def connection(request, cloud):
    return cloud.connection(request.param)


def test_any_value_arrives_as_it_is(connection):
    read = read_environment(connection, list(ENVIRONMENT))
    assert {name: secret.reveal() for name, secret in read.items()} == ENVIRONMENT


def test_one_call_is_enough(connection, cloud):
    read_environment(connection, list(ENVIRONMENT))
    assert len(cloud.calls()) == 1


def test_only_what_is_asked_for_is_read(connection, monkeypatch):
    results = []
    run = connection.run
    connection._set(run=lambda *words, **options: results.append(run(*words, **options)) or results[-1])
    assert set(read_environment(connection, ["PHX_HOST"])) == {"PHX_HOST"}
    assert all(name not in results[0].stdout for name in (*UNRELATED_SECRETS, "DATABASE_URL"))


def test_what_is_not_set_is_absent_and_what_is_empty_is_empty(connection):
    read = read_environment(connection, ["EMPTY", "MISSING", "PHX_HOST"])
    assert read == {"EMPTY": Secret(""), "PHX_HOST": Secret("localhost")}
    assert read_environment(connection, ["MISSING"]) == {}


def test_no_value_shows_itself(connection, cloud, capfd):
    read = read_environment(connection, list(ENVIRONMENT))
    seen = (
        f"{read} {read!r} {connection} {connection!r} {vars(connection)} {cloud.calls()} {capfd.readouterr()}"
    )
    assert "pa%40ss" not in seen
    assert "PERCENT" in seen


def test_a_name_that_is_none_is_refused(connection):
    with pytest.raises(Problem, match=r"is not the name of a variable"):
        read_environment(connection, ["A'; reboot; '"])


def test_an_answer_that_was_lost_is_asked_for_again(cloud):
    apps.fault(cloud.folder, "ssh-empty-once")
    assert read_environment(cloud.connection(), ["PHX_HOST"]) == {"PHX_HOST": Secret("localhost")}


def test_an_answer_lost_twice_is_a_problem(cloud):
    apps.fault(cloud.folder, "ssh-empty-once", 2)
    with pytest.raises(Problem, match=r"answer was cut off"):
        read_environment(cloud.connection(), ["PHX_HOST"])


def test_a_value_may_hold_a_newline(cloud, make_cloud, tmp_path):
    apps.change_app(cloud.folder, cloud.app.name, with_variable("LINES", "one\ntwo\n"))
    assert read_environment(cloud.connection(), ["LINES", "PHX_HOST"])["LINES"].reveal() == "one\ntwo\n"


def with_variable(name, value):
    from dataclasses import replace

    return lambda app: replace(app, env={**app.env, name: value})
