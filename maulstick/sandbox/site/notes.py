"""The reviewers' notes that hang on a page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from maulstick.sandbox.site.addresses import address
from maulstick.sandbox.site.queries import Annotation

TEXTS = ("text", "transcript")


@dataclass(frozen=True, slots=True)
class Note:
    """One note, ready to be shown; `x` and `y` are where the reviewer pointed, in per cent of its element."""

    id: int
    number: int
    anchor: str
    text: str
    answer: str
    audio: str | None
    x: float | None
    y: float | None


@dataclass(frozen=True, slots=True)
class Notes:
    """A page's notes by the element they hang on; `elsewhere` has those whose element the page lacks."""

    at: Mapping[str, Sequence[Note]] = field(default_factory=dict)
    elsewhere: Sequence[Note] = ()


def hang(annotations: Sequence[Annotation], anchors: Collection[str], public_url: str) -> Notes:
    """Hang the annotations on the page's anchors, numbered in their order."""
    notes = [_note(annotation, number, public_url) for number, annotation in enumerate(annotations, 1)]
    return Notes(
        at={anchor: [note for note in notes if note.anchor == anchor] for anchor in anchors},
        elsewhere=[note for note in notes if note.anchor not in anchors],
    )


def _note(annotation: Annotation, number: int, public_url: str) -> Note:
    content = annotation.content if isinstance(annotation.content, Mapping) else {"text": annotation.content}
    place = annotation.anchor_meta if isinstance(annotation.anchor_meta, Mapping) else {}
    recording = annotation.audio_url or content.get("audio_url")
    return Note(
        id=annotation.id,
        number=number,
        anchor=annotation.anchor_key,
        text=_text(content),
        answer=_answer(content),
        audio=address(public_url, str(recording)) if recording else None,
        x=_per_cent(place.get("x")),
        y=_per_cent(place.get("y")),
    )


def _text(content: Mapping[str, object]) -> str:
    names = TEXTS if "value" not in content else (*TEXTS, "question")
    return next((str(content[name]) for name in names if content.get(name) is not None), "")


def _answer(content: Mapping[str, object]) -> str:
    value = content.get("value")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return f"{value} of {content['out_of']}" if content.get("out_of") else str(value)


def _per_cent(value: object) -> float | None:
    """Keep a marker inside its element, whatever was stored."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(min(max(float(value), 0.04), 0.96) * 100, 1)
