"""One release by the hand-made procedure: its commands as they stand in it, in its order."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.request import urlopen

import boto3
import psycopg
from botocore.config import Config

from maulstick.sandbox import databases
from maulstick.sandbox.lifecycle import Sandbox

WANTED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "S3_BUCKET")
OF_SERIES = "(select id from series where slug = 'embodiment')"
OF_ARTWORKS = f"select media_file_id from artworks where series_id = {OF_SERIES}"
MEDIA = f"{OF_ARTWORKS} union select media_file_id from series where slug = 'embodiment'"
TABLES = {
    "media": f"id in ({MEDIA})",
    "series": "slug = 'embodiment'",
    "artworks": f"series_id = {OF_SERIES}",
}
# Ids that are free over there, as a careful person picks them.
INSERT = """
select format('insert into {0} select * from jsonb_populate_record(null::{0}, %%L) on conflict do nothing;',
  to_jsonb(t) - 'user_id' || (select jsonb_object_agg(key, value::bigint + 10000)
    from jsonb_each_text(to_jsonb(t)) where key = any('{{id, media_file_id, series_id}}') and value <> ''))
from {0} t where {1}
"""


def release(sandbox: Sandbox) -> None:
    """Deploy, insert the rows, upload the pictures, look at the page."""
    _fly(sandbox, "deploy", "-a", sandbox.app)
    _fly(sandbox, "status", "-a", sandbox.app)
    _fly(sandbox, "logs", "-a", sandbox.app, "--no-tail")
    with psycopg.connect(sandbox.source_database) as connection:
        inserts = [row[0] for name, rows in TABLES.items() for row in connection.execute(_select(name, rows))]
        paths = [
            row[0] for row in connection.execute(f"select url from media where id in ({MEDIA})".encode())
        ]
    script = "\n".join(inserts)
    where = ("-a", sandbox.database_app, "-d", databases.PRODUCTION.name)
    _fly(sandbox, "postgres", "connect", *where, stdin=script)
    _upload(sandbox, paths)
    with urlopen(f"{sandbox.site}/series/embodiment", timeout=30) as page:
        page.read()


def _upload(sandbox: Sandbox, paths: list[str]) -> None:
    console = ("ssh", "console", "-a", sandbox.app, "-C")
    key, secret, endpoint, bucket = (_fly(sandbox, *console, f"printenv {name}").strip() for name in WANTED)
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="auto",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}),
    )
    for path in paths:
        file = sandbox.media_root / Path(path.lstrip("/"))
        s3.upload_file(str(file), bucket, path.lstrip("/"))


def _select(name: str, rows: str) -> bytes:
    return INSERT.format(name, rows).replace("%%", "%").encode()


def _fly(sandbox: Sandbox, *words: str, stdin: str = "") -> str:
    command = [str(sandbox.fly), *words]
    ended = subprocess.run(command, cwd=sandbox.checkout, input=stdin, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(ended.stderr)
    return ended.stdout
