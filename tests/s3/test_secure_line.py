"""Uploads over TLS, as every storage but a test's asks for them."""

import datetime
import ssl
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from maulstick.errors import Problem
from maulstick.s3.bucket import open_bucket
from maulstick.s3.multipart import PART
from tests.s3.gallery import Gallery, address_of

PEM = serialization.Encoding.PEM


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The certificate of 127.0.0.1 that we trust, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    signed = builder.add_extension(address, critical=True).sign(key, hashes.SHA256())
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + signed.public_bytes(PEM))
    return file


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
