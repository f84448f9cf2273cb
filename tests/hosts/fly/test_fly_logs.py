"""What an app wrote, and what of it is trouble."""

from maulstick.hosts.fly import logs
from maulstick.hosts.fly.machines import newest_release
from maulstick.sandbox import apps, launch

TROUBLES = [
    "17:36:03.123 [error] GenServer #PID<0.1.0> terminating",
    "** (UndefinedFunctionError) function nil.title/0 is undefined",
    "Traceback (most recent call last):",
    "ERROR -- : no such column",
    "panic: runtime error",
]


def test_the_last_lines_are_what_the_machines_wrote(cloud):
    lines = logs.last_lines(cloud.fly)
    assert 0 < len(lines) <= logs.LAST_LINES
    assert all(f" {cloud.machine} [info] " in line for line in lines)


def test_errors_of_many_tongues_are_trouble(own_cloud):
    began = newest_release(own_cloud.fly).created
    for text in ("GET /errors 200", *TROUBLES, *TROUBLES):
        launch.note(own_cloud.folder, own_cloud.machine, text)
    assert logs.troubles_since(own_cloud.fly, began) == TROUBLES


def test_errors_of_before_are_of_no_interest(cloud):
    launch.note(cloud.folder, cloud.machine, "[error] long ago")
    assert "[error] long ago" not in logs.troubles_since(cloud.fly, "2999-01-01T00:00:00Z")
    assert logs.troubles_since(cloud.fly, "") == ()


def test_logs_that_never_come_are_not_waited_for(own_cloud, monkeypatch):
    launch.log_of(own_cloud.folder, own_cloud.machine).unlink()
    monkeypatch.setattr(logs, "SECONDS", 0.5)
    assert logs.last_lines(own_cloud.fly) == []


def test_a_token_that_may_not_read_them_sees_none(cloud):
    apps.fault(cloud.folder, "not-logged-in")
    assert logs.last_lines(cloud.fly) == []
