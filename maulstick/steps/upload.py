"""Upload: the bundle's files into the bucket, each proven after."""

from __future__ import annotations

from collections import Counter

from maulstick.console import amount
from maulstick.content import Outcome
from maulstick.errors import Problem, refused
from maulstick.media import quota
from maulstick.media import upload as send
from maulstick.planning import lines
from maulstick.run import Options, Run
from maulstick.sizes import size_text
from maulstick.steps.plan import conflicts


def upload(run: Run, options: Options) -> Outcome:
    """Send what the bucket lacks; other content under a key stops it before anything is sent (exit 3)."""
    items = run.compared()
    if not items:
        return Outcome("unchanged", "the bundle names no files")
    bucket = run.bucket()
    taken = [f"{item.file.key}: {item.why}" for item in conflicts(items)]
    if taken:
        raise refused(
            "upload", f"nothing was sent: the bucket holds other content{lines(taken)}", "rename them"
        )
    problem = quota(bucket, items, run.place.target.storage_quota)
    if problem is not None:
        raise problem
    actions = Counter(item.action for item in items)
    sent = sum(item.file.bytes for item in items if item.action == "upload")
    if not actions["upload"] and not actions["repair"]:
        return Outcome("unchanged", f"{amount(len(items), 'file')} there already")
    with run.console.bar("upload", sent) as moved:
        try:
            send(
                bucket,
                items,
                media_root=run.place.source.media_root,
                concurrency=int(options.get("concurrency", 4)),
                progress=moved,
            )
        except Problem as failure:
            failure.harmless = False  # other files may have been sent before
            raise
    said = [f"{amount(actions['upload'], 'file')}, {size_text(sent)}"] if actions["upload"] else []
    said += [f"{actions['repair']} repaired"] if actions["repair"] else []
    there = f"; {actions['there']} there already" if actions["there"] else ""
    return Outcome("done", ", ".join(said) + there)
