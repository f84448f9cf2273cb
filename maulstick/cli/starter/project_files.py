"""The files of a new project: none is ever written over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from maulstick.files import writing

SCHEMAS = ".maulstick/schemas"
IGNORED = (".maulstick/", ".sandbox/", ".venv/", "__pycache__/", ".env", ".env.*", "*.env")
TASKS = '''"""The tasks of this project: Maulstick's own; a site's own go beside them."""

from pathlib import Path

from maulstick.tasks import tasks_of

namespace = tasks_of(Path(__file__).parent)
'''
REQUIREMENTS = "maulstick[sandbox]\n"
SANDBOX_FILES = {"schema.sql": "schema", "seed.sql": "seed"}
"""Files that the sandbox is made from, by the key that names each; the second needs the first."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new project is made of, as typed or proposed; "" where it is not known yet.

    `sandbox_files` are those of SANDBOX_FILES that are in its folder: its sandbox runs them.
    """

    database: str = ""
    site_folder: str = ""
    media_root: str = ""
    local_site: str = ""
    host: str = "fly"
    app: str = ""
    live_site: str = ""
    sandbox_files: tuple[str, ...] = ()

    @property
    def knows_target(self) -> bool:
        """Return whether all that the live site's target needs is known; a machine is never asked for."""
        return bool(self.live_site) and (self.host == "direct" or (self.host == "fly" and bool(self.app)))


def inventory_text(answers: Answers) -> str:
    """Write the inventory of a new project; what is not known is a comment that says what to write."""
    own = "".join(f'{SANDBOX_FILES[name]} = "{name}"\n' for name in answers.sandbox_files)
    sandbox = f"""
# A whole small production on this machine, to try things on.
[targets.sandbox]
host = "sandbox"
{own}"""
    target = "\n".join(_target(answers))
    source = "\n".join(_source(answers))
    default = "production" if answers.knows_target else "sandbox"
    return f"""#:schema ./{SCHEMAS}/inventory.json
# Where releases come from and where they go. Every key: docs/inventory.md of Maulstick
# Paths are relative to this file, and ${{NAME}} in a text reads the environment.
default = "{default}"

# The local side: what a release is made from.
[source]
{source}

# The live site.
{target}
{sandbox}"""


def _source(answers: Answers) -> Iterator[str]:
    known = answers.database or "postgresql://localhost/NAME"
    yield f'database = {_quoted(known)}   # a password: PGPASSWORD, ~/.pgpass or "${{NAME}}"'
    media = _quoted(answers.media_root or ".")
    yield f'media_root = {media}   # "/uploads/x.jpg" in a row is a file below it'
    if answers.site_folder:
        yield f"checkout = {_quoted(answers.site_folder)}   # the site's code, for the step `deploy`"
    if answers.local_site:
        yield f"site = {_quoted(answers.local_site)}   # where the site runs locally"


def _quoted(text: str) -> str:
    """Return a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False)


def _target(answers: Answers) -> Iterator[str]:
    keys = [f'host = "{answers.host}"']
    if answers.host == "fly":
        keys.append(f"app = {_quoted(answers.app or 'NAME')}")
    if answers.host == "ssh":
        keys.append('machine = "deploy@EXAMPLE.ORG"')
    keys += [f"site = {_quoted(answers.live_site or 'https://EXAMPLE.ORG')}", "confirm = true"]
    mark = "" if answers.knows_target else "# "
    yield from (f"{mark}{line}" for line in ("[targets.production]", *keys))


def project_files(answers: Answers) -> Mapping[str, str]:
    """List the files of a new project with their texts."""
    schemas = files("maulstick") / "schemas"
    return {
        "tasks.py": TASKS,
        "inventory.toml": inventory_text(answers),
        "requirements.txt": REQUIREMENTS,
        "plugins/.gitkeep": "",
        **{
            f"{SCHEMAS}/{one}.json": (schemas / f"{one}.json").read_text("utf-8")
            for one in ("inventory", "playbook")
        },
    }


def write_project(folder: Path, texts: Mapping[str, str]) -> Iterator[str]:
    """Write the files of a project that are not there, and what .gitignore lacks; yield a line for each."""
    yield from write_missing(folder, texts)
    yield from _ignore(folder / ".gitignore")


def write_missing(folder: Path, texts: Mapping[str, str]) -> Iterator[str]:
    """Write the files that are not there, and yield a line for each: `written` or `there already`."""
    for name, text in texts.items():
        path = folder / name
        if path.exists() or path.is_symlink():
            yield f"{name}: there already"
            continue
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield f"{name}: written"


def _ignore(path: Path) -> Iterator[str]:
    """Add to .gitignore what it lacks; its own lines stay as they are."""
    with writing(path):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        lacking = [line for line in IGNORED if line not in before.splitlines()]
        if not lacking:
            yield f"{path.name}: there already"
            return
        start = before if not before or before.endswith("\n") else f"{before}\n"
        path.write_text(start + "".join(f"{line}\n" for line in lacking), encoding="utf-8")
    yield f"{path.name}: {'lines added' if before else 'written'}"


def playbook_files() -> Mapping[str, str]:
    """List the playbooks that come with Maulstick, as files of a project."""
    shipped = files("maulstick") / "playbooks"
    texts = {path.name: path.read_text(encoding="utf-8") for path in shipped.iterdir()}
    return {
        f"playbooks/{name}": text.replace("#:schema ../maulstick/schemas/", f"#:schema ../{SCHEMAS}/")
        for name, text in sorted(texts.items())
        if name.endswith(".toml")
    }
