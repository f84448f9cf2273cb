"""The world file: one writer at a time, never half written."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from maulstick.errors import Problem
from maulstick.sandbox import apps
from maulstick.sandbox.faults import FAULTS
from maulstick.sandbox.fly_proxy import target
from maulstick.sandbox.names import machine_at
from tests.checkout import ROOT


def test_what_is_written_is_what_is_read(cloud):
    assert apps.change(cloud.folder, lambda world: world) == apps.load(cloud.folder)


def test_writers_at_the_same_time_lose_nothing(cloud):
    def add(number):
        apps.delay(cloud.folder, f"nothing {number}", 0)

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(add, range(40)))
    assert {f"nothing {number}" for number in range(40)} <= set(apps.load(cloud.folder).delays)


def test_a_fault_happens_as_often_as_asked(cloud):
    apps.fault(cloud.folder, "proxy-refuses", times=2)
    assert [apps.take_fault(cloud.folder, "proxy-refuses") for _ in range(3)] == [True, True, False]


def test_an_unknown_fault_is_named(cloud):
    with pytest.raises(Problem, match="did you mean"):
        apps.fault(cloud.folder, "ssh-hangs")


@pytest.mark.parametrize("name", FAULTS)
def test_what_we_do_about_each_fault_is_tested(name):
    folders = (ROOT / "tests" / folder for folder in ("hosts/fly", "end_to_end", "doctor"))
    assert any(f'"{name}"' in file.read_text() for folder in folders for file in folder.glob("test_*.py"))


def test_a_command_can_take_as_long_as_the_real_one(own_cloud):
    apps.delay(own_cloud.folder, "version-of-nothing", 9)
    apps.delay(own_cloud.folder, "status", 0.5)
    process = own_cloud.start("status")
    with pytest.raises(Exception, match="timed out"):
        process.communicate(timeout=0.4)
    process.communicate()


def test_names_lead_to_apps_that_are_awake(cloud):
    world = apps.load(cloud.folder)
    app, machine = machine_at(world, "olivia-art-portfolio.internal")
    assert machine_at(world, f"{machine.id}.vm.{app.name}.internal") == (app, machine)
    assert machine_at(world, f"another.vm.{app.name}.internal") is None
    assert machine_at(world, "olivia-art-portfolio.example.org") is None
    assert target(world, "olivia-art-portfolio.internal", 22) is None
