"""The JSON that the stand-in tells: flyctl's shapes, and no secret in them."""

import json

from maulstick.sandbox import apps, machines


def test_status_is_four_spaces_deep_with_sorted_names(cloud):
    text = cloud.fly("status", "--json").stdout
    assert text.startswith('{\n    "AppURL": ')
    assert text.endswith("}\n")
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_status_tells_a_started_machine_and_its_image(cloud):
    status = cloud.told("status", "--json")
    machine = status["Machines"][0]
    assert (status["Organization"]["Slug"], status["Deployed"], machine["state"]) == (
        "sandbox",
        True,
        "started",
    )
    assert machine["config"]["metadata"]["fly_release_version"] == str(status["Version"])
    assert machine["checks"][0]["status"] == "passing"
    assert machine["image_ref"]["labels"]["GIT_SHA"] == "abc1234"


def test_a_stopped_machine_has_no_checks(cloud):
    machines.stop(cloud.folder, "olivia-art-portfolio", cloud.machine.id)
    machine = cloud.told("status", "--json")["Machines"][0]
    assert (machine["state"], "checks" in machine) == ("stopped", False)


def test_releases_are_newest_first(cloud):
    newest = cloud.told("releases", "--json")[0]
    assert (newest["Status"], newest["Metadata"], newest["Stable"]) == ("complete", None, False)
    assert newest["ImageRef"].startswith("registry.fly.io/olivia-art-portfolio:deployment-01")


def test_image_labels_are_json_in_a_string(cloud):
    image = cloud.told("image", "show", "--json")[0]
    assert json.loads(image["Labels"]) == {"GIT_SHA": "abc1234"}
    assert cloud.told("image", "show", "--json", image["MachineID"]) == image


def test_machines_are_listed_in_full_or_by_id(cloud):
    assert cloud.told("machine", "list", "--json")[0]["id"] == cloud.machine.id
    assert cloud.fly("machine", "list", "-q").stdout == f"{cloud.machine.id}\n"
    assert cloud.machine.id in cloud.fly("machines", "ls").stdout


def test_no_secret_is_told(cloud):
    secrets = [value for name, value in cloud.app.env.items() if name.endswith(("_KEY", "_BASE", "_URL"))]
    commands = (["status"], ["releases"], ["image", "show"], ["machine", "list"], ["logs", "--no-tail"])
    told = "".join(
        cloud.fly(*words, form).stdout for words in commands for form in ("--json", "--json=false")
    )
    assert len(secrets) == 4
    assert not any(secret in told for secret in (*secrets, "pa55word", cloud.environment["FLY_API_TOKEN"]))


def test_only_its_owner_reads_the_world(cloud):
    assert apps.world_path(cloud.folder).stat().st_mode & 0o077 == 0


def test_the_database_app_has_a_machine_too(cloud):
    machine = cloud.told("status", "--json", "-a", "olivia-art-portfolio-db")["Machines"][0]
    assert (machine["state"], machine["checks"][0]["status"]) == ("started", "passing")
