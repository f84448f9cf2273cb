"""What the names of the private network stand for."""

from maulstick.sandbox.apps import App, AppMachine, World

SUFFIXES = (".internal", ".flycast")
MANAGED = ".flympg.net"


def machine_at(world: World, host: str) -> tuple[App, AppMachine] | None:
    """Return the machine that a private name or address leads to, with its app, while it is started."""
    for app in world.apps.values():
        for machine in app.machines:
            if machine.state == "started" and _leads_to(host, app, machine):
                return app, machine
    return None


def is_known(world: World, host: str) -> bool:
    """Return whether the network has this name now."""
    managed = host.endswith(MANAGED) and any(name.startswith(f"{host}:") for name in world.hosts)
    return managed or machine_at(world, host) is not None


def _leads_to(host: str, app: App, machine: AppMachine) -> bool:
    if ".vm." in host:
        return host == f"{machine.id}.vm.{app.name}.internal"
    names = [host.removesuffix(suffix).rpartition(".")[2] for suffix in SUFFIXES if host.endswith(suffix)]
    return app.name in names or host == machine.address
