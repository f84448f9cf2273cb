"""A person is told of a site that does not answer yet, by one thread however many questions wait."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from maulstick.sandbox.process import wait_until
from maulstick.verify import http as module
from maulstick.verify.http import Web
from maulstick.verify.waits import Waits
from tests.verify.small_site import Reply


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(module, "WAITS", Waits(0.1))


def test_a_site_that_says_nothing_is_told_of_once_while_it_is_waited_for(site, short):
    said = []
    site.answers("/slow", Reply(b"at last", wait=lambda: wait_until(lambda: bool(said), seconds=600)))
    visitor = Web(site.address, timeout=1200, say=said.append)
    for _ in range(2):
        assert visitor.get("/slow").body == b"at last"
    [text] = said
    assert text.endswith("does not answer yet; a machine that sleeps needs some seconds")


def test_each_wait_that_lasts_is_told_of_and_none_that_is_short():
    told, silence, patience = [], Waits(0.1), Waits(600)

    def wait(number):
        with (silence if number % 2 else patience).announced(lambda: told.append(number)):
            assert wait_until(lambda: number in told or number % 2 == 0, seconds=600)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(wait, range(8)))
    assert sorted(told) == [1, 3, 5, 7]


def test_many_questions_have_one_thread_which_ends():
    silence, before = Waits(0.1), threading.active_count()
    for _ in range(500):
        with silence.announced(lambda: None):
            assert threading.active_count() <= before + 1
    assert wait_until(lambda: threading.active_count() <= before, seconds=600)


def test_what_cannot_be_told_stops_no_other():
    told, silence, failed = [], Waits(0.05), threading.Event()
    with silence.announced(lambda: failed.set() or 1 / 0):
        assert failed.wait(600)
    with silence.announced(lambda: told.append(1)):
        assert wait_until(lambda: told == [1], seconds=600)
