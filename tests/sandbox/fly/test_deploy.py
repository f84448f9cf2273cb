"""`fly deploy`: a new version without a visitor noticing, and the two lies of its exit code."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest

from maulstick.sandbox import apps, launch, machines
from maulstick.sandbox.apps import SITE_APP
from maulstick.sandbox.process import alive, wait_until


class Visitors:
    """Ask for pages without pause until told to stop; some keep their connection, some don't."""

    def __init__(self, cloud):
        self.seen, self.errors, self.cloud = [], [], cloud
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=self.visit, args=(kept,)) for kept in (True, True, False, False)
        ]

    def visit(self, kept):
        visitor = self.cloud.visitor()
        while not self.stop.is_set():
            try:
                visitor.request("GET", "/")
                self.seen.append(visitor.getresponse().read().decode())
            except Exception as error:
                self.errors.append(error)
            if not kept:
                visitor.close()
            time.sleep(0.002)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        last = self.cloud.page()
        wait_until(lambda: last in self.seen, seconds=120)
        self.stop.set()
        for thread in self.threads:
            thread.join()


@dataclass
class Deployed:
    """A cloud after its second release, and what `fly deploy` said."""

    cloud: Any
    answer: Any
    old_process: Any


@pytest.fixture(scope="module")
def deployed(make_cloud, tmp_path_factory):
    cloud = make_cloud(tmp_path_factory.mktemp("deployed") / "own")
    (cloud.checkout / "page.txt").write_text("second")
    old_process = cloud.machine.process
    words = ("--label", "GIT_SHA=def5678", "--label=BY=me", "--image-label", "git-def5678", "-y")
    answer = cloud.fly("deploy", str(cloud.checkout), *words, env={"FLY_EMIT_RELEASE_JSON": "1"})
    return Deployed(cloud, answer, old_process)


def test_the_text_is_flyctls(deployed):
    machine, checkout = deployed.cloud.machine.id, deployed.cloud.checkout
    assert deployed.answer.stdout.startswith(
        f"==> Verifying app config\nValidating {checkout / 'fly.toml'}\n✓ Configuration is valid\n"
        "--> Verified app config\n==> Building image\n"
        f"image: registry.fly.io/{SITE_APP}:git-def5678\nimage size: 62 MB\n\n"
        f"Watch your deployment at https://fly.io/apps/{SITE_APP}/monitoring\n\n"
        f"Updating existing machines in '{SITE_APP}' with rolling strategy\n"
        f"> [1/1] Updating {machine} [app]\n✔ [1/1] Machine {machine} [app] update succeeded\n"
        f"\nVisit your newly deployed app at https://{SITE_APP}.fly.dev/\n"
    )
    assert deployed.answer.stderr == (
        f"Checking DNS configuration for {SITE_APP}.fly.dev\n✓ DNS configuration verified\n"
    )


def test_a_line_of_json_is_added_when_asked(deployed):
    told = json.loads(deployed.answer.stdout.splitlines()[-1])
    assert (told["version"], told["image_ref"]) == (2, f"registry.fly.io/{SITE_APP}:git-def5678")


def test_labels_reach_status_and_the_site(deployed):
    image = deployed.cloud.told("status", "--json")["Machines"][0]["image_ref"]
    visitor = deployed.cloud.visitor()
    visitor.request("GET", "/")
    assert image["labels"] == {"GIT_SHA": "def5678", "BY": "me"}
    assert visitor.getresponse().headers["x-release"] == "def5678"


def test_the_old_process_is_gone_after_a_deploy(deployed):
    assert (alive(deployed.old_process), apps.load(deployed.cloud.folder).strays) == (False, ())


def newest_status(cloud):
    return cloud.app.releases[-1].status


def test_two_deploys_under_visitors_show_no_error(own_cloud):
    with Visitors(own_cloud) as visitors:
        for page in ("second", "third"):
            assert own_cloud.deploy(page).returncode == 0
            assert own_cloud.page() == page
    assert visitors.errors == []
    assert set(visitors.seen) == {"first", "second", "third"}
    assert [release.status for release in own_cloud.app.releases] == ["complete"] * 3


def test_a_slow_answer_of_the_old_version_is_not_cut(own_cloud):
    answers = []
    slow = threading.Thread(target=lambda: answers.append(own_cloud.page("/slow")))
    log = launch.log_of(own_cloud.folder, own_cloud.machine.id)
    slow.start()
    assert wait_until(lambda: "asked slowly" in log.read_text(), seconds=120)
    own_cloud.deploy("second")
    slow.join()
    assert answers == ["first"]


def test_ignored_files_do_not_ship(own_cloud):
    for name in (".gitignore", ".dockerignore"):
        (own_cloud.checkout / name).write_text(f"not-{name[1:4]}.txt\n")
        (own_cloud.checkout / f"not-{name[1:4]}.txt").touch()
    own_cloud.deploy("second")
    shipped = {path.name for path in (own_cloud.folder / "fly" / "releases" / SITE_APP / "2").iterdir()}
    assert shipped == {"page.txt", "fly.toml", ".gitignore", ".dockerignore"}


def test_a_version_that_does_not_start_leaves_the_old_one_serving(own_cloud):
    answer = own_cloud.deploy("broken")
    assert (answer.returncode, own_cloud.page()) == (1, "first")
    assert answer.stderr.startswith("Error: smoke checks for ")
    assert "update failed" in answer.stdout
    assert [release.status for release in own_cloud.app.releases] == ["complete", "failed"]


def test_a_deploy_may_exit_1_though_it_is_complete(own_cloud):
    apps.fault(own_cloud.folder, "deploy-exit-1-though-complete")
    answer = own_cloud.deploy("second")
    assert (answer.returncode, own_cloud.page(), newest_status(own_cloud)) == (1, "second", "complete")
    assert "Error: timeout reached waiting for health checks to pass" in answer.stderr


def test_a_deploy_may_exit_0_though_it_failed(own_cloud):
    apps.fault(own_cloud.folder, "deploy-exit-0-though-failed")
    answer = own_cloud.deploy("second")
    assert (answer.returncode, own_cloud.page(), newest_status(own_cloud)) == (0, "first", "failed")
    status = own_cloud.told("status", "--json")
    assert status["Machines"][0]["config"]["metadata"]["fly_release_version"] < str(status["Version"])


def test_a_sleeping_machine_is_updated_and_sleeps_on(own_cloud):
    machines.stop(own_cloud.folder, SITE_APP, own_cloud.machine.id)
    own_cloud.deploy("second")
    assert own_cloud.machine.state == "stopped"
    assert own_cloud.page() == "second"


def test_a_deploy_that_was_killed_is_interrupted(own_cloud):
    process = own_cloud.start("deploy", "--yes", cwd=own_cloud.checkout)
    assert wait_until(lambda: bool(apps.load(own_cloud.folder).strays), seconds=120)
    process.kill()
    process.communicate()
    assert own_cloud.deploy("third").returncode == 0
    assert [release.status for release in own_cloud.app.releases] == ["complete", "interrupted", "complete"]
    assert own_cloud.page() == "third"
    assert wait_until(lambda: not apps.load(own_cloud.folder).strays, seconds=120)


def test_a_release_command_runs_first_and_can_stop_it(own_cloud):
    toml = own_cloud.checkout / "fly.toml"
    toml.write_text("[deploy]\nrelease_command = \"sh -c 'exit 7'\"\n")
    answer = own_cloud.deploy("second")
    assert (answer.returncode, own_cloud.page()) == (1, "first")
    assert "Error release_command failed running on machine" in answer.stderr
    assert answer.stderr.endswith("exited with non-zero status of 7\n")
    assert own_cloud.deploy("second", "--skip-release-command").returncode == 0
