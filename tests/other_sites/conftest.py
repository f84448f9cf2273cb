"""Small sites that we did not write: two databases each on one real server, and a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from maulstick.sandbox.postgres import Postgres
from tests.other_sites.other_site import OtherSite, made
from tests.verify.small_site import Reply, Site

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


@pytest.fixture(scope="session")
def storage_client(storage_server: str) -> Any:
    """A client of the S3 server: to make one takes longer than to ask it."""
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=storage_server, **keys)


@pytest.fixture
def storage(storage_server: str, storage_client: Any) -> str:
    """The address of an S3 server with nothing but the bucket `gallery`, which is empty."""
    urlopen(Request(f"{storage_server}/moto-api/reset", method="POST")).close()
    storage_client.create_bucket(Bucket="gallery")
    return storage_server


@pytest.fixture
def s3(storage: str, storage_client: Any) -> Any:
    """A client of the storage, for what is done there by others."""
    return storage_client


@pytest.fixture(scope="session")
def home_page() -> Iterator[str]:
    """The address of a site with nothing but a home page: one that does not answer is asked for seconds."""
    with Site().running() as site:
        site.answers("/", Reply(b"<h1>Home</h1>"))
        yield site.address


@pytest.fixture
def other_site(server: Postgres, tmp_path: Path, home_page: str) -> Iterator[MakeSite]:
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
            site = made(tmp_path / f"site-{number}", dev, there, addresses, **{"site": home_page, **where})
            if plugin:
                site.plugin(plugin)
            return site

        yield make


def _remove(server: Postgres, names: tuple[str, str]) -> None:
    with server.connect() as connection:
        for name in names:
            connection.execute(f"drop database {name} with (force)".encode())
