"""Pages that are not public yet, asked for where the site shows them to who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from maulstick.bundle.manifest import Manifest
from maulstick.project.declarations import Check, Page
from maulstick.verify.live import Live
from maulstick.verify.proof.site import visited


def previews(manifest: Manifest) -> list[Page]:
    """List the pages of a bundle as the site shows them before they are public."""
    return [
        replace(page, path=page.preview, preview="")
        for page in manifest.pages
        if page.preview and not page.gone
    ]


def previewed(live: Live, pages: Sequence[Page], *, public: str, concurrency: int, local: str) -> list[Check]:
    """Return what the previews answer, with the pictures on them; no plugin is asked."""
    manifest = replace(live.manifest, pages=tuple(pages))
    return visited(live, manifest, public=public, concurrency=concurrency, local=local)
