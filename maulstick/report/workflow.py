"""The workflow for GitHub, as it fits a project: its host, its playbook, its bundles."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import get_args

from maulstick.errors import usage
from maulstick.hosts.direct_host import environment_file
from maulstick.project.host_keys import Command, own_keys
from maulstick.project.inventory import Inventory
from maulstick.project.playbook import Playbook
from maulstick.project.targets import Target
from maulstick.project.toml import read

TEMPLATE = "maulstick.yml.jinja"
PLAIN = re.compile(r"[\w./-]+")
"""Paths that mean the same in YAML, in a pattern of GitHub's and in a shell."""
VARIABLE = re.compile(r"\$\{(\w+)\}")
THERE = {"MAULSTICK_PLAN_DATABASE", "HOME", "USER", "LOGNAME", "PATH", "PWD", "TMPDIR"}
"""Variables that the workflow hands over anyway, or that the runner has of its own."""
SECRET = " " * 28
DATABASE = """\
  secret of the repository  MAULSTICK_PLAN_DATABASE: the address of a role that may only read"""
SECRETS = {
    "fly": """\
                            FLY_PLAN_TOKEN: a token that can open a proxy, and nothing else
{environment}
                            its secret FLY_API_TOKEN: fly tokens create deploy -a APP -x 2160h""",
    "ssh": """\
                            SSH_PLAN_KEY: a key that can open a tunnel to the database, and nothing else
  variable                  SSH_KNOWN_HOSTS: the machine's lines of a known_hosts that somebody has checked
{environment}
                            its secret SSH_KEY: a key that may log in to the machine""",
    "direct": """\
{environment}
                            its secrets DATABASE_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
                            its variables AWS_ENDPOINT_URL_S3, AWS_REGION, S3_BUCKET, S3_PUBLIC_URL""",
    "file": """\
{environment}
                            its secret MAULSTICK_ENVIRONMENT: what {file} holds""",
    "other": """\
{environment}
                            whatever the host needs, which is up to you: add it to the workflow""",
}
ENVIRONMENT = """\
  environment "production"  for the branch main only, with whoever says yes to a release"""
NEXT = """\
next, each step by step in docs/github.md:
  requirements.txt          names maulstick{extra}, and what your plugins need
  inventory.toml            database_user = "maulstick"
                            plan_database = "${{MAULSTICK_PLAN_DATABASE}}"
{database}
{secrets}"""


@dataclass(frozen=True, slots=True)
class Workflow:
    """What the workflow says of a project; `environment` is its target's dotenv file, "" if it has none.

    `variables` are those that the inventory reads, without which it does not load; `told` the playbook's.
    """

    host: str
    target: str
    playbook: str
    bundles: str
    environment: str
    browser: bool
    variables: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the file."""
        from jinja2 import Environment, StrictUndefined

        template = (files(__package__) / TEMPLATE).read_text(encoding="utf-8")
        environment = Environment(
            variable_start_string="[[",
            variable_end_string="]]",
            line_statement_prefix="#%",
            keep_trailing_newline=True,
            undefined=StrictUndefined,
            autoescape=True,
        )
        return environment.from_string(template).render(asdict(self))

    def next_steps(self) -> str:
        """Return what is left to do: the secrets and variables that this workflow reads."""
        kind = self.host if self.host in ("fly", "ssh", "direct") else "other"
        kind = "file" if kind == "direct" and self.environment else kind
        secrets = SECRETS[kind].format(environment=ENVIRONMENT, file=self.environment)
        more = [f"{SECRET}{name}: inventory.toml reads it" for name in self.variables]
        more += [f"{SECRET}{name}: playbooks/{self.playbook}.toml reads it" for name in self.told]
        extra = "[browser]" if self.browser else ""
        return NEXT.format(extra=extra, database="\n".join([DATABASE, *more]), secrets=secrets)


def workflow_for(
    project: Path, inventory: Inventory, target: Target, playbook: Playbook, *, browser: bool
) -> Workflow:
    """Return the workflow of a target and a playbook; what it could not do is a usage problem (exit 2)."""
    if target.source is None:
        hint = "--target names one that others reach too"
        raise usage(f"targets/{target.name}", "is on this machine alone", hint)
    if "deploy" in (step.name for step in playbook.steps):
        hint = "--playbook names one without deploy, such as content"
        raise usage(f"playbooks/{playbook.name}", "deploys code, which the workflow does not check out", hint)
    file = environment_file(target)
    looks = any(step.options.get("browser") for step in playbook.steps)
    return Workflow(
        host=target.host,
        target=target.name,
        playbook=playbook.name,
        bundles=_inside(project, target.source.bundles, "source/bundles"),
        environment=_inside(project, file, f"targets/{target.name}/environment") if file else "",
        browser=browser or looks,
        variables=(known := _variables(inventory)),
        told=tuple(name for name in _named([step.options for step in playbook.steps]) if name not in known),
    )


def _variables(inventory: Inventory) -> tuple[str, ...]:
    """List the variables that an inventory reads; those in commands are for a shell elsewhere."""
    written = read(inventory.path, inventory.path.name, "")
    for name, target in inventory.targets.items():
        for own in own_keys(target.kind.keys):
            if Command in (own.kind, *get_args(own.kind)):
                written["targets"][name].pop(own.name, None)
    return _named(written)


def _named(written: object) -> tuple[str, ...]:
    return tuple(sorted({*VARIABLE.findall(str(written))} - THERE))


def _inside(project: Path, path: Path, where: str) -> str:
    """Return a path as the repository has it."""
    try:
        found = path.resolve().relative_to(project.resolve()).as_posix()
    except ValueError:
        hint = "a path below the folder of inventory.toml"
        raise usage(f"inventory.toml/{where}", "is outside of the repository", hint) from None
    if not PLAIN.fullmatch(found):
        hint = 'a path of letters, digits, "-", "_" and "." alone'
        raise usage(f"inventory.toml/{where}", f'"{found}" does not fit in a workflow', hint)
    return found
