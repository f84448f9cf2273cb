"""A site over https proves who it is; one that does not is not believed."""

import ssl
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from maulstick.verify.http import Web
from maulstick.verify.response import Unreachable
from tests.certificates import self_signed


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *words):
        pass


@pytest.fixture
def site(tmp_path):
    """The address of a site with a certificate of its own making, and the certificate."""
    certificate = self_signed(tmp_path / "site.pem")
    server = HTTPServer(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}", certificate
    server.shutdown()
    server.server_close()


def test_a_certificate_of_its_own_making_is_refused_by_name(site):
    with pytest.raises(Unreachable, match="has no certificate that we trust") as caught:
        Web(site[0], patience=0.1).get("/")
    assert "SSL_CERT_FILE" in caught.value.hint


def test_an_authority_of_the_user_s_own_is_trusted(site, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(site[1]))
    assert Web(site[0], patience=0.1).get("/").status == 200
