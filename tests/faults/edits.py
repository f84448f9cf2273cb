"""What somebody edits before a round's command: here, in production, or both in the same place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.pictures import picture
from tests.faults.site import SUBJECT
from tests.faults.world import World

ARTWORKS = ("lamp", "door", "sun")
TEXTS = ("Lamp, later", "It's \\N 'quoted'", 'A "b"\n\tc', "Ünïcödé 夜", "$$ $1 %s {} %(key)s", "")
LATER = "'2031-01-01 12:00:00'"
CHANGED = f"updated_at = {LATER}"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: on which side, the SQL, the picture it names, and what is to be found of it afterwards.

    `cell` is the question for what the edit wrote, `wrote` its answer; `row` is the row by its table and key,
    and `column` the column, "" where the row was deleted.
    """

    side: str
    text: str
    picture: str = ""
    cell: str = ""
    wrote: str | None = None
    row: tuple[str, str] | None = None
    column: str = ""

    def make(self, world: World) -> None:
        """Make the edit."""
        if self.picture:
            (world.folder / f"media/uploads/{self.picture}.png").write_bytes(picture(self.picture))
        world.run(self.side, self.text)


def drawn(dice: random.Random, number: int) -> Sequence[Edit]:
    """Draw a few edits, at least one of them here."""
    kinds = [_column, _column, _column, _new, _new, _body, _note, _deleted, _title, _large]
    here = [dice.choice(kinds)("source", dice, number * 10 + at) for at in range(dice.randint(1, 3))]
    there = [
        dice.choice([_column, _column, _body, _enquiry, _outside, _note, _deleted])("live", dice, number)
    ]
    return [*here, *(there if dice.random() < 0.6 else ())]


def _column(side: str, dice: random.Random, number: int) -> Edit:
    slug, price = dice.choice(ARTWORKS), dice.choice((1, 77, 1200))
    return Edit(
        side,
        f"update artworks set price = {price}, {CHANGED} where slug = '{slug}'",
        cell=f"select price::text from artworks where slug = '{slug}'",
        wrote=str(price),
        row=("artworks", slug),
        column="price",
    )


def _title(side: str, dice: random.Random, number: int) -> Edit:
    slug, text = dice.choice(ARTWORKS), dice.choice(TEXTS)
    return Edit(side, f"update artworks set title = {_quoted(text)}, {CHANGED} where slug = '{slug}'")


def _body(side: str, dice: random.Random, number: int) -> Edit:
    text = dice.choice(TEXTS)
    where = f"where slug = '{SUBJECT}'"
    return Edit(
        side,
        f"update series set body = {_quoted(text)}, {CHANGED} {where}",
        cell=f"select body from series {where}",
        wrote=text,
        row=("series", SUBJECT),
        column="body",
    )


def _note(side: str, dice: random.Random, number: int) -> Edit:
    text = dice.choice(TEXTS)
    where = "where place = 1 and artwork_id = (select id from artworks where slug = 'sun')"
    return Edit(
        side,
        f"update notes set body = {_quoted(text)} {where}",
        cell=f"select body from notes {where}",
        wrote=text,
        row=("notes", '["sun","1"]'),
        column="body",
    )


def _new(side: str, dice: random.Random, number: int, *, named: str = "new") -> Edit:
    slug = f"{named}-{number}"
    made = (
        f"insert into artworks (series_id, slug, title, picture, place, updated_at)\n"
        f"  select id, '{slug}', {_quoted(dice.choice(TEXTS))}, '/uploads/{slug}.png', 9, {LATER}\n"
        f"  from series where slug = '{SUBJECT}'"
    )
    return Edit(side, made, picture=slug)


def _large(side: str, dice: random.Random, number: int) -> Edit:
    """Add an artwork whose picture is sent in parts."""
    return _new(side, dice, number, named="large")


def _deleted(side: str, dice: random.Random, number: int) -> Edit:
    return Edit(
        side,
        "delete from artworks where slug = 'door'",
        cell="select count(*)::text from artworks where slug = 'door'",
        wrote="0",
        row=("artworks", "door"),
    )


def _enquiry(side: str, dice: random.Random, number: int) -> Edit:
    said = f"Is it for sale? {number}"
    return Edit(
        side,
        f"insert into enquiries (artwork_id, said) select max(id), '{said}' from artworks",
        cell=f"select said from enquiries where said = '{said}'",
        wrote=said,
    )


def _outside(side: str, dice: random.Random, number: int) -> Edit:
    return Edit(
        side,
        f"update artworks set title = 'Theirs {number}' where slug = 'theirs'",
        cell="select title from artworks where slug = 'theirs'",
        wrote=f"Theirs {number}",
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
