import socket

import pytest
from s3_gallery import KEY_ID, NAME, SECRET, Gallery, address_of

from maulstick.bucket import open_bucket
from maulstick.sandbox.process import free_port
from maulstick.sandbox.storage import PORTS, SeaweedFS


@pytest.fixture(scope="session")
def storage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3")
    free = {free_port() for _ in range(50)}
    ports = dict(zip(PORTS, sorted(free), strict=False))
    server = SeaweedFS(folder / "storage", folder / "storage.log", ports, KEY_ID, SECRET)
    running = server.up()
    try:
        open_bucket(address_of(server.address)).client.create_bucket(Bucket=NAME)
        yield server
    finally:
        server.down(running)


@pytest.fixture(scope="session")
def bucket(storage):
    return open_bucket(address_of(storage.address))


@pytest.fixture
def gallery(bucket, tmp_path):
    root = tmp_path / "static"
    root.mkdir()
    yield Gallery(root, bucket)
    for key in bucket.list([""]):
        bucket.client.delete_object(Bucket=NAME, Key=key)


@pytest.fixture
def dead_bucket():
    with socket.socket() as taken:  # bound, but it listens to nobody
        taken.bind(("127.0.0.1", 0))
        yield open_bucket(address_of(f"http://127.0.0.1:{taken.getsockname()[1]}"), attempts=1)
