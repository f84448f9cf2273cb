"""How the stand-in reads its command line: as flyctl does."""

import json
import subprocess
import sys

import pytest

from maulstick.sandbox import apps


def test_version_needs_no_token(cloud):
    assert cloud.fly("version", without=["FLY_API_TOKEN"]).stdout.startswith("fly v0.4.87 ")
    assert json.loads(cloud.fly("version", "--json").stdout)["Version"] == "0.4.87"


@pytest.mark.parametrize(
    "words", [["status", "--nope"], ["machine", "start", "--json", "1"], ["deploy", "--nope=1"]]
)
def test_an_unknown_flag_is_refused(cloud, words):
    answer = cloud.fly(*words)
    name = next(word for word in words if word.startswith("--")).partition("=")[0]
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", f"Error: unknown flag: {name}\n")


def test_an_unknown_shorthand_is_refused(cloud):
    assert cloud.fly("status", "-z").stderr == "Error: unknown shorthand flag: 'z' in -z\n"


def test_a_flag_without_its_value_is_refused(cloud):
    assert cloud.fly("status", "--app").stderr == "Error: flag needs an argument: --app\n"


@pytest.mark.parametrize("words", [["sttus"], ["ssh", "isue", "sandbox"]])
def test_an_unknown_command_is_refused(cloud, words):
    answer = cloud.fly(*words)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: unknown command ")


def test_values_are_read_in_every_form(cloud):
    one = cloud.machine.id
    for form in (
        ["-qCprintenv S3_BUCKET"],
        ["-q", "-C=printenv S3_BUCKET"],
        ["--quiet", "--command", "printenv S3_BUCKET"],
    ):
        assert cloud.fly("ssh", "console", "--machine", one, *form).stdout == "pictures\n"


def test_without_a_token_it_says_how_to_log_in(cloud):
    answer = cloud.fly("status", "--json", without=["FLY_API_TOKEN"])
    told = "Error: no access token available. Please login with 'flyctl auth login'\n"
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", told)


def test_another_name_of_the_token_serves_too(cloud):
    env = {"FLY_ACCESS_TOKEN": cloud.environment["FLY_API_TOKEN"]}
    assert cloud.fly("status", without=["FLY_API_TOKEN"], env=env).returncode == 0


def test_a_wrong_token_is_refused(cloud):
    answer = cloud.fly("status", env={"FLY_API_TOKEN": "another"})
    assert (answer.returncode, answer.stderr) == (1, "Error: You must be authenticated to view this.\n")


def test_a_session_can_expire_once(cloud):
    apps.fault(cloud.folder, "not-logged-in")
    assert [cloud.fly("status").returncode for _ in range(2)] == [1, 0]


def test_the_app_comes_from_flag_environment_or_file(cloud):
    assert (
        cloud.told("status", "--json", "-a", "olivia-art-portfolio-db")["Name"] == "olivia-art-portfolio-db"
    )
    assert cloud.told("status", "--json")["Name"] == "olivia-art-portfolio"
    assert cloud.fly("status", cwd=cloud.checkout, without=["FLY_APP"]).returncode == 0


def test_no_app_and_an_unknown_app_are_refused(cloud):
    assert "missing an app name" in cloud.fly("status", without=["FLY_APP"], cwd=cloud.folder).stderr
    assert cloud.fly("status", "-a", "nope").stderr == 'Error: Could not find App "nope"\n'


def test_a_call_loads_nothing_heavy(cloud):
    code = "import sys, maulstick.sandbox.fly; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, env=cloud.environment, capture_output=True, text=True, check=True)
    assert not {"asyncssh", "boto3", "fabric", "flask", "psycopg", "rich"} & set(loaded.stdout.split())


def test_each_command_line_is_kept_for_counting(cloud):
    cloud.fly("status", "--json")
    kept = (cloud.folder / "fly" / "calls.jsonl").read_text().splitlines()
    assert json.loads(kept[-1]) == ["status", "--json"]


def test_a_version_call_is_kept_too(cloud):
    apps.fault(cloud.folder, "too-old")
    versions = [json.loads(cloud.fly("version", "--json").stdout)["Version"] for _ in range(2)]
    assert versions == ["0.4.79", "0.4.87"]
    kept = (cloud.folder / "fly" / "calls.jsonl").read_text().splitlines()
    assert json.loads(kept[-1]) == ["version", "--json"]


def test_a_token_is_good_for_its_apps_only(cloud):
    apps.allow(cloud.folder, "FlyV1 deploy", "olivia-art-portfolio")
    env = {"FLY_API_TOKEN": "FlyV1 deploy"}
    assert cloud.fly("status", env=env).returncode == 0
    database = "olivia-art-portfolio-db"
    assert cloud.fly("status", "-a", database, env=env).stderr == f'Error: Could not find App "{database}"\n'
    assert "Not authorized" in cloud.fly("ssh", "issue", "sandbox", "nowhere", env=env).stderr
