"""The step export: the slice of the source into its bundle."""

from __future__ import annotations

from maulstick.bundle.export import exported
from maulstick.errors import Problem
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
    rows = ", ".join(row_amount(count, table) for table, count in manifest.counts().items() if count)
    files = sum(file.bytes for file in manifest.media)
    says = f"{rows}; {size_text(files)} in {amount(len(manifest.media), 'file')}"
    beside = ", beside the bundle" if context.settings.pack else ""
    word: Word = "done" if packed or is_new else "unchanged"
    doubtful = at_most(SHOWN, doubts(context), "and {} more: invoke verify --source")
    warnings = (*slice_.warnings, *doubtful)
    return PlainResult(Outcome(word, says + beside, warnings))


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return which bundle would be written."""
    return f"write the rows of {context.subject} to {context.folder}"


def _digest(context: ReleaseContext) -> str:
    try:
        return context.load_whole().manifest.digest
    except Problem:
        return ""
