"""Uploads over TLS, as every storage but a test's asks for them."""

import ssl

import pytest

from maulstick.errors import Problem
from maulstick.s3.bucket import open_bucket
from maulstick.s3.multipart import PART
from tests.certificates import self_signed
from tests.s3.gallery import Gallery, address_of


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The certificate of 127.0.0.1 that we trust, with its key."""
    return self_signed(tmp_path_factory.mktemp("tls") / "certificate.pem")


@pytest.fixture
def secure(line, certificate):
    """The line to the storage, over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    line.socket = context.wrap_socket(line.socket, server_side=True)
    return line


def bucket_of(line):
    return open_bucket(address_of(line.address.replace("http:", "https:")), attempts=2)


def test_files_arrive_over_tls_as_tigris_wants_them(secure, gallery, certificate, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    files = [gallery.file("uploads/x.jpg"), gallery.file("uploads/film.mp4", b"x" * (2 * PART + 5))]
    Gallery(gallery.root, bucket_of(secure)).send(*files)
    assert [gallery.bucket.digest(file.key) for file in files] == [file.sha256 for file in files]
    bodies = [one for one in secure.headers if int(one.get("Content-Length", 0))]
    assert len(bodies) == 5  # the picture, three parts and the list of them
    for headers in bodies:
        assert "aws-chunked" not in str(headers.items())
        assert "Transfer-Encoding" not in headers
        assert len(headers["X-Amz-Content-SHA256"]) == 64


def test_a_certificate_that_nobody_trusts_is_refused(secure, gallery):
    with pytest.raises(Problem, match="has no certificate that we trust"):
        Gallery(gallery.root, bucket_of(secure)).send(gallery.file("uploads/x.jpg"))
    assert gallery.bucket.list([""]) == {}
