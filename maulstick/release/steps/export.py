"""The step export: the slice of the source into its bundle."""

from __future__ import annotations

from maulstick.bundle.export import exported
from maulstick.bundle.manifest import Manifest
from maulstick.bundle.slice import homeward
from maulstick.errors import Problem
from maulstick.hosts import database as login
from maulstick.hosts.host import PulledFrom
from maulstick.media import pack
from maulstick.project.declarations import Outcome, Word
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.step_results import Earlier, PlainResult
from maulstick.release.steps.source_site import doubts
from maulstick.text import amount, at_most, row_amount, size_text

SHOWN = 5


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> PlainResult:
    """Write the subject's bundle; unchanged where the source still says what it said."""
    if context.place.pulled is not None:
        return _pull(context, context.place.pulled)
    before, source, site = _digest(context), context.place.source, context.place.target.site
    read = context.shared.read(context.subject) if context.shared else None
    with exported(
        context.subject, source, context.plugins, context.open_originals(), site=site, read=read
    ) as slice_:
        wanted = slice_.files(context.open_originals()) if context.settings.pack else slice_.made
        packed = pack.add(context.folder, wanted)  # first: a bundle never names a file that is nowhere
        is_new = slice_.manifest.digest != before
        if is_new:
            slice_.write(context.folder)
        pack.clear(context.folder, slice_.manifest.media)
    manifest = (context.reload_bundle() if is_new else context.load_whole()).manifest
    files = sum(file.bytes for file in manifest.media)
    says = f"{_rows(manifest)}; {size_text(files)} in {amount(len(manifest.media), 'file')}"
    beside = ", beside the bundle" if context.settings.pack else ""
    word: Word = "done" if packed or is_new else "unchanged"
    doubtful = at_most(SHOWN, doubts(context), "and {} more: invoke verify --source")
    warnings = (*slice_.warnings, *doubtful)
    return PlainResult(Outcome(word, says + beside, warnings))


def _pull(context: ReleaseContext, pulled: PulledFrom) -> PlainResult:
    """Read the subject's rows where they were released to."""
    before, target = _digest(context), pulled.target
    with (
        login.reading(target, pulled.host, kept=context.connections) as production,
        homeward.pulled(
            context.subject,
            production,
            context.plugins,
            source=context.place.source.name,
            target=target.name,
            theirs=pulled.theirs,
        ) as slice_,
    ):
        if slice_.manifest.digest != before:
            slice_.write(context.folder)
    manifest = context.reload_bundle().manifest
    return PlainResult(Outcome("done", f"{_rows(manifest)} of {target.name}", slice_.warnings))


def _rows(manifest: Manifest) -> str:
    return ", ".join(row_amount(count, table) for table, count in manifest.counts().items() if count)


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return which bundle would be written."""
    return f"write the rows of {context.subject} to {context.folder}"


def _digest(context: ReleaseContext) -> str:
    try:
        return context.load_whole().manifest.digest
    except Problem:
        return ""
