"""Downloads: each series' pictures in one archive, and the terms of use beside it."""

from collections.abc import Iterable
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from maulstick import File, Source, Subject, hookimpl


@hookimpl
def maulstick_files(subject: Subject) -> Iterable[File]:
    """Offer the terms of use beside each series' archive."""
    if subject.kind == "series":
        yield File("/downloads/terms.txt", key=f"downloads/{subject.key}.terms.txt")


@hookimpl
def maulstick_export(subject: Subject, source: Source) -> Iterable[File]:
    """Make an archive of the pictures of a series; the same pictures give the same bytes."""
    if subject.kind != "series":
        return
    pictures = sorted({str(row["media_file_id"]) for row in source.rows["artworks"] if row["media_file_id"]})
    archive = source.folder / "pictures.zip"
    with ZipFile(archive, "w", ZIP_STORED) as zip_file:
        for picture in pictures:
            file = source.file(picture)
            zip_file.writestr(ZipInfo(file.name), file.read_bytes())  # dated 1980, whenever it is made
    yield File(str(archive), key=f"downloads/{subject.key}.zip", replace=True)
