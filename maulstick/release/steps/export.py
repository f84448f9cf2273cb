"""The step export: the slice into its bundle, said in one line."""

from __future__ import annotations

from maulstick.bundle.export import exported
from maulstick.media import pack
from maulstick.project.declarations import Outcome, Word
from maulstick.release.context import Run
from maulstick.release.local_site import doubts
from maulstick.release.settings import Options
from maulstick.text import amount, at_most, size_text

SHOWN = 5


def export(run: Run, options: Options) -> Outcome:
    """Write the subject's bundle; unchanged where the source still says what it said."""
    before, source, site = _digest(run), run.place.source, run.place.target.site
    read = run.ahead.read(run.subject) if run.ahead else None
    with exported(run.subject, source, run.plugins, run.originals, site=site, read=read) as slice_:
        wanted = slice_.files(run.originals) if run.settings.pack else slice_.made
        packed = pack.add(run.folder, wanted)  # first: a bundle never names a file that is nowhere
        is_new = slice_.manifest.digest != before
        if is_new:
            slice_.write(run.folder)
        pack.clear(run.folder, slice_.manifest.media)
    manifest = (run.new_bundle() if is_new else run.bundle).manifest
    rows = ", ".join(f"{count} {table}" for table, count in manifest.counts().items() if count)
    files = sum(file.bytes for file in manifest.media)
    says = f"{rows}; {size_text(files)} in {amount(len(manifest.media), 'file')}"
    beside = ", beside the bundle" if run.settings.pack else ""
    word: Word = "done" if packed or is_new else "unchanged"
    doubtful = at_most(SHOWN, doubts(run), "and {} more: invoke verify --source")
    return Outcome(word, says + beside, (*slice_.warnings, *doubtful))


def _digest(run: Run) -> str:
    from maulstick.errors import Problem

    try:
        return run.bundle.manifest.digest
    except Problem:
        return ""
