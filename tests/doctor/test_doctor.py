"""`invoke doctor` on a sandbox where all is well: what it says, and that it leaves no trace."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from maulstick.sandbox import apps, databases
from tests.doctor.patients import ask, git
from tests.end_to_end.projects import COUNTERS, SERIES, Project, dump

LINE = re.compile(r"^  [\w:& -]+ \.{3,} (ok|warn|fail|skipped)\b", re.MULTILINE)


def _files(folder: Path) -> dict[str, str]:
    left_out = (".sandbox", "__pycache__", "objects", "index")
    found = [path for path in folder.rglob("*") if path.is_file() and not {*left_out} & {*path.parts}]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _everything(project: Project) -> dict[str, object]:
    sides = {side.name: project.rows(COUNTERS, side=side) for side in databases.BOTH}
    s3 = project.s3()
    return {
        **sides,
        "dump": dump(project, "--schema=maulstick"),
        "schemas": project.rows("select nspname from pg_namespace where nspname !~ '^pg_' order by 1"),
        "objects": project.objects(),
        "uploads": s3.list_multipart_uploads(Bucket=apps.SITE_APP).get("Uploads"),
        "machine": project.machine(),
        "files": _files(project.folder),
        "checkout": (git(project.sandbox / "checkout", "status", "-s"), _files(project.sandbox / "checkout")),
        "bundles": _files(project.sandbox / "releases"),
    }


def test_all_is_well_in_a_sandbox_after_a_release(project: Project) -> None:
    told = ask(project, *SERIES)
    assert told.names("fail", "skipped") == []
    assert told.names("warn") == ["release rights"]  # as on Fly, its role is a superuser
    assert told.says("source database").startswith("PostgreSQL ")
    assert told.says("ledger") == "version 1, 1 release, the last is 1"
    assert told.says("series embodiment: rows") == "sandbox has all 18"
    assert told.says("series embodiment: files") == "the bucket has all 5 files"


def test_every_line_names_its_question_first(project: Project) -> None:
    ran = project.invoke("doctor")
    first, *lines, last = ran.out.splitlines()
    assert first == "doctor sandbox"
    assert all(LINE.match(line) or line.startswith("    ") for line in lines)
    assert re.fullmatch(r"sandbox: \d+ ok, 1 warn", last)


def test_nothing_is_changed_anywhere(project: Project) -> None:
    project.invoke("doctor")  # a sandbox that is asked for the first time is started
    before = _everything(project)
    assert ask(project, *SERIES, "--artwork", "in-motion-iv").ran.code == 0
    assert ask(project, "--media", *SERIES).word("media") == "ok"
    after = _everything(project)
    assert {name: after[name] for name in before if after[name] != before[name]} == {}


def test_no_secret_is_shown(project: Project) -> None:
    ran = project.invoke("doctor", *SERIES)
    world = json.loads((project.sandbox / "fly" / "world.json").read_text())
    env = world["apps"][apps.SITE_APP]["env"]
    hidden = [value for name, value in env.items() if "SECRET" in name or "KEY" in name]
    secrets = {*project.state.secrets.values(), *hidden, env["DATABASE_URL"], world["token"]}
    assert [secret for secret in secrets if secret in ran.out + ran.err] == []


def test_a_subject_that_does_not_exist_is_named_with_what_is_near(project: Project) -> None:
    told = ask(project, "--series", "embodimnt")
    assert told.names("fail") == ["series embodimnt: here"]
    assert told.hint("series embodimnt: here") == 'did you mean "embodiment"?'
    assert told.says("series embodimnt: rows") == "waits for: series embodimnt: here"
