"""The SSH server of a machine: certificates only, no shell, files by SFTP, no forwarding.

What is known of the real one: docs/fly-facts.md, "The SSH server of a machine".
"""

import asyncio
import shlex
import socket
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

import asyncssh
from asyncssh import (
    SFTPServer,
    SSHReader,
    SSHServerChannel,
    SSHServerConnection,
    SSHServerProcess,
    SSHWriter,
)

from maulstick.sandbox import apps, launch, machines, names, ssh_keys
from maulstick.sandbox.apps import App, AppMachine

NOT_FOUND = 127
CHUNK = 1 << 16
TICK = 0.1


def serve(folder: Path, client: socket.socket, host: str) -> None:
    """Serve one connection to a private name, until it ends or its machine stops."""
    found = names.machine_at(apps.load(folder), host)
    if found:
        with suppress(asyncssh.Error, OSError):
            asyncio.run(MachineServer(folder, *found).serve(client))


@dataclass(frozen=True, slots=True)
class MachineServer:
    """The server of one machine, as it was when the connection came."""

    folder: Path
    app: App
    machine: AppMachine

    async def serve(self, client: socket.socket) -> None:
        """Serve one connection."""
        authority = ssh_keys.kept(self.folder).export_public_key().decode()
        connection = await asyncssh.run_server(
            client,
            server_host_keys=[ssh_keys.kept(self.folder, self.machine.id)],
            authorized_client_keys=asyncssh.import_authorized_keys(f"cert-authority {authority}"),
            process_factory=self.perform,
            sftp_factory=_Files,
            encoding=None,
            allow_pty=False,
            agent_forwarding=False,
        )
        await self._until_over(connection)

    async def perform(self, process: SSHServerProcess[bytes]) -> None:
        """Run a command as `fly ssh console` does: no shell, in `/`, the machine's environment only."""
        try:
            child = await asyncio.create_subprocess_exec(
                *shlex.split(process.command or "/bin/sh"),
                env=launch.environment(self.app, self.machine),
                cwd="/",
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
            )
        except (OSError, ValueError) as error:
            process.stderr.write(f"exec: {error}\n".encode())
            process.exit(NOT_FOUND)
            return
        try:
            await _joined(process, child)
        finally:
            if child.returncode is None:
                child.kill()

    async def _until_over(self, connection: SSHServerConnection) -> None:
        ended = asyncio.ensure_future(connection.wait_closed())
        while not ended.done() and self._is_up():
            await asyncio.wait([ended], timeout=TICK)
        connection.abort()
        await ended

    def _is_up(self) -> bool:
        app = apps.load(self.folder).apps[self.app.name]
        return machines.is_up(app, apps.machine_by_id(app, self.machine.id))


async def _joined(process: SSHServerProcess[bytes], child: Process) -> None:
    if child.stdin is None or child.stdout is None or child.stderr is None:
        return
    typing = asyncio.ensure_future(_typed(process.stdin, child.stdin))
    await asyncio.gather(_copied(child.stdout, process.stdout), _copied(child.stderr, process.stderr))
    code = await child.wait()
    typing.cancel()
    if code < 0:
        process.exit_with_signal(Signals(-code).name.removeprefix("SIG"))
    else:
        process.exit(code)


async def _typed(source: SSHReader[bytes], sink: StreamWriter) -> None:
    with closing(sink), suppress(OSError, asyncssh.Error):
        await _copied(source, sink)


async def _copied(source: SSHReader[bytes] | StreamReader, sink: SSHWriter[bytes] | StreamWriter) -> None:
    while received := await source.read(CHUNK):
        sink.write(received)
        await sink.drain()


class _Files(SFTPServer):
    """Files by their absolute paths; the session ends with the status that `scp` expects."""

    def __init__(self, channel: SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=b"/")

    def exit(self) -> None:
        self.channel.exit(0)
