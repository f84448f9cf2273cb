"""`fly deploy`: what it says while a release happens (docs/fly-facts.md, "Deploys")."""

import json
import os
from collections.abc import Mapping

from maulstick.sandbox import apps, launch, machines, releases
from maulstick.sandbox.apps import CloudError
from maulstick.sandbox.fly_json import hostname
from maulstick.sandbox.fly_request import Request, err, out

ON_STDERR = ("Running ", "Error ")


def deploy(request: Request) -> int:
    """Release the working directory; as with the real `fly`, the exit code alone cannot be trusted."""
    name = request.app.name
    _say_config(request)
    out("==> Building image\n")
    if request.call.says("build-only"):
        out(f"image: registry.fly.io/{name}:deployment-{apps.ulid()}\n")
        return 0
    if apps.take_fault(request.folder, "deploy-exit-0-though-failed"):
        return _fail_in_silence(request, name)
    version = machines.deploy(
        request.folder,
        request.directory,
        labels=_labels(request),
        app=name,
        tag=request.call.value("image-label"),
        release_command=_release_command(request),
        say=_say,
    )
    if apps.take_fault(request.folder, "deploy-exit-1-though-complete"):
        raise CloudError(launch.LATE.format(request.app.machines[0].id))
    _say_farewell(request, name, version)
    return 0


def _say(text: str) -> None:
    (err if text.startswith(ON_STDERR) else out)(text)
    if text.startswith("image: "):
        app = text.split("/")[1].partition(":")[0]
        out(f"image size: 62 MB\n\nWatch your deployment at https://fly.io/apps/{app}/monitoring\n\n")


def _say_config(request: Request) -> None:
    out("==> Verifying app config\n")
    if request.config:
        out(f"Validating {request.config_path}\n✓ Configuration is valid\n")
    out("--> Verified app config\n")


def _labels(request: Request) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in request.call.flags.get("label", ())]
    for name, equals, _ in pairs:
        if not equals:
            raise CloudError(f"failed parsing label: '{name}': must be in the format NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _release_command(request: Request) -> str:
    if request.call.says("skip-release-command"):
        return ""
    return str(request.config.get("deploy", {}).get("release_command", ""))


def _fail_in_silence(request: Request, name: str) -> int:
    release = releases.begin(request.folder, name, labels=_labels(request))
    _say(f"image: registry.fly.io/{release.image}\n")
    machine = request.app.machines[0]
    out(f"Updating existing machines in '{name}' with rolling strategy\n")
    out(f"✖ [1/1] Machine {machine.id} [app] update failed: context deadline exceeded\n")
    releases.finish(request.folder, name, release.version, "failed")
    return 0


def _say_farewell(request: Request, name: str, version: int) -> None:
    address = hostname(request.app)
    err(f"Checking DNS configuration for {address}\n✓ DNS configuration verified\n")
    out(f"\nVisit your newly deployed app at https://{address}/\n")
    if os.environ.get("FLY_EMIT_RELEASE_JSON") == "1":
        release = releases.of_version(apps.load(request.folder).apps[name], version)
        image = f"registry.fly.io/{release.image}"
        out(json.dumps({"id": release.id, "version": version, "image_ref": image}) + "\n")
