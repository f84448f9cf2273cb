import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from maulstick.sandbox.process import free_port
from maulstick.verify import http, response, tab
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
    return Web(site.address, timeout=600, patience=600)


class Clock:
    """A clock that goes on only while somebody pauses."""

    def __init__(self):
        self.now = time.monotonic()

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def pauses(monkeypatch):
    """Patience that is counted in pauses: how busy the machine is does not matter, and nobody waits."""
    clock = Clock()
    monkeypatch.setattr(http, "time", clock)
    return clock


@pytest.fixture
def drip(monkeypatch, pauses):
    """Waits, before each byte of an answer, until the last was read; by the reader's clock it took 10 s.

    An answer that nobody reads to its end takes a turn from the next one, which then goes on by itself.
    """
    was_read = threading.Semaphore()

    def monotonic():
        pauses.sleep(10)
        was_read.release()
        return pauses.now

    monkeypatch.setattr(response, "time", SimpleNamespace(monotonic=monotonic))
    return lambda: was_read.acquire(timeout=1)


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
def looking(site, chromium, monkeypatch):
    """A browser on the small site, with all patience."""
    monkeypatch.setattr(tab, "OPENS", 600)
    monkeypatch.setattr(tab, "CLICK", 600)
    site.answers("/favicon.ico", Reply(status=204, body=b""))
    return replace(chromium, site=site.address, patience=600, looked=[])


@pytest.fixture
def hasty(looking):
    """A browser that looks only once at what it cannot tell."""
    return replace(looking, patience=0)
