"""Small sites that we did not write: two databases each on one real server, and a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from maulstick.sandbox.postgres import Postgres
from tests.other_sites.other_site import OtherSite, made

MakeSite = Callable[..., OtherSite]
NUMBER = count(1)


@pytest.fixture(scope="session")
def storage_server() -> Iterator[str]:
    """The address of an S3 server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def storage(storage_server: str) -> str:
    """The address of an S3 server with nothing but the bucket `gallery`, which is empty."""
    urlopen(Request(f"{storage_server}/moto-api/reset", method="POST")).close()
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=storage_server, **keys).create_bucket(Bucket="gallery")
    return storage_server


@pytest.fixture
def other_site(server: Postgres, tmp_path: Path) -> Iterator[MakeSite]:
    """Make a site: SQL for both databases, then for the local and the live one, and its plugin."""
    with ExitStack() as stack:

        def make(both: str, *, local: str = "", live: str = "", plugin: str = "", **where: str) -> OtherSite:
            number = next(NUMBER)
            names = (f"dev_{number}", f"live_{number}")
            with server.connect() as connection:
                for name in names:
                    connection.execute(f"create database {name}".encode())
            stack.callback(_remove, server, names)
            dev, there = (stack.enter_context(server.connect(name)) for name in names)
            for connection, own in ((dev, local), (there, live)):
                connection.execute(f"{both};\n{own}".encode())
            addresses = (server.url(names[0]), server.url(names[1]))
            site = made(tmp_path / f"site-{number}", dev, there, addresses, **where)
            if plugin:
                site.plugin(plugin)
            return site

        yield make


def _remove(server: Postgres, names: tuple[str, str]) -> None:
    with server.connect() as connection:
        for name in names:
            connection.execute(f"drop database {name} with (force)".encode())
