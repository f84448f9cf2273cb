"""`fly logs`: pretty objects one after another, and patience where there is nothing."""

import json
import re
import subprocess

import pytest

from maulstick.sandbox import launch


def test_a_line_tells_time_machine_region_and_level(cloud):
    cloud.page("/a-page")
    text = cloud.fly("logs", "--no-tail").stdout
    line = rf"^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ app\[{cloud.machine.id}\] lhr \[info\]GET /a-page$"
    assert re.search(line, text, re.MULTILINE)


def test_json_is_a_stream_of_pretty_objects(cloud):
    text, entries = cloud.fly("logs", "-n", "-j").stdout, []
    while text:
        entry, end = json.JSONDecoder().raw_decode(text)
        entries.append(entry)
        text = text[end:].lstrip()
    assert len(entries) > 1
    assert set(entries[0]) == {"level", "instance", "message", "region", "timestamp", "meta"}


def test_errors_have_their_level(own_cloud):
    launch.note(own_cloud.folder, own_cloud.machine.id, "ValueError: no such picture")
    assert "[error]ValueError: no such picture" in own_cloud.fly("logs", "-n").stdout


@pytest.mark.parametrize("words", [["--no-tail", "-m", "nope"], []])
def test_it_never_returns_while_it_follows_or_has_nothing(cloud, words):
    process = cloud.start("logs", *words)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=0.3)
    process.kill()
    process.communicate()
