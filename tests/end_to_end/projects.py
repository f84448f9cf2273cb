"""A project as its user has it, what is typed in it, and what is seen of both sides."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import boto3
import psycopg
from botocore.config import Config

from maulstick.sandbox import apps, databases, programs, servers
from maulstick.sandbox import state as states
from maulstick.sandbox.state import State
from tests.checkout import ROOT
from tests.commands import INVOKE, run

BUCKET = "olivia-art-portfolio"
SERIES = ("--series", "embodiment")
SLICE = ("annotations", "artworks", "media", "media_analyses", "media_images", "series")
STEP = re.compile(r"^  ([\w-]+) \.+ (done|unchanged|skipped|failed)\b *(.*)$", re.MULTILINE)
OURS = {
    "series": "slug = 'embodiment'",
    "artworks": "series_id = (select id from series where slug = 'embodiment')",
    "media": "id in (select media_file_id from artworks where series_id ="
    " (select id from series where slug = 'embodiment'))",
    "media_analyses": "media_file_id in (select media_file_id from artworks where series_id ="
    " (select id from series where slug = 'embodiment'))",
    "annotations": "page_path = '/series/embodiment'",
}
"""How a person would find Embodiment's rows in production."""
LINKS = """
select a.slug, s.slug, m.url, (select array_agg(n.iteration order by n.iteration) from media_analyses n
  where n.media_file_id = m.id) from artworks a join series s on s.id = a.series_id
  join media m on m.id = a.media_file_id where s.slug = 'embodiment' order by 1
"""
NOTES = """
select n.anchor_key, a.slug from annotations n left join artworks a
  on to_jsonb(a.id) = n.anchor_meta -> 'artwork_id' where n.page_path = '/series/embodiment' order by 1
"""
HASTY = """
name = "hasty"
says = "everything but code, and little patience"

[[step]]
name = "export"

[[step]]
name = "upload"

[[step]]
name = "apply"

[[step]]
name = "verify"
timeout = 1
"""
"""A playbook for a site that will not answer."""
COUNTERS = """
select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables
where schemaname = 'public' or schemaname = 'maulstick' order by 1
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str
    seconds: float = 0.0

    @property
    def steps(self) -> dict[str, tuple[str, str]]:
        """Return each step's word and what it said."""
        return {name: (word, says) for name, word, says in STEP.findall(self.err)}

    @property
    def words(self) -> dict[str, str]:
        return {name: word for name, (word, _) in self.steps.items()}

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]

    @property
    def last_said(self) -> str:
        return self.err.splitlines()[-1]


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder; its sandbox is `.sandbox` in it, or a link to another project's."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def shell(self) -> dict[str, str]:
        """Return the environment of what is typed."""
        return {**os.environ, "NO_COLOR": "1", "COVERAGE_PROCESS_START": "", **self.environment}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command that a test has to do with while it runs."""
        return subprocess.Popen(
            [*INVOKE, *words],
            cwd=self.folder,
            env=self.shell,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def invoke(self, *words: str) -> Ran:
        began = time.monotonic()
        ran = run(words, folder=self.folder, environment=self.shell)
        return Ran(ran.returncode, ran.stdout, ran.stderr, time.monotonic() - began)

    def release(self, *words: str) -> Ran:
        return self.invoke("release", *SERIES, *words)

    @property
    def sandbox(self) -> Path:
        return (self.folder / ".sandbox").resolve()

    @property
    def bundle(self) -> Path:
        return self.sandbox / "releases" / "series" / "embodiment"

    @property
    def media(self) -> Path:
        return self.sandbox / "checkout" / "priv" / "static"

    @property
    def state(self) -> State:
        state = states.load(self.sandbox)
        assert state
        return state

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.state.ports['site']}"

    def address(self, database: databases.OwnedDatabase) -> str:
        server = servers.postgres_of(self.sandbox, self.state)
        return server.url(database.name, role=database.role, password=self.state.secrets[database.role])

    def rows(self, query: str, *, side: databases.OwnedDatabase = databases.PRODUCTION) -> list[Any]:
        """Ask production, or the other side, for rows, or run a statement that has none."""
        assert "select from" not in query, "rows without columns are not counted"
        with psycopg.connect(self.address(side), autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def local(self, query: str) -> list[Any]:
        return self.rows(query, side=databases.SOURCE)

    def s3(self) -> Any:
        storage = servers.storage_of(self.sandbox, self.state)
        return boto3.client(
            "s3",
            endpoint_url=storage.address,
            region_name="auto",
            aws_access_key_id=storage.access_key,
            aws_secret_access_key=storage.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2}),
        )

    def objects(self) -> dict[str, tuple[Any, ...]]:
        """Return each object's ETag and the time when it was written."""
        found = self.s3().list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return {one["Key"]: (one["ETag"], one["LastModified"]) for one in found}

    def visit(self, path: str) -> tuple[int, str, str]:
        """Return a page's status, the release that answered, and its HTML."""
        with urlopen(Request(self.site + quote(path, safe="/?=&")), timeout=120) as answer:
            return answer.status, answer.headers["x-release"] or "", answer.read().decode()

    def fly_calls(self, *words: str) -> list[list[str]]:
        """Return the command lines that `fly` was given so far, all or those of one command."""
        kept = self.sandbox / "fly" / "calls.jsonl"
        calls = map(json.loads, kept.read_text().splitlines()) if kept.exists() else ()
        return [call for call in calls if call[: len(words)] == list(words)]

    def git(self, *words: str) -> str:
        checkout = self.sandbox / "checkout"
        return subprocess.check_output(["git", *words], cwd=checkout, text=True).strip()

    def machine(self) -> apps.AppMachine:
        return apps.load(self.sandbox).apps[apps.SITE_APP].machines[0]


def made(folder: Path) -> Project:
    """Make a project of the checkout's own files."""
    for name in ("tasks.py", "inventory.toml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "playbooks").mkdir()
    shutil.copytree(ROOT / "plugins", folder / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    return Project(folder)


def program(name: str) -> Path:
    """Return one of PostgreSQL's programs, of the sandbox's own version."""
    return programs.postgres(Path(), None) / name


def dump(project: Project, *words: str) -> str:
    """Return production's rows as `pg_dump` writes them, without what differs from run to run."""
    command = [program("pg_dump"), "--data-only", "--schema=public", *words]
    text = subprocess.check_output(
        [*command, project.address(databases.PRODUCTION)], text=True, env={"LC_ALL": "C"}
    )
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)


def dump_outside(project: Project) -> str:
    """Return a dump of every table that no release of a series writes to."""
    names = (*SLICE, "voice_notes")  # the sequence of annotations has the table's old name
    return dump(project, *(f"--exclude-table-data=public.{name}*" for name in names))


def preexisting(project: Project, ids: Mapping[str, Sequence[int]]) -> dict[str, list[Any]]:
    """Return rows of the slice's tables by their ids, as text."""
    return {
        name: project.rows(
            f"select t::text from {name} t where id = any(array{list(wanted)}::bigint[]) order by id"
        )
        for name, wanted in ids.items()
    }


def ids(project: Project) -> dict[str, list[int]]:
    return {name: [row[0] for row in project.rows(f"select id from {name} order by id")] for name in SLICE}


def result(project: Project) -> dict[str, Any]:
    """Return all that a release leaves, but for ids and times: rows, links, objects, what the ledger says."""
    bare = "to_jsonb(t) - '{id,series_id,media_file_id,inserted_at,updated_at,anchor_meta}'::text[]"
    kept = {
        name: project.rows(f"select ({bare})::text from {name} t where {where} order by 1")
        for name, where in OURS.items()
    }
    s3 = project.s3()
    heads = {key: s3.head_object(Bucket=BUCKET, Key=key) for key in project.objects()}
    return {
        **kept,
        "links": project.rows(LINKS),
        "notes": project.rows(NOTES),
        "objects": {key: (one["ETag"], one["ContentType"], one["Metadata"]) for key, one in heads.items()},
        "ledger": project.rows("select subject, digest, kind, verified from maulstick.release"),
        "changes": project.rows("select table_name, key, action from maulstick.change order by 1, 2"),
        "base": project.rows(
            "select table_name, key, values::text, subjects from maulstick.base order by 1, 2"
        ),
    }


def untouched(project: Project) -> dict[str, Any]:
    """Return all of production that a release may change, to see that nothing did."""
    return {"dump": dump(project), "objects": project.objects(), "machine": project.machine().instance}


def port_of(address: str) -> int:
    return urlsplit(address).port or 0
