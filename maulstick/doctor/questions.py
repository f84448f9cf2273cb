"""The table of questions and what each needs, so that a failure is reported once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from maulstick.doctor import (
    credentials,
    database,
    environment,
    fly,
    media,
    playbooks,
    repositories,
    scripts,
    site,
    source,
    ssh,
    storage,
)
from maulstick.doctor.context import DoctorContext
from maulstick.doctor.runner import Question
from maulstick.doctor.subject import questions_of
from maulstick.hosts.fly_host import FlyHost
from maulstick.hosts.ssh_host import SshHost
from maulstick.project.declarations import Subject

HERE: Sequence[Question] = (
    Question("plugins", source.plugins),
    Question("playbooks", playbooks.playbooks, needs=("plugins",)),
    Question("browser", playbooks.browser, needs=("playbooks",)),
    Question("source database", source.source_database),
    Question("declarations", source.declarations, needs=("plugins", "source database")),
    Question("media root", source.media_root),
    Question("scripts", scripts.scripts),
    Question("credentials", credentials.credentials),
    Question("bundles", repositories.bundles),
)
CODE: Sequence[Question] = (
    Question("checkout", repositories.checkout),
    Question("pushed", repositories.pushed, needs=("checkout",)),
)
ON_FLY: Sequence[Question] = (
    Question("fly", fly.program),
    Question("fly login", fly.login, needs=("fly",)),
    Question("fly app", fly.app, needs=("fly login",)),
)
BY_SSH: Sequence[Question] = (
    Question("host key", ssh.host_key),
    Question("machine", ssh.machine, needs=("host key",)),
    Question("commit", ssh.commit, needs=("machine",)),
)
# A visit may wake a machine: it comes after the question whether one is awake, and before its environment.
VISIT: Sequence[Question] = (Question("site", site.site, after=("fly app",)),)
AWAKE: Sequence[Question] = (Question("machine", fly.machine, needs=("fly app",), after=("site",)),)
DATABASE: Sequence[Question] = (
    Question("environment", environment.environment, needs=("machine",)),
    Question("database variables", environment.of_database, needs=("environment",)),
    Question("database", database.database, needs=("database variables",)),
    Question("release rights", database.may_release, needs=("declarations", "database")),
    Question("search path", database.search_path, needs=("declarations", "database")),
)
READ: Sequence[Question] = (
    Question("ledger", database.ledger, needs=("plan rights",)),
    Question("schema", database.schema, needs=("declarations", "plan rights")),
    Question("sequences", database.sequences, needs=("declarations", "plan rights")),
)
BUCKET: Sequence[Question] = (
    Question("bucket variables", environment.of_bucket, needs=("environment",)),
    Question("bucket", storage.bucket, needs=("bucket variables",)),
    Question("bucket writable", storage.writable, needs=("bucket",)),
    Question("public address", storage.public_address, needs=("bucket",), after=("site",)),
    Question("storage quota", storage.quota, needs=("bucket",)),
    Question("unfinished uploads", storage.unfinished, needs=("bucket",)),
    Question(
        "encryption",
        environment.encryption,
        needs=("database variables", "bucket variables"),
        after=("database",),
    ),
    Question("clocks", site.clocks, after=("site", "database", "bucket")),
)
STAGING: Sequence[Question] = (Question("staging bucket", source.staging, needs=("bucket variables",)),)


def questions_for(context: DoctorContext, subjects: Iterable[Subject]) -> list[Question]:
    """List the questions about a target and some subjects in the order in which they are answered."""
    before, after, way = _of_host(context)
    code = () if context.host.code is None else CODE
    # With an address of its own a plan needs neither the site's environment nor its database.
    plan = may_plan("database" if context.target.plan_database is None else way)
    subjects = [*subjects]
    about = [question for subject in subjects for question in questions_of(subject)]
    files = [_media(subjects)] if context.media_wanted else []
    staging = () if isinstance(context.local.media, Path) else STAGING
    return [*HERE, *code, *before, *VISIT, *after, *DATABASE, plan, *READ, *BUCKET, *files, *staging, *about]


def _of_host(context: DoctorContext) -> tuple[Sequence[Question], Sequence[Question], str]:
    """Return what is asked of a host before and after a visit to the site, and what its database needs."""
    if isinstance(context.host, FlyHost):
        return ON_FLY, AWAKE, "fly app"
    if isinstance(context.host, SshHost):
        return BY_SSH, (), "machine"
    return (), (), "declarations"


def _media(subjects: Sequence[Subject]) -> Question:
    """Return the question about each file that the subjects' bundles name, or else production's rows."""
    if subjects:
        return Question("media", partial(media.of_bundles, subjects), needs=("bucket",))
    return Question("media", media.of_rows, needs=("plugins", "plan rights", "bucket"))


def may_plan(needs: str) -> Question:
    """Return the question that all others need that read the database as a plan does."""
    return Question("plan rights", database.may_plan, needs=("declarations", needs))
