"""Single files of the media folder into the bucket, by the rules of every upload and without a subject."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from maulstick.console import Console
from maulstick.hosts.host import Host, Place
from maulstick.media.compare import Item
from maulstick.media.sources import find
from maulstick.project.declarations import Subject
from maulstick.project.playbook import PlaybookStep
from maulstick.project.plugins.registry import Plugins
from maulstick.release.confirmation import require_yes
from maulstick.release.context import ReleaseContext
from maulstick.release.runner import require_somebody
from maulstick.release.settings import ReleaseSettings
from maulstick.release.step_results import Earlier
from maulstick.release.steps.file_locations import compare_files
from maulstick.release.steps.upload import bring
from maulstick.text import amount

NOBODY = Subject("upload", "--file")
"""Whom the ledger names as the one that the files were sent for: no release claims them."""


def send_single(
    texts: Sequence[str],
    *,
    place: Place,
    host: Host,
    plugins: Plugins,
    console: Console,
    settings: ReleaseSettings,
) -> list[Item]:
    """Send files to the bucket and return what each needed; a target that asks is asked for first."""
    target, media = place.target, place.source.media
    require_somebody(target, settings, ["upload"], console)
    step = PlaybookStep("upload", {})
    context = ReleaseContext(NOBODY, place, host, plugins, console, settings, playbook=(step,))
    files = find(
        context.open_originals(),
        [stored_path(media, text) if isinstance(media, Path) else text for text in texts],
    )
    items = compare_files(context, files=files)
    _confirm(context, items)
    console.line(f"upload {amount(len(items), 'file')} to {target.name}")
    console.begin("upload")
    outcome = bring(context, Earlier(), items, step.options)
    console.end("upload", outcome.word, outcome.says)
    for warning in outcome.warnings:
        console.line(f"    warning: {warning}")
    return items


def stored_path(root: Path, text: str) -> str:
    """Return a file's path as rows have it: `text` names it so already, or by where it lies on this machine.

    The file itself may be a link, which is looked into when it is read.
    """
    lying = Path(text).absolute()
    path = lying.parent.resolve() / lying.name
    if path.is_relative_to(root.resolve()):
        return path.relative_to(root.resolve()).as_posix()
    return text


def _confirm(context: ReleaseContext, items: Sequence[Item]) -> None:
    name = context.place.target.name
    sent = [item for item in items if item.action != "there"]
    if not context.place.target.confirm or context.settings.yes or not sent:
        return
    question = f"upload {amount(len(sent), 'file')} to {name}?"
    require_yes(context.console, question, where=f"targets/{name}", step="upload")
