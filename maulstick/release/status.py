"""How each subject stands between local and production."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, TypeVar

from maulstick.bundle import folder as bundles
from maulstick.bundle.export import Exported, exported
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.slice.many_subjects import ReadSlice, read_all
from maulstick.bundle.slice.spool import Blocks
from maulstick.bundle.unchanged import Asked
from maulstick.errors import Problem
from maulstick.files import temporary_folder
from maulstick.hosts.host import Place
from maulstick.media.sources import Media
from maulstick.plan import prune as gone
from maulstick.plan.changes import Change, Plan
from maulstick.plan.decisions.file import FOLDER, Decisions
from maulstick.plan.hidden import waiting
from maulstick.plan.many_unchanged import AT_ONCE, all_as_released
from maulstick.plan.planner import nothing_to_do, require_fitting, staged_plan
from maulstick.postgres.catalogue import read_schema
from maulstick.postgres.connection import Database
from maulstick.postgres.ledger import has_ledger
from maulstick.postgres.tables.schema import Schema
from maulstick.postgres.tables.specs import TableSpecs
from maulstick.project.declarations import Subject
from maulstick.project.plugins.registry import Plugins
from maulstick.release.new_subjects import plans
from maulstick.text import amount, at_most, one_line

WORDS: Mapping[str, str] = {
    "conflict": "conflict",
    "removed": "removed in {}",
    "gone": "gone",
    "update": "ahead",
    "insert": "ahead",
    "kept": "edited in {}",
}
TO_GO = ("insert", "update", "conflict", "gone")
SHOWN = 3
"""Rows that were left out and are named."""
PROVEN = """
select w.subject, r.verified from unnest(%(subjects)s::text[], %(digests)s::text[]) as w(subject, digest)
cross join lateral (select r.verified from maulstick.release as r where r.subject = w.subject
  order by r.digest = w.digest desc, r.number desc limit 1) as r
"""
LEFT_OUT = """
select r.subject, r.number, r.who -> 'left_out' from unnest(%(subjects)s::text[]) as w(subject)
cross join lateral (select r.subject, r.number, to_jsonb(r) -> 'who' as who from maulstick.release as r
  where r.subject = w.subject and r.kind = 'release' order by r.number desc limit 1) as r
where jsonb_typeof(r.who -> 'left_out') = 'array'
"""
"""What the last release of each subject left out; an old ledger has no column `who`."""
_Seen = TypeVar("_Seen")
DecisionsOf = Callable[[Subject], Decisions]


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject, a word for how it stands, what there is to say; `picture` is the path of one of its own."""

    subject: str
    word: str
    says: str = ""
    picture: str = ""

    def __str__(self) -> str:
        return f"{one_line(self.subject):<40} {self.word:<22} {self.says}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """Return the standing as JSON."""
        return asdict(self)


def standings(
    subjects: Sequence[Subject],
    place: Place,
    media: Media,
    plugins: Plugins,
    database: Database,
    decisions: DecisionsOf = lambda subject: (),
) -> list[Standing]:
    """Return how each subject stands; one that cannot be read says why.

    The source is read for all of them together, and production asked which are just as released: only the
    others are compared with it row by row. A subject is in conflict as long as one of its conflicts is not
    decided by `decisions`.
    """
    with temporary_folder() as folder:
        read: Mapping[Subject, ReadSlice] = {}
        with suppress(Problem):  # each alone says what is wrong
            read = read_all(subjects, place.source, plugins, folder)
        schema, has_releases = read_schema(database), has_ledger(database)
        look = _BothSides(place, media, plugins, database, read, schema, has_releases, decisions)
        parts = [subjects[start : start + AT_ONCE] for start in range(0, len(subjects), AT_ONCE)]
        return [one for part in parts for one in look.at(part)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of some subjects: which are as released, plans of new ones, words of those released.

    `left_out` are the rows that the last release of each has left out, with its number.
    """

    equal: Collection[str]
    new: Mapping[str, Plan]
    proofs: Mapping[str, str]
    left_out: Mapping[str, tuple[int, Sequence[str]]]
    specs: Mapping[str, TableSpecs]


@dataclass(frozen=True, slots=True)
class _BothSides:
    """Both sides as they stood when the command began, as far as all subjects share it."""

    place: Place
    media: Media
    plugins: Plugins
    database: Database
    read: Mapping[Subject, ReadSlice]
    schema: Schema
    has_releases: bool
    decisions: DecisionsOf

    def at(self, subjects: Sequence[Subject]) -> list[Standing]:
        """Return how some subjects stand."""
        with ExitStack() as stack:
            ready = [self._told(subject, partial(self._ready, subject, stack)) for subject in subjects]
            well = [one for one in ready if isinstance(one, Exported)]
            asked = [Asked(one.manifest) for one in well]
            places = all_as_released(asked, self.database, self.place.target.name)
            equal = {str(well[place].manifest.subject) for place in places}
            manifests = [one.manifest for one in well]
            proofs, left_out = self._proofs(manifests), self._left_out(manifests)
            specs = {str(one.subject): one.specs for one in manifests}
            known = _Known(equal, self._new(well, equal), proofs, left_out, specs)
            return [one if isinstance(one, Standing) else self._standing(one, known) for one in ready]

    def _ready(self, subject: Subject, stack: ExitStack) -> Exported:
        source, site, name = self.place.source, self.place.target.site, self.place.target.name
        slice_ = exported(subject, source, self.plugins, self.media, site=site, read=self.read.get(subject))
        found = stack.enter_context(slice_)
        require_fitting(found.manifest, self.schema, name)
        return found

    def _standing(self, found: Exported, known: _Known) -> Standing:
        manifest = found.manifest
        subject, nothing = str(manifest.subject), nothing_to_do(manifest, self.place.target.name)
        if subject in known.new:
            one = _word(known.new[subject], known)
        elif subject in known.equal:
            one = _word(nothing, known)
        else:
            one = self._told(manifest.subject, lambda: self._compared(found, known))
            self.database.rollback()  # else every question after this one would be refused
        return replace(one, picture=first_picture(manifest))

    def _compared(self, found: Exported, known: _Known) -> Standing:
        planned = self._plan(found)
        one = _word(planned, known)
        if one.word == "conflict" and _all_decided(planned, self.decisions(found.manifest.subject)):
            return replace(one, word="ahead", says=f"{one.says}; decided in {FOLDER}/")
        return one

    def _new(self, found: Sequence[Exported], equal: Collection[str]) -> Mapping[str, Plan]:
        """Return the plans of subjects of which production has nothing, where they can be made together."""
        groups: dict[str, list[tuple[Manifest, Blocks]]] = {}
        for one in found:
            if str(one.manifest.subject) not in equal:
                groups.setdefault(one.manifest.subject.kind, []).append((one.manifest, one.spool))
        made = partial(plans, database=self.database, target=self.place.target.name)
        kinds = self.plugins.kind
        return {one.subject: one for name, slices in groups.items() for one in made(slices, kinds(name))}

    def _plan(self, found: Exported) -> Plan:
        source, manifest = self.place.source, found.manifest
        with temporary_folder() as folder:
            found.write(folder)
            bundle = bundles.load(folder, source=source.name)
            planned = staged_plan(bundle, self.database, self.place.target.name)
            return gone.with_source(planned, source, manifest.specs)

    def _proofs(self, manifests: Sequence[Manifest]) -> Mapping[str, str]:
        """Return the word of each subject that was released, for where nothing differs."""
        if not self.has_releases:
            return {}
        asked = {
            "subjects": [str(one.subject) for one in manifests],
            "digests": [one.digest for one in manifests],
        }
        found = self.database.query(PROVEN, asked)
        return {str(subject): "in step" if verified else "not verified" for subject, verified in found}

    def _left_out(self, manifests: Sequence[Manifest]) -> Mapping[str, tuple[int, Sequence[str]]]:
        if not self.has_releases:
            return {}
        found = self.database.query(LEFT_OUT, {"subjects": [str(one.subject) for one in manifests]})
        return {str(subject): (int(number), rows) for subject, number, rows in found}

    def _told(self, subject: Subject, look: Callable[[], _Seen]) -> _Seen | Standing:
        try:
            return look()
        except Problem as problem:
            says = f"{problem.where}: {problem.what}".splitlines()[0]
        except OSError as error:
            says = f"{error.filename}: {(error.strerror or '').lower()}"
        return Standing(str(subject), "unknown", says)


def first_picture(manifest: Manifest) -> str:
    """Return the path of the picture that a subject's pages show first, "" where it has none."""
    paths = {file.key: file.path for file in manifest.media if file.type.startswith("image/")}
    shown = (image for page in manifest.pages if not page.gone for image in page.images)
    return next((path for image in shown for key, path in paths.items() if image.endswith(key)), "") or next(
        iter(paths.values()), ""
    )


def _word(planned: Plan, known: _Known) -> Standing:
    name = planned.subject
    if planned.obstacles:
        return Standing(name, "refused", str(planned.obstacles[0]))
    counts = planned.counts()
    if counts["insert"] == planned.rows:
        return Standing(name, "new", amount(planned.rows, "row"))
    for action, word in WORDS.items():
        if counts[action]:
            says = "; ".join([_said(counts), *_hidden(planned, known), *_waiting(planned, known)])
            return Standing(name, word.format(planned.target), says)
    return Standing(name, known.proofs.get(name, "never released"), _said(counts))


def _all_decided(planned: Plan, decisions: Decisions) -> bool:
    """Return whether each conflict is decided, for the two values that it has now."""
    noted = {one.place: one for one in decisions}

    def is_decided(change: Change) -> bool:
        found = [
            (noted.get((planned.target, change.table, change.key, column)), change.columns[column])
            for column in change.conflicts()
        ]
        return bool(found) and all(one is not None and not one.moved(cell) for one, cell in found)

    return bool(noted) and all(map(is_decided, planned.conflicts()))


def _hidden(planned: Plan, known: _Known) -> Iterator[str]:
    """Yield how many rows are in production that wait to be made public."""
    if rows := waiting(planned.changes, known.specs.get(planned.subject, {})):
        yield f"{amount(len(rows), 'row')} hidden"


def _waiting(planned: Plan, known: _Known) -> Iterator[str]:
    """Yield which rows the last release has left out, and that are still to go."""
    number, rows = known.left_out.get(planned.subject, (0, ()))
    to_go = {f"{change.table}:{change.key}" for change in planned.changes if change.action in TO_GO}
    if waiting := [row for row in rows if row in to_go]:
        yield f"left out of release {number}: {', '.join(at_most(SHOWN, waiting, '{} more'))}"


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {action}" for action, count in counts.items() if count)
