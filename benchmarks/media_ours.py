"""An upload as Maulstick does it, in a process of its own: compare with the bucket, send, prove."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from media_places import NAME, address_of

from maulstick.bucket import open_bucket
from maulstick.content import MediaFile
from maulstick.media import KEPT, Proof, compare
from maulstick.media_places import Folder, Places
from maulstick.media_send import upload

PROOF = ("sha256", "size", "etag", "headers")


def main() -> None:
    """Upload the files that a manifest names and write the seconds; a file stands for the ledger."""
    endpoint, manifest, root = sys.argv[1:]
    started = time.perf_counter()
    files = [MediaFile(**file) for file in json.loads(Path(manifest).read_text())]
    ledger = Path(manifest).with_suffix(".ledger")
    known = (
        {key: _proof(found) for key, found in json.loads(ledger.read_text()).items()}
        if ledger.exists()
        else {}
    )
    bucket = open_bucket(address_of(endpoint, NAME))
    items = compare(bucket, files, known=known, overwrite=True)
    work = [item for item in items if item.action != "there"]
    if work:
        kept = {item.file.key: f"{KEPT}benchmark/{item.file.key}" for item in work}
        sent = upload(bucket, items, places=Places(Folder(Path(root))), kept=kept, progress=lambda _: None)
        known |= sent.proofs
        ledger.write_text(json.dumps({key: _plain(proof) for key, proof in known.items()}))
    json.dump(time.perf_counter() - started, sys.stdout)


def _plain(proof: Proof) -> dict[str, Any]:
    return {name: getattr(proof, name) for name in PROOF} | {"modified": proof.modified.isoformat()}


def _proof(found: dict[str, Any]) -> Proof:
    return Proof(**{**found, "modified": datetime.fromisoformat(found["modified"])})


if __name__ == "__main__":
    main()
