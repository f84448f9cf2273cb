import threading
import time
from dataclasses import replace

import pytest

from maulstick.sandbox.process import free_port
from maulstick.verify.browser import browser
from maulstick.verify.http import Web
from tests.verify.small_site import Reply, Site


@pytest.fixture
def site():
    with Site().running() as started:
        yield started


@pytest.fixture
def other_site():
    """A site of another host."""
    with Site().running() as started:
        yield started


@pytest.fixture
def visitor(site):
    return Web(site.address, timeout=0.5, patience=3)


@pytest.fixture
def sleeping_site():
    """A site whose machine takes 0.7 seconds to wake."""
    site, ended = Site(free_port()), threading.Event()

    def wake():
        time.sleep(0.7)
        with site.running():
            ended.wait()

    waking = threading.Thread(target=wake)
    waking.start()
    yield site
    ended.set()
    waking.join()


@pytest.fixture(scope="module")
def chromium():
    """A Chromium that has visited nothing."""
    with browser("http://127.0.0.1:9") as started:
        yield started


@pytest.fixture
def looking(site, chromium):
    """A browser on the small site, with no patience."""
    site.answers("/favicon.ico", Reply(status=204, body=b""))
    return replace(chromium, site=site.address, patience=0, looked=[])
