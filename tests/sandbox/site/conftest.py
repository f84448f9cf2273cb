"""Sites on a database and a bucket of their own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from psycopg.types.json import Jsonb

from maulstick.sandbox import content, process, programs
from maulstick.sandbox.postgres import Postgres
from maulstick.sandbox.storage import SeaweedFS, start_storage
from tests.sandbox.sandboxes import client
from tests.sandbox.site.sites import (
    CODE,
    FOREVER,
    KEYS,
    NOW,
    PICTURE,
    RELEASE,
    ROWS,
    USUAL,
    Recorded,
    Site,
    start,
    stop,
)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    folder = tmp_path_factory.mktemp("postgres")
    user = programs.unprivileged()
    home = programs.home(folder, user)
    server = Postgres(home, folder / "log", process.free_port(), "its-password", user)
    server.up()
    yield server
    server.down(None)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    folder = tmp_path_factory.mktemp("storage")
    server, running = start_storage(folder, key="its-key", secret="its-secret")
    yield server
    server.down(running)


@pytest.fixture(scope="session")
def database(postgres: Postgres) -> str:
    with postgres.connect() as connection:
        connection.execute("create database site")
    with psycopg.connect(postgres.url("site")) as connection:
        connection.execute(content.schema_sql().encode())
        for table, own in ROWS:
            row = {**USUAL.get(table, {}), **NOW, **own}
            values = [Jsonb(value) if isinstance(value, dict) else value for value in row.values()]
            places = ", ".join(["%s"] * len(row))
            connection.execute(f"insert into {table} ({', '.join(row)}) values ({places})".encode(), values)
    return postgres.url("site")


@pytest.fixture(scope="session")
def environment(database: str, storage: SeaweedFS) -> Mapping[str, str]:
    s3 = client(storage)
    s3.create_bucket(Bucket="pictures")
    for key in KEYS:
        s3.put_object(
            Bucket="pictures", Key=key, Body=PICTURE, ContentType="image/jpeg", CacheControl=FOREVER
        )
    return {
        "DATABASE_URL": database,
        "AWS_ACCESS_KEY_ID": storage.access_key,
        "AWS_SECRET_ACCESS_KEY": storage.secret_key,
        "AWS_REGION": "auto",
        "AWS_ENDPOINT_URL_S3": storage.address,
        "S3_BUCKET": "pictures",
        "S3_PUBLIC_URL": "http://site.test/media",
        "FLY_IMAGE_LABEL_GIT_SHA": RELEASE,
    }


@pytest.fixture(scope="session")
def site(environment: Mapping[str, str]) -> Iterator[Site]:
    started = start(CODE, environment, process.free_port())
    yield started
    log = stop(started)
    assert "Traceback" not in log or "OperationalError" in log
    for secret in ("its-password", environment["AWS_SECRET_ACCESS_KEY"]):
        assert secret not in log


@pytest.fixture(scope="session")
def recorded(environment: Mapping[str, str]) -> Iterator[Recorded]:
    """A site whose storage has nothing, and writes down what it is asked for."""
    asked: list[str] = []

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Nothing) as server:
        threading.Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        started = start(CODE, {**environment, "AWS_ENDPOINT_URL_S3": address}, process.free_port())
        yield Recorded(started, asked)
        stop(started)
        server.shutdown()
