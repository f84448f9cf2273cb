"""How each subject stands between local and production."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from maulstick import bundle as bundles
from maulstick import gone
from maulstick.changes import Plan
from maulstick.console import amount, one_line
from maulstick.content import Subject
from maulstick.errors import Problem
from maulstick.export import exported
from maulstick.host import Place
from maulstick.ledger import has_ledger
from maulstick.media_places import Media
from maulstick.planning import fit, make_plan, require_fit
from maulstick.plugins import Plugins
from maulstick.postgres import Database
from maulstick.writing import temporary_folder

WORDS: Mapping[str, str] = {
    "conflict": "conflict",
    "removed": "removed in {}",
    "gone": "gone",
    "update": "ahead",
    "insert": "ahead",
    "kept": "edited in {}",
}
PROVEN = """
select r.verified from maulstick.release as r
where r.subject = %(subject)s order by r.digest = %(digest)s desc, r.number desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject, a word for how it stands, and what there is to say."""

    subject: str
    word: str
    says: str = ""

    def __str__(self) -> str:
        return f"{one_line(self.subject):<40} {self.word:<22} {self.says}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """Return the standing as JSON."""
        return asdict(self)


def standings(
    subjects: Sequence[Subject], place: Place, media: Media, plugins: Plugins, database: Database
) -> list[Standing]:
    """Return how each subject stands; one that cannot be read says why."""
    return [_standing(subject, place, media, plugins, database) for subject in subjects]


def _standing(subject: Subject, place: Place, media: Media, plugins: Plugins, database: Database) -> Standing:
    try:
        return _word(subject, _plan(subject, place, media, plugins, database), database)
    except Problem as problem:
        says = f"{problem.where}: {problem.what}".splitlines()[0]
    except OSError as error:
        says = f"{error.filename}: {(error.strerror or '').lower()}"
    database.rollback()  # else every question after this one would be refused
    return Standing(str(subject), "cannot be told", says)


def _plan(subject: Subject, place: Place, media: Media, plugins: Plugins, database: Database) -> Plan:
    with temporary_folder() as folder:
        place_of_bundle = bundles.folder_of(folder, subject)
        with exported(subject, place.source, plugins, media, site=place.target.site) as found:
            found.write(place_of_bundle)
        bundle = bundles.load(place_of_bundle, source=place.source.name)
        require_fit(fit(bundle, database, place.target.name))
        planned = make_plan(bundle, database, place.target.name)
        return gone.with_source(planned, place.source, bundle.manifest.shapes)


def _word(subject: Subject, planned: Plan, database: Database) -> Standing:
    name = str(subject)
    if planned.obstacles:
        return Standing(name, "refused", str(planned.obstacles[0]))
    counts = planned.counts()
    if counts["insert"] == planned.rows:
        return Standing(name, "new", amount(planned.rows, "row"))
    for action, word in WORDS.items():
        if counts[action]:
            return Standing(name, word.format(planned.target), _said(counts))
    return Standing(name, _proof(name, planned.digest, database), _said(counts))


def _proof(subject: str, digest: str, database: Database) -> str:
    if not has_ledger(database):
        return "never released"
    found = database.query(PROVEN, {"subject": subject, "digest": digest})
    if not found:
        return "never released"
    return "in step" if found[0][0] else "not verified"


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {action}" for action, count in counts.items() if count)
