import socket
import subprocess
from dataclasses import dataclass
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from maulstick.s3.bucket import open_bucket
from maulstick.sandbox import process, programs
from maulstick.sandbox.process import Process
from maulstick.sandbox.storage import SeaweedFS, start_storage
from tests.s3.faulty_line import line_to
from tests.s3.gallery import KEY_ID, NAME, SECRET, Gallery, address_of


@pytest.fixture(scope="session")
def storage(tmp_path_factory):
    server, running = start_storage(tmp_path_factory.mktemp("s3"), key=KEY_ID, secret=SECRET)
    try:
        open_bucket(address_of(server.address)).client.create_bucket(Bucket=NAME)
        yield server
    finally:
        server.down(running)


@pytest.fixture(scope="session")
def full_bucket(storage):
    """A bucket that has used up its quota: the storage takes nothing more, and calls it an internal error."""
    bucket = open_bucket(address_of(storage.address, name="full"), attempts=2)
    bucket.client.create_bucket(Bucket="full")
    at = storage.ports
    servers = [
        f"-{name}=127.0.0.1:{at[f'storage.{name}']}.{at[f'storage.{name}.grpc']}"
        for name in ("master", "filer")
    ]
    rule = "fs.configure -locationPrefix=/buckets/full/ -readOnly=true -apply\nexit\n"
    command = [str(programs.weed()), "shell", *servers]
    subprocess.run(command, input=rule, text=True, capture_output=True, check=True)
    return bucket


@dataclass
class FrailStorage:
    """A storage of one test's own, that can die and come back."""

    server: SeaweedFS
    process: Process

    def die(self):
        process.kill(self.process)

    def come_back(self):
        self.process = self.server.up()


@pytest.fixture
def frail_storage(tmp_path):
    frail = FrailStorage(*start_storage(tmp_path, key=KEY_ID, secret=SECRET))
    try:
        open_bucket(address_of(frail.server.address)).client.create_bucket(Bucket=NAME)
        yield frail
    finally:
        frail.server.down(frail.process)


@pytest.fixture(scope="session")
def bucket(storage):
    return open_bucket(address_of(storage.address))


@pytest.fixture
def gallery(bucket, tmp_path):
    root = tmp_path / "static"
    root.mkdir()
    yield Gallery(root, bucket)
    for left in bucket.client.list_multipart_uploads(Bucket=NAME).get("Uploads", ()):
        bucket.client.abort_multipart_upload(Bucket=NAME, Key=left["Key"], UploadId=left["UploadId"])
    keys = [{"Key": key} for key in bucket.list([""])]
    for start in range(0, len(keys), 1000):
        bucket.client.delete_objects(Bucket=NAME, Delete={"Objects": keys[start : start + 1000]})


@pytest.fixture
def line(storage):
    """A line to the storage that fails when a test says so."""
    with line_to("127.0.0.1", storage.ports["storage"]) as line:
        yield line


@pytest.fixture
def far_gallery(gallery, line):
    """The same gallery at the other end of the line."""
    return Gallery(gallery.root, open_bucket(address_of(line.address)))


@pytest.fixture
def dead_bucket():
    with socket.socket() as taken:  # bound, but it listens to nobody
        taken.bind(("127.0.0.1", 0))
        yield open_bucket(address_of(f"http://127.0.0.1:{taken.getsockname()[1]}"), attempts=1)


@pytest.fixture(scope="session")
def literal_server():
    """The address of a storage that keeps doubled slashes apart, and believes whatever arrives."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def literal_bucket(literal_server):
    """Its one bucket, which is empty; all such storages of a process hold the same."""
    urlopen(Request(f"{literal_server}/moto-api/reset", method="POST")).close()
    bucket = open_bucket(address_of(literal_server, region="us-east-1"))
    bucket.client.create_bucket(Bucket=NAME)
    return bucket


@pytest.fixture
def literal_gallery(literal_bucket, tmp_path):
    return Gallery(tmp_path / "static", literal_bucket)
