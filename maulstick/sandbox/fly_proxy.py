"""`fly proxy`: a local port to a name of the private network (fly.md §3)."""

import errno
import os
import signal
import socket
import sys
import threading
from contextlib import suppress

from maulstick.sandbox import apps
from maulstick.sandbox.apps import App, CloudError, World
from maulstick.sandbox.fly_request import Request, out
from maulstick.sandbox.pipe import join, listen
from maulstick.sandbox.process import wait_until

# flyctl asks for four minutes.
DNS_SECONDS = 0.3
SUFFIXES = (".internal", ".flycast")


def proxy(request: Request) -> int:
    """Listen, say so, and pass each connection on until a signal or the end of a watched stdin."""
    if not request.app_name and not request.call.value("org"):
        raise CloudError("org slug must be specified when not running interactively")
    if request.app_name:
        _ = request.app
    local, remote = _ports(request.call.arguments[0])
    host = request.call.arguments[1] if len(request.call.arguments) > 1 else f"{request.app_name}.internal"
    _expect_name(request, host)
    server = _listen(request.call.value("bind-addr", "127.0.0.1"), local)
    _leave_on_signals()
    if request.call.says("watch-stdin"):
        threading.Thread(target=_leave_with_stdin, daemon=True).start()
    out(f"Proxying localhost:{server.getsockname()[1]} to remote [{host}]:{remote}\n")
    while True:
        client, _ = server.accept()
        threading.Thread(target=_serve, args=(request, client, host, remote), daemon=True).start()


def owner(world: World, host: str) -> App | None:
    """Return the app that a private name or address belongs to, while it has a machine that is started."""
    names = [host.removesuffix(suffix).rpartition(".")[2] for suffix in SUFFIXES if host.endswith(suffix)]
    for app in world.apps.values():
        addresses = [machine.address for machine in app.machines]
        if (app.name in names or host in addresses) and any(m.state == "started" for m in app.machines):
            return app
    return None


def target(world: World, host: str, port: int) -> tuple[str, int] | None:
    """Return where connections to a private name go now, None where nothing is there."""
    app = owner(world, host)
    if app is None:
        return None
    for name in (host, *(f"{app.name}{suffix}" for suffix in SUFFIXES)):
        if address := world.hosts.get(f"{name}:{port}"):
            host, _, port_text = address.rpartition(":")
            return host, int(port_text)
    return None


def _serve(request: Request, client: socket.socket, host: str, port: int) -> None:
    with client, suppress(OSError):
        address = target(apps.load(request.folder), host, port)
        if address is None or apps.take_fault(request.folder, "proxy-refuses"):
            return
        join(client, socket.create_connection(address))


def _ports(text: str) -> tuple[int, int]:
    local, _, remote = text.partition(":")
    try:
        return int(local), int(remote or local)
    except ValueError as error:
        raise CloudError(f'the sandbox proxies from TCP ports only, not "{local}"') from error


def _expect_name(request: Request, host: str) -> None:
    if ":" in host:
        return
    if not wait_until(lambda: owner(apps.load(request.folder), host) is not None, seconds=DNS_SECONDS):
        raise CloudError(f"{host}: host was not found in DNS")


def _listen(address: str, port: int) -> socket.socket:
    try:
        return listen(address, port)
    except OSError as error:
        why = "address already in use" if error.errno == errno.EADDRINUSE else str(error.strerror).lower()
        raise CloudError(f"listen tcp {address}:{port}: bind: {why}") from error


def _leave_on_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def _leave_with_stdin() -> None:
    with suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    os._exit(0)
