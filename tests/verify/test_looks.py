"""What `plugins/looks.py` finds when it clicks on lightboxes and notes."""

import importlib.util
import json
from types import SimpleNamespace

import pytest

from maulstick.project.declarations import Page, Subject
from maulstick.verify.proof.in_browser import faultless
from tests.checkout import ROOT
from tests.verify.small_site import Reply

PLUGIN = ROOT / "plugins" / "looks.py"
SAYS = "She turns away from the light."
ARTWORK = {"slug": "a", "published": "true", "media_file_id": "/uploads/a.jpg"}
ANALYSIS = {
    "media_file_id": "/uploads/a.jpg",
    "iteration": "1",
    "llm_response": json.dumps({"interpretation": SAYS}),
}
NOTE = {
    "theme": "reviewer",
    "anchor_key": "artwork:a",
    "content": json.dumps({"text": "Keep the blue."}),
    "audio_url": "/uploads/a.wav",
}
SILENCE = bytes.fromhex(
    "524946462a00000057415645666d74201000000001000100401f0000401f0000010008006461746106000000808080808080"
)
PAGE = """<!doctype html><title>T</title><style>h3 { text-transform: uppercase }</style>
<a href=# data-lightbox=lightbox-a onclick="document.getElementById('lightbox-a').showModal()">A</a>
<dialog class=lightbox id=lightbox-a>
<h3>Interpretation</h3><p>She turns away from the light.</p><h3>Technical Details</h3></dialog>
<div data-note-anchor="artwork:a">
<button data-note-id=1 onclick="document.getElementById('n').hidden = false">1</button>
<div id=n class=note role=note hidden><p>Keep the blue.</p><audio preload=none src=/a.wav></audio></div>
</div>"""
LIGHTBOX = "lightbox of a at {} px"
NOTES = "note on artwork:a in reviewer at {} px"


@pytest.fixture(scope="module")
def looks():
    """The plugin, as a project loads it."""
    spec = importlib.util.spec_from_file_location("looks", PLUGIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def found(site, looking, looks):
    """What the plugin says of the series' page, with changes to what the page and the files are."""

    def answers(old="", new="", sound=None):
        body = PAGE.replace(old, new) if old else PAGE
        assert not old or body != PAGE
        for path in ("/series/s", "/series/s?theme=reviewer"):
            site.answers(path, Reply(body.encode()))
        site.answers("/a.wav", sound or Reply(SILENCE, headers={"content-type": "audio/wav"}))
        release = SimpleNamespace(
            subject=Subject("series", "s"),
            pages=[Page("/series/s")],
            rows={"artworks": [ARTWORK], "media_analyses": [ANALYSIS], "annotations": [NOTE]},
            browser=looking,
        )
        checks = [*looks.maulstick_verify(release), *faultless(looking.looked)]
        return {check.name: (check.ok, check.answer) for check in checks}

    return answers


def at_both(name, ok, answer):
    return {name.format(width): (ok, answer) for width in (1280, 390)}


def test_what_opens_is_right_in_capitals_too(found):
    checks = found()
    assert checks == checks | at_both(LIGHTBOX, True, "opens") | at_both(NOTES, True, "opens")
    assert {ok for ok, _ in checks.values()} == {True}


def test_a_lightbox_without_its_text_is_wrong(found):
    checks = found(f"<p>{SAYS}</p>")
    assert checks == checks | at_both(LIGHTBOX, False, f"lacks {SAYS!r}")


def test_what_only_a_phone_hides_is_wrong(found):
    style = "@media (max-width: 600px) { dialog.lightbox p, .note { display: none !important } }"
    checks = found("<title>", f"<style>{style}</style><title>")
    assert checks[LIGHTBOX.format(1280)] == checks[NOTES.format(1280)] == (True, "opens")
    assert checks[LIGHTBOX.format(390)] == (False, f"lacks {SAYS!r}")
    assert checks[NOTES.format(390)] == (False, "stays closed")


def test_an_error_of_a_click_on_a_lightbox_is_wrong(found):
    checks = found(".showModal()", ".showModal(); nothing.there()")
    assert checks["no error on /series/s at 390 px"] == (False, "script error: nothing is not defined")


def test_a_note_that_stays_closed_is_wrong(found):
    checks = found(".hidden = false", ".title = 'open'")
    assert checks == checks | at_both(NOTES, False, "stays closed")


def test_a_note_without_its_words_is_wrong(found):
    checks = found("<p>Keep the blue.</p>", "<p>A note.</p>")
    assert checks == checks | at_both(NOTES, False, "lacks 'Keep the blue.'")


def test_a_note_at_another_place_is_wrong(found):
    checks = found('"artwork:a"', '"artwork:b"')
    assert checks == checks | at_both(NOTES, False, "stays closed")


def test_a_sound_that_is_gone_is_wrong(found):
    checks = found(sound=Reply(b"gone", 404))
    assert checks == checks | at_both(NOTES, False, "its sound does not load")


def test_a_sound_that_did_not_answer_cannot_be_told(found):
    checks = found(sound=Reply(b"not now", 503))
    assert checks == checks | at_both(NOTES, None, "its sound does not load")
