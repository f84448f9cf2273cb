"""`python -m maulstick.sandbox.site --port PORT --code FOLDER`: one machine of the site."""

import argparse
import os
import sys
from pathlib import Path

from maulstick.sandbox.site.app import create, serve_uploads
from maulstick.sandbox.site.lies import lying
from maulstick.sandbox.site.server import serve
from maulstick.sandbox.site.settings import read


def main(words: list[str] | None = None) -> int:
    """Serve the site until told to stop; the environment says from which database and bucket."""
    parser = argparse.ArgumentParser(prog="python -m maulstick.sandbox.site")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--code", type=Path, required=True, help="folder with templates/ and static/")
    parser.add_argument("--lies", type=Path, help="file with what to say instead of the truth")
    parser.add_argument("--uploads", type=Path, help="folder of the files, for a site without a bucket")
    asked = parser.parse_args(words)
    try:
        settings = read(os.environ)
    except KeyError as missing:
        parser.error(f"{missing.args[0]} is not set")
    app = create(settings, asked.code.resolve())
    if asked.uploads:
        serve_uploads(app, asked.uploads.resolve())
    serve(lying(app, asked.lies) if asked.lies else app, asked.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
