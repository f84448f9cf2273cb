"""`fly postgres connect`: psql where the database is, as its superuser (docs/fly-facts.md, "Postgres")."""

import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from maulstick.sandbox import launch
from maulstick.sandbox.apps import DATABASE_APP, SITE_APP, CloudError
from maulstick.sandbox.fly_request import Request


def connect(request: Request) -> int:
    """Run psql on our stdin; exit 0 whatever happens.

    The real one brings a terminal too, and with it an echo, and lines that are cut: that is left out.
    """
    if request.app.name != DATABASE_APP:
        raise CloudError(f"app {request.app.name} is not a postgres app")
    site = request.world.apps[SITE_APP]
    env = launch.own_environment(request.world, site, site.machines[0])
    login = urlsplit(env["DATABASE_URL"])
    where = ("-h", login.hostname or "", "-p", str(login.port), "-U", unquote(login.username or ""))
    from maulstick.sandbox import programs

    psql = programs.postgres(Path(), None) / "psql"
    subprocess.run(
        [psql, "-X", *where, "-d", request.call.value("database", "postgres")],
        env={**os.environ, "PGPASSWORD": unquote(login.password or "")},
        cwd=Path("/"),
    )
    return 0
