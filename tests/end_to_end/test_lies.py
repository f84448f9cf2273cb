"""A site that lies in each possible way is caught, and one that is only slow or asleep is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from maulstick.sandbox import apps, launch, machines
from maulstick.sandbox.site.lies import tell
from tests.end_to_end.projects import HASTY, SERIES, Project, Ran

PAGE = "/series/embodiment"
PICTURE = "/media/uploads/media/1763722109_e4982724359e6940.jpg"
OTHER = "/media/uploads/media/1763722108_d70e2e2341d3cccd.jpg"
TITLE = "Embodiment: Studies in Gesture and Form"


def _text(old: str, new: str) -> dict[str, object]:
    return {"path": PAGE, "lie": "other text", "old": old, "new": new}


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "an old title": (
        _text(TITLE, "Embodiment"),
        f"text {TITLE[:40]!r} on {PAGE}: not on the page",
    ),
    "the picture of another artwork": (
        {
            "path": "/artworks/in-motion-iii",
            "lie": "other text",
            "old": f'{PICTURE}" alt=',
            "new": f'{OTHER}" alt=',
        },
        f"page /artworks/in-motion-iii shows {PICTURE.removeprefix('/media')}: not on the page",
    ),
    "swapped pictures": (
        {"path": PAGE, "lie": "swapped texts", "one": PICTURE, "other": OTHER},
        f"picture of 'IN MOTION III' on {PAGE}: beside it is ",
    ),
    "a picture called a drawing": (
        {"path": PICTURE, "lie": "other type", "type": "image/svg+xml"},
        f"image {PICTURE}: is image/svg+xml, released was image/jpeg",
    ),
    "a picture on this machine": (
        _text(f'{PICTURE}" alt=', 'x" alt="x"><img src="http://localhost:9/a.jpg" alt='),
        "image /a.jpg: accepts no connection",
    ),
    "an old text of the series": (
        _text("A pose is what a body does", "A pose is what a body did"),
        f"text 'A pose is what a body does when it knows' on {PAGE}: not on the page",
    ),
    "an old description of an artwork": (
        {
            "path": "/artworks/in-motion-iii",
            "lie": "other text",
            "old": "The stride at its widest",
            "new": "A stride",
        },
        "text 'The stride at its widest. Three position' on /artworks/in-motion-iii: not on the page",
    ),
    "an old year": (
        _text("2024 · Oil on prepared ochre ground", "2023 · Oil on prepared ochre ground"),
        f"text '2024 · Oil on prepared ochre ground' on {PAGE}: not on the page",
    ),
    "a hidden title": (_text("<h1>", "<h1 hidden>"), f"text {TITLE[:40]!r} on {PAGE}: not on the page"),
    "a picture that may not be seen": (
        {"path": PICTURE, "lie": "status", "status": 403},
        f"image {PICTURE}: answers 403",
    ),
    "a picture that is gone": ({"path": PICTURE, "lie": "status", "status": 404}, "answers 404"),
    "half a picture": ({"path": PICTURE, "lie": "half"}, "has other bytes: 305748, released were 611496"),
    "a picture of another type": (
        {"path": PICTURE, "lie": "other type", "type": "application/octet-stream"},
        "is application/octet-stream, no image",
    ),
    "a page instead of a picture": ({"path": PICTURE, "lie": "page instead"}, "is text/html, no image"),
    "a lightbox without its text": (
        _text("<h3>Interpretation</h3>", "<template>"),
        "analysis of she-lays-down: not on the page",
    ),
    "a note without its marker": (
        _text("data-note-id=", "data-was="),
        "marker on artwork:in-motion-iii: missing",
    ),
    "a marker without its note": (
        _text("The blue stroke does the work of a whole floor.", ""),
        "note on artwork:in-motion-iii: not what was released",
    ),
    "a hidden marker": (
        _text('class="note-marker"', 'hidden class="note-marker"'),
        "marker on artwork:in-motion-iii: missing",
    ),
    "a marker on another element": (
        _text('data-note-anchor="artwork:in-motion-iii"', 'data-note-anchor="elsewhere"'),
        "marker on artwork:in-motion-iii: missing",
    ),
    "a note whose sound is gone": (
        _text("1763806120_5c1de09a77b34f28.wav", "gone.wav"),
        "sound /media/uploads/voice_notes/gone.wav: answers 404",
    ),
    "a link to the local site": (
        _text('href="/artworks/', 'href="http://127.0.0.1:9/artworks/'),
        f"link to /artworks/in-motion-iii on {PAGE}: http://127.0.0.1:9/artworks/in-motion-iii",
    ),
    "a social picture that others cannot find": (
        _text('og:image" content="http:', 'og:image" content="'),
        "og:image must be a full address",
    ),
    "a path-style address": (
        _text('og:image" content="', 'og:image" content="https://fly.storage.tigris.dev/b/a.jpg" x="'),
        "its address is path-style, which Tigris refuses",
    ),
    "a page that is not there": ({"path": PAGE, "lie": "status", "status": 404}, f"page {PAGE}: answers 404"),
}


@pytest.fixture(autouse=True)
def honest_again(project: Project) -> Iterator[None]:
    yield
    tell(launch.lies_of(project.sandbox))


def _verify(project: Project, *lies: dict[str, object]) -> Ran:
    tell(launch.lies_of(project.sandbox), *lies)
    return project.invoke("verify", *SERIES)


@pytest.mark.parametrize("name", WRONG)
def test_a_lie_is_wrong(released_once: Project, name: str) -> None:
    lie, says = WRONG[name]
    ran = _verify(released_once, lie)
    assert ran.code == 5, ran.err
    assert says in ran.err


def test_a_page_that_goes_round_in_circles_could_not_be_told(released_once: Project) -> None:
    ran = _verify(released_once, {"path": PAGE, "lie": "circle"})
    assert ran.code == 8, ran.err
    assert f"page {PAGE}: is redirected more than 20 times" in ran.err


def test_a_page_that_fails_once_is_asked_again_and_the_wait_is_said(released_once: Project) -> None:
    ran = _verify(released_once, {"path": PAGE, "lie": "status", "status": 502, "times": 2})
    assert ran.code == 0, ran.err
    assert "answers 502; a machine that sleeps needs some seconds" in ran.err


def test_a_slow_page_is_waited_for_with_a_word(released_once: Project) -> None:
    ran = _verify(released_once, {"path": PAGE, "lie": "late", "seconds": 3, "times": 1})
    assert ran.code == 0, ran.err
    assert "does not answer yet; a machine that sleeps needs some seconds" in ran.err


def test_a_site_that_sleeps_is_woken(released_once: Project) -> None:
    machines.stop(released_once.sandbox, apps.SITE_APP, released_once.machine().id)
    ran = _verify(released_once)
    assert ran.code == 0, ran.err


def test_a_wrong_release_is_undone_when_that_was_asked(fresh: Project) -> None:
    tell(launch.lies_of(fresh.sandbox), _text(TITLE, "Embodiment"))
    ran = fresh.release("--undo-if-wrong")
    assert ran.code == 5
    assert "release 2: release 1 of series embodiment: 18 deleted" in ran.err
    assert fresh.invoke("report").out.splitlines()[-1] == "undone by release 2"
    assert fresh.rows("select count(*) from series where slug = 'embodiment'") == [(0,)]


def test_a_release_that_nobody_could_tell_of_is_not_undone(fresh: Project) -> None:
    lie = {"path": PAGE, "lie": "status", "status": 503}
    tell(launch.lies_of(fresh.sandbox), lie)
    (fresh.folder / "playbooks" / "hasty.toml").write_text(HASTY)
    ran = fresh.release("--undo-if-wrong", "--playbook", "hasty")
    (fresh.folder / "playbooks" / "hasty.toml").unlink()
    assert ran.code == 8
    assert fresh.rows("select count(*) from series where slug = 'embodiment'") == [(1,)]
