import pytest

from maulstick.media.local_addresses import Reach, host_of, is_lost, reach_of

PUBLIC = "https://gallery.example"


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:4000/uploads/x.jpg",
        "HTTPS://LOCALHOST./x.jpg",
        "http://studio.localhost/x.jpg",
        "http://127.0.0.1/x.jpg",
        "http://127.1/x.jpg",
        "http://127.8.9.1:8080/x.jpg",
        "http://2130706433/x.jpg",
        "http://0x7f000001/x.jpg",
        "http://0177.0.0.1/x.jpg",
        "http://0.0.0.0:3000/x.jpg",
        "http://[::1]/x.jpg",
        "http://[::ffff:127.0.0.1]:4000/x.jpg",
        "http://[::]/x.jpg",
        "http://gallery.example@localhost/x.jpg",
        "http://gallery.example:80@127.0.0.1/x.jpg",
        "http://localhost\\@gallery.example/x.jpg",
        "http://%6c%6fcalhost/x.jpg",
        "http://127%2e0.0.1/x.jpg",
        "http://\uff4c\uff4fcalhost/x.jpg",
        "http://127\u30020\u30020\u30021/x.jpg",
        "//localhost/x.jpg",
        "//localhost:4000/x.jpg",
        "http:\\\\localhost\\x.jpg",
        "http:/localhost/x.jpg",
        " http://local\thost/x.jpg",
        "http://lvh.me:3000/x.jpg",
    ],
)
def test_an_address_of_this_machine_is_known_however_it_is_spelt(address):
    assert reach_of(host_of(address)) == Reach.MACHINE
    assert is_lost(address, PUBLIC)
    assert is_lost(address, "http://192.168.1.20")


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.8/x.jpg",
        "http://172.16.0.1/x.jpg",
        "http://172.31.255.255/x.jpg",
        "http://192.168.178.20:8080/x.jpg",
        "http://3232235777/x.jpg",
        "http://169.254.1.1/x.jpg",
        "http://[fd00::8]/x.jpg",
        "http://[fe80::1%25eth0]/x.jpg",
        "http://nas.local/x.jpg",
        "http://NAS.LAN./x.jpg",
        "http://olivia.test/x.jpg",
        "http://host.docker.internal:9000/x.jpg",
        "http://minio:9000/gallery/x.jpg",
        "//minio:9000/gallery/x.jpg",
        "http://fritz.box.home.arpa/x.jpg",
    ],
)
def test_an_address_of_a_network_is_lost_on_a_public_site_and_not_on_one_there(address):
    assert reach_of(host_of(address)) == Reach.NETWORK
    assert is_lost(address, PUBLIC)
    assert not is_lost(address, "http://192.168.1.20")
    assert not is_lost(address, "http://localhost:4000")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.nip.io",
        "app.10-0-0-5.sslip.io",
        "vcap.me",
        "gallery.s3.localhost.localstack.cloud:4566",
        "198.18.0.1",
        "web.docker",
        "[2002:7f00:1::]",
    ],
)
def test_names_and_numbers_that_mean_this_machine_or_network_lead_nowhere(host):
    assert is_lost(f"http://{host}/x.jpg", PUBLIC)


@pytest.mark.parametrize(
    "value",
    [
        "https://gallery.example/x.jpg",
        "https://cdn.example.com/localhost/x.jpg",
        "https://localhost.example.com/x.jpg",
        "https://localhost@i.example.com/x.jpg",
        "https://172.32.0.1/x.jpg",
        "https://11.0.0.1/x.jpg",
        "https://8.8.8.8/x.jpg",
        "https://[2001:4860:4860::8888]/x.jpg",
        "https://thelan.com/x.jpg",
        "https://test.de/x.jpg",
        "https://i.internal.com/x.jpg",
        "//cdn.example.com/x.jpg",
        "/uploads/localhost/x.jpg",
        "uploads/x.jpg",
        "//uploads/x.jpg",
        "/localhost/x.jpg",
        "data:image/png;base64,AAAA",
        "",
    ],
)
def test_what_visitors_reach_and_what_is_no_address_is_let_be(value):
    assert not is_lost(value, PUBLIC)


def test_a_site_on_this_machine_may_name_itself_and_its_neighbours():
    for site in ("http://127.0.0.1:25996", "http://localhost:4000"):
        assert not is_lost("http://localhost:4000/x.jpg", site)
        assert not is_lost("http://127.0.0.1:25996/x.jpg", site)


def test_a_site_of_a_network_may_name_its_own_host():
    assert not is_lost("http://nas/x.jpg", "http://nas:8080")
    assert not is_lost("http://nas/x.jpg", "http://nas.lan")


def test_a_host_that_no_browser_would_ask_is_none():
    assert host_of("https:///") == ""
    assert host_of("mailto:me@localhost") == ""
    assert not is_lost("https://", PUBLIC)
