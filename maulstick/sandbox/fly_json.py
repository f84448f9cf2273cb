"""What the stand-in `fly` prints as JSON, in the shapes that flyctl gives (docs/fly-facts.md, "Deploys")."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from maulstick.sandbox import launch
from maulstick.sandbox.apps import ORGANIZATION, App, AppMachine, AppRelease

Shape = Mapping[str, Any]
ORGANIZATION_SHAPE: Shape = {
    "ID": "jlq9mZ0RyvxGo8nKpD2Wb4Ta",
    "InternalNumericID": "1",
    "Name": ORGANIZATION.title(),
    "Slug": ORGANIZATION,
    "RawSlug": ORGANIZATION,
    "PaidPlan": False,
}
USER: Shape = {"ID": "", "Name": "Sandbox", "Email": "sandbox@localhost", "EnablePaidHobby": False}
# What fly.toml would hold; everything else in an app's environment is a secret and never shown.
PUBLIC_NAMES = ("PHX_HOST",)
NEWEST_RELEASES = 25


def dump(value: object) -> str:
    """Return JSON as Go writes it: four spaces, `<`, `>` and `&` as escapes, a newline at the end."""
    text = json.dumps(value, indent=4, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e") + "\n"


def status(app: App) -> Shape:
    """Return what `fly status --json` prints."""
    return {
        "AppURL": f"https://{hostname(app)}",
        "Deployed": bool(app.releases),
        "Hostname": hostname(app),
        "ID": app.name,
        "Machines": machines(app),
        "Name": app.name,
        "Organization": ORGANIZATION_SHAPE,
        "PlatformVersion": "machines",
        "Status": "deployed" if app.releases else "pending",
        "Version": max((release.version for release in app.releases), default=0),
    }


def machines(app: App) -> Sequence[Shape]:
    """Return what `fly machine list --json` prints."""
    return [_machine(app, machine) for machine in app.machines]


def releases(app: App) -> Sequence[Shape]:
    """Return what `fly releases --json` prints, newest first."""
    return [_release(release) for release in reversed(app.releases[-NEWEST_RELEASES:])]


def images(app: App) -> Sequence[Shape]:
    """Return what `fly image show --json` prints, one object for each machine."""
    return [_image(app, machine) for machine in app.machines]


def hostname(app: App) -> str:
    """Return the address that Fly gives to an app."""
    return f"{app.name}.fly.dev"


def release_of(app: App, machine: AppMachine) -> AppRelease | None:
    """Return the release that a machine runs, None before the first."""
    return next((release for release in app.releases if release.version == machine.version), None)


def image_ref(app: App, machine: AppMachine) -> dict[str, Any]:
    """Return the image that a machine runs."""
    release = release_of(app, machine)
    if release is None:
        return {}
    repository, _, tag = release.image.partition(":")
    registry = "registry.fly.io" if app.port else "registry-1.docker.io"
    named = {"registry": registry, "repository": repository, "tag": tag, "digest": _digest(release)}
    return {**named, "labels": dict(release.labels)} if release.labels else named


def health(app: App, machine: AppMachine) -> str:
    """Return the state of a machine's check: passing or critical, "" if it is not checked."""
    if machine.state != "started":
        return ""
    return "passing" if app.port == 0 or launch.healthy(machine.port) else "critical"


def _machine(app: App, machine: AppMachine) -> Shape:
    image = image_ref(app, machine)
    name = f"{image['registry']}/{image['repository']}:{image['tag']}" if image else ""
    shape = {
        "id": machine.id,
        "name": machine.name,
        "state": machine.state,
        "region": machine.region,
        "image_ref": image,
        "instance_id": machine.instance,
        "version": machine.instance,
        "private_ip": machine.address,
        "created_at": machine.created,
        "updated_at": machine.updated,
        "config": {"env": _public(app), "metadata": _metadata(app, machine), "image": name},
        "events": [_event(machine)],
        "checks": _checks(app, machine),
        "host_status": "ok",
        "cordoned": False,
    }
    return {key: value for key, value in shape.items() if value != []}


def _public(app: App) -> Shape:
    return {name: app.env[name] for name in PUBLIC_NAMES if name in app.env}


def _metadata(app: App, machine: AppMachine) -> Shape:
    release = release_of(app, machine)
    return {
        "fly_flyctl_version": "0.4.87",
        "fly_platform_version": "v2",
        "fly_process_group": "app",
        "fly_release_id": release.id if release else "",
        "fly_release_version": str(machine.version),
    }


def _event(machine: AppMachine) -> Shape:
    milliseconds = int(datetime.fromisoformat(machine.updated).timestamp() * 1000)
    return {"type": "start", "status": machine.state, "source": "flyd", "timestamp": milliseconds}


def _checks(app: App, machine: AppMachine) -> Sequence[Shape]:
    state = health(app, machine)
    if not state:
        return []
    name = "servicecheck-00-http-4000" if app.port else "vm"
    output = "ok" if state == "passing" else "connect: connection refused"
    return [{"name": name, "status": state, "output": output, "updated_at": machine.updated}]


def _release(release: AppRelease) -> Shape:
    return {
        "ID": release.id,
        "Version": release.version,
        "Stable": False,
        "InProgress": False,
        "Reason": "",
        "Description": "Release",
        "Status": release.status,
        "DeploymentStrategy": "",
        "Metadata": None,
        "User": USER,
        "EvaluationID": "",
        "CreatedAt": release.created,
        "ImageRef": f"registry.fly.io/{release.image}",
    }


def _image(app: App, machine: AppMachine) -> Shape:
    image = image_ref(app, machine)
    labels = image.get("labels")
    return {
        "MachineID": machine.id,
        "Registry": image.get("registry", ""),
        "Repository": image.get("repository", ""),
        "Tag": image.get("tag", ""),
        "Version": "N/A",
        "Digest": image.get("digest", ""),
        "Labels": json.dumps(labels, separators=(",", ":")) if labels else "",
    }


def _digest(release: AppRelease) -> str:
    return f"sha256:{sha256(release.id.encode()).hexdigest()}"
