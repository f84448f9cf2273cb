"""What an analysis of a picture says, whatever shape the model answered in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maulstick.sandbox.site.colours import HEX, screen

LABELS = {"medium": "Medium", "style": "Style", "composition": "Composition"}


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour of a palette; `code` is empty if no colour of a screen is known for the name."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Insights:
    """The texts beside a picture in the lightbox."""

    interpretation: Sequence[str]
    details: Mapping[str, str]
    palette: Sequence[Colour]


def insights(response: object) -> Insights | None:
    """Read an analysis; None if it says nothing that can be shown."""
    if not isinstance(response, Mapping):
        return None
    nested = _first(response, "technical_details", "technical", "details")
    details = nested if isinstance(nested, Mapping) else response
    found = Insights(
        interpretation=_paragraphs(_first(response, "interpretation", "description", "summary")),
        details={label: text for name, label in LABELS.items() if (text := _text(details.get(name)))},
        palette=_palette(_first(details, "colour_palette", "color_palette", "palette", "colours", "colors")),
    )
    return found if found.interpretation or found.details or found.palette else None


def _first(mapping: Mapping[str, object], *names: str) -> object:
    return next((mapping[name] for name in names if mapping.get(name)), None)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    return str(value).strip()


def _paragraphs(value: object) -> Sequence[str]:
    parts = value if isinstance(value, list) else re.split(r"\n\s*\n", _text(value))
    return [text for part in parts if (text := _text(part))]


def _palette(value: object) -> Sequence[Colour]:
    return [_colour(text) for text in _colour_texts(value) if text.strip()]


def _colour_texts(value: object) -> Sequence[str]:
    if isinstance(value, Mapping):
        return [f"{name} {_text(code)}" for name, code in value.items()]
    if isinstance(value, list):
        return [
            " ".join(map(_text, part.values())) if isinstance(part, Mapping) else _text(part)
            for part in value
        ]
    return _text(value).split(",")


def _colour(text: str) -> Colour:
    name = HEX.sub("", text).strip(" ()[]:,-–—")
    return Colour(name=name or text.strip(), code=screen(text))
