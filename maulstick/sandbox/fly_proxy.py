"""`fly proxy`: a local port to a name of the private network (docs/fly-facts.md, "The proxy")."""

import errno
import os
import signal
import socket
import sys
import threading
from contextlib import suppress

from maulstick.sandbox import apps, names
from maulstick.sandbox.apps import CloudError, World
from maulstick.sandbox.fly_request import Request, out
from maulstick.sandbox.pipe import join, listen
from maulstick.sandbox.process import wait_until

# flyctl tries for four minutes; the delay of "dns" sets another time.
DNS_SECONDS = 0.3
SSH_PORT, POSTGRES_PORT, MANAGED_PORT = 22, 5432, "16380"
TOO_OLD = (
    "MPG commands require updated tokens but found older-style tokens.\n\nPlease upgrade your authentication"
    " by running:\n  flyctl auth logout\n  flyctl auth login\n"
)


def proxy(request: Request) -> int:
    """Listen, print the line, and pass each connection on until a signal or the end of a watched stdin."""
    if not request.app_name and not request.call.value("org"):
        raise CloudError("org slug must be specified when not running interactively")
    if request.app_name:
        _ = request.app
    local, remote = _ports(request.call.arguments[0])
    host = request.call.arguments[1] if len(request.call.arguments) > 1 else f"{request.app_name}.internal"
    _expect_name(request, host)
    return _forward(request, local, host, remote)


def managed_proxy(request: Request) -> int:
    """Do the same to a managed database's direct address; stdin is not watched (docs/fly-facts.md)."""
    if not request.call.arguments:
        raise CloudError("prompt: non interactive")
    if apps.take_fault(request.folder, "mpg-old-token"):
        raise CloudError(TOO_OLD)
    cluster = request.call.arguments[0]
    host = f"direct.{cluster}{names.MANAGED}"
    if not request.may_use("") or not names.is_known(request.world, host):
        raise CloudError(f"failed retrieving cluster {cluster}: not found")
    local = request.call.value("local-port", MANAGED_PORT)
    if local == "0" and apps.take_fault(request.folder, "mpg-port-0"):
        raise CloudError("invalid port: 0")
    return _forward(request, int(local), host, POSTGRES_PORT)


def target(world: World, host: str, port: int) -> tuple[str, int] | None:
    """Find where connections to a private name go now, None if there is nothing."""
    found = names.machine_at(world, host)
    suffixes = [f"{found[0].name}{suffix}" for suffix in names.SUFFIXES] if found else []
    if found is None and not names.is_known(world, host):
        return None
    for name in (host, *suffixes):
        if address := world.hosts.get(f"{name}:{port}"):
            host, _, port_text = address.rpartition(":")
            return host, int(port_text)
    return None


def _forward(request: Request, local: int, host: str, remote: int) -> int:
    server = _listen(request.call.value("bind-addr", "127.0.0.1"), local)
    _leave_on_signals()
    if request.call.says("watch-stdin"):
        threading.Thread(target=_leave_with_stdin, daemon=True).start()
    out(f"Proxying localhost:{server.getsockname()[1]} to remote [{host}]:{remote}\n")
    while True:
        client, _ = server.accept()
        threading.Thread(target=_serve, args=(request, client, host, remote), daemon=True).start()


def _serve(request: Request, client: socket.socket, host: str, port: int) -> None:
    with client, suppress(OSError):
        address = target(apps.load(request.folder), host, port)
        if apps.take_fault(request.folder, "proxy-refuses"):
            return
        if address:
            join(client, socket.create_connection(address))
        elif port == SSH_PORT:
            _serve_ssh(request, client, host)


def _serve_ssh(request: Request, client: socket.socket, host: str) -> None:
    with suppress(ImportError):  # `fly ssh issue` says what is missing; nobody gets in without.
        from maulstick.sandbox.ssh_server import serve

        serve(request.folder, client, host)


def _ports(text: str) -> tuple[int, int]:
    local, _, remote = text.partition(":")
    try:
        return int(local), int(remote or local)
    except ValueError as error:
        raise CloudError(f'the sandbox proxies from TCP ports only, not "{local}"') from error


def _expect_name(request: Request, host: str) -> None:
    if ":" in host:
        return
    seconds = request.world.delays.get("dns", DNS_SECONDS)
    hidden = apps.take_fault(request.folder, "dns-not-found")
    if hidden or not wait_until(lambda: names.is_known(apps.load(request.folder), host), seconds=seconds):
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
