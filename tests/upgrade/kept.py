"""What earlier versions left: a ledger, a bundle and a sealed plan of each format, made by their own code."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from tests.databases.places import Place

VERSIONS = Path(__file__).parent / "versions"
NAMES = sorted(path.name for path in VERSIONS.iterdir() if path.is_dir())
"""The dates on which a format was new."""


def restore(place: Place, dump: Path) -> None:
    """Run a dump in an empty database, and forget what it has set."""
    place.run(dump.read_text(encoding="utf-8"))


def bundle_of(name: str, folder: Path) -> Path:
    """Unpack a version's bundle of the shelf poetry, and return its folder."""
    bundle = folder / "shelf" / "poetry"
    bundle.mkdir(parents=True)
    shutil.copy(VERSIONS / name / "manifest.json", bundle)
    text = gzip.decompress((VERSIONS / name / "release.sql.gz").read_bytes())
    (bundle / "release.sql").write_bytes(text)
    return bundle
