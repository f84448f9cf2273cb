"""A proxy that adds a delay to every byte in both directions and counts what passes: requests and turns."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BLOCK = 1 << 18
REQUEST = re.compile(rb"(GET|PUT|POST|HEAD|DELETE) /[^ \r\n]* HTTP/1\.1\r\n")
GOODBYE = b"X\0\0\0\4"
"""What a client of PostgreSQL says last, and nobody answers."""
TAIL = 4096
"""Bytes of the block before that a request line may begin in."""


@dataclass(slots=True)
class Proxy:
    """Where the proxy listens, and what has passed since the counter was cleared."""

    address: str = ""
    counted: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    turns: int = 0
    """How often a client spoke after it had listened: each is a wait for the other side."""
    sent: int = 0
    """Bytes that clients sent."""

    def count(self, block: bytes, tail: bytes) -> bytes:
        """Count the requests that begin in a block, or begin in the tail of the one before and end in it."""
        whole = tail + block
        for found in REQUEST.finditer(whole):
            if found.end() > len(tail):
                self.counted[found[1].decode()] += 1
        return whole[-TAIL:]


@contextmanager
def delayed(host: str, port: int, seconds: float) -> Iterator[Proxy]:
    """Listen on a free port for the block and pass everything on, half of the delay in each direction."""
    loop, proxy = asyncio.new_event_loop(), Proxy()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError):
            await asyncio.sleep(seconds)  # the handshake of a far connection
            there = await asyncio.open_connection(host, port, limit=BLOCK)
            proxy.connections += 1
            talk = _Talk(proxy)
            forth = _pass_on(reader, there[1], seconds / 2, talk.speaks)
            await asyncio.gather(forth, _pass_on(there[0], writer, seconds / 2, talk.listens))

    server = loop.run_until_complete(asyncio.start_server(accept, "127.0.0.1", 0, limit=BLOCK, backlog=1024))
    proxy.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_leave(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(slots=True)
class _Talk:
    """One connection: what its client says is counted, and whether it had listened before."""

    proxy: Proxy
    tail: bytes = b""
    listened: bool = True

    def speaks(self, block: bytes) -> None:
        self.tail = self.proxy.count(block, self.tail)
        self.proxy.sent += len(block)
        self.proxy.turns += self.listened and block != GOODBYE
        self.listened = False

    def listens(self, block: bytes) -> None:
        self.listened = True


async def _leave(server: asyncio.Server) -> None:
    """Stop whatever is still passed on."""
    server.close()
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float, hear: Callable[[bytes], None]
) -> None:
    """Pass blocks on when they are due; those that came meanwhile are not delayed twice."""
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)
    sender = asyncio.ensure_future(_send(waiting, writer))
    now = asyncio.get_running_loop().time
    try:
        while block := await reader.read(BLOCK):
            hear(block)
            await waiting.put((now() + seconds, block))
    except ConnectionError:
        pass
    await waiting.put((now() + seconds, b""))
    await sender


async def _send(waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    now = asyncio.get_running_loop().time
    try:
        while True:
            due, block = await waiting.get()
            if (wait := due - now()) > 0:
                await asyncio.sleep(wait)
            if not block:
                break
            writer.write(block)
            await writer.drain()
        writer.close()
    except ConnectionError:
        writer.close()
