"""Tigris is asked for what is so everywhere, not for what its nearest region has heard of."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from maulstick.s3.bucket import open_bucket
from tests.s3.gallery import address_of

HEADER = "X-Tigris-Consistent"


@pytest.fixture
def asked(monkeypatch):
    """What a proxy is asked: it stands for every server, and has nothing of what is asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            asked.append(self.headers)
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_PUT = answer  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    yield asked
    server.shutdown()
    server.server_close()


def ask(endpoint, addressing="virtual"):
    bucket = open_bucket(address_of(endpoint, addressing=addressing), attempts=1)
    assert bucket.head("uploads/x.jpg") is None
    with pytest.raises(bucket.client.exceptions.ClientError):
        bucket.client.get_object(Bucket="gallery", Key="uploads/x.jpg")


@pytest.mark.parametrize("addressing", ["virtual", "path"])
@pytest.mark.parametrize("host", ["fly.storage.tigris.dev", "t3.storage.dev"])
def test_every_request_to_tigris_wants_what_is_so_everywhere_and_signs_that(asked, host, addressing):
    ask(f"http://{host}", addressing)
    assert [headers[HEADER] for headers in asked] == ["true", "true"]
    assert all("x-tigris-consistent" in headers["Authorization"] for headers in asked)


@pytest.mark.parametrize("host", ["s3.example.com", "t3.storage.dev.example.com", "not-t3.storage.dev"])
def test_no_other_storage_is_sent_its_header(asked, host):
    ask(f"http://{host}")
    assert [headers[HEADER] for headers in asked] == [None, None]
