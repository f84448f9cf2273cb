"""The commands that begin: a project in a folder, and a shell that completes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maulstick.cli.arguments import Command, Definition
from maulstick.console import Console
from maulstick.errors import Exit, usage
from maulstick.release.settings import CommandOptions, Yes, option

if TYPE_CHECKING:
    from maulstick.cli.starter.project_files import Answers

HOSTS = ("fly", "direct", "ssh")
SHELLS = {
    "bash": "~/.local/share/bash-completion/completions/maulstick",
    "zsh": "~/.zsh/completions/maulstick.zsh",
    "fish": "~/.config/fish/completions/maulstick.fish",
}
"""Where each shell's completion is installed."""


@dataclass(frozen=True)
class InitOptions(Yes):
    """What a new project is made of; what is left out is proposed, and asked for on a terminal."""

    folder: str = option(".", "the folder of the project; made if it does not exist")
    site_folder: str | None = option(None, "the folder of the site's code")
    database: str | None = option(None, "the local database, as postgresql://localhost/NAME")
    media_root: str | None = option(None, "the folder that holds the media")
    local_site: str | None = option(None, "where the site runs locally")
    host: str | None = option(None, f"how the live site is reached: {', '.join(HOSTS)}")
    app: str | None = option(None, "the app's name on Fly")
    live_site: str | None = option(None, "the address that visitors use")
    playbooks: bool = option(False, "copy the playbooks that come with Maulstick, to be changed")


@dataclass(frozen=True)
class Completion(CommandOptions):
    """Which shell is to complete."""

    shell: str | None = option(None, f"{', '.join(SHELLS)}; that of $SHELL if left out")


def init(command: Command[InitOptions]) -> int:
    """Write the files of a new project from what is there, what was typed and what is answered."""
    from maulstick.cli.starter.project_files import playbook_files, project_files, write_project

    console, options = command.console(), command.options
    folder = Path(options.folder)
    answers = _answers(options, folder, console)
    if answers.host not in HOSTS:
        raise usage("--host", f'"{answers.host}" is not one of {", ".join(HOSTS)}')
    texts = {**project_files(answers), **(playbook_files() if options.playbooks else {})}
    for line in write_project(folder, texts):
        console.result(line)
    where = "" if folder.resolve() == Path.cwd() else f"cd {options.folder}, then "
    console.result(f"next: {where}maulstick doctor, then maulstick plugins.new NAME --table TABLE")
    return Exit.DONE


def _answers(options: InitOptions, folder: Path, console: Console) -> Answers:
    """Return what was typed, else what is answered to a proposal, else the proposal."""
    from maulstick.cli.starter.project_files import SANDBOX_FILES, Answers
    from maulstick.cli.starter.site_facts import facts_of, without_password

    asks = console.interactive and not options.yes

    def answer(typed: str | None, question: str, proposal: str) -> str:
        if typed is not None:
            return typed
        return console.answer(question, proposal) if asks else proposal

    if options.site_folder is not None and not Path(options.site_folder).is_dir():
        raise usage("--site-folder", f'"{options.site_folder}" is not a folder')
    typed = None if options.site_folder is None else _from(folder, Path(options.site_folder))
    code = answer(typed, "the folder of the site's code", _beside(folder, folder))
    facts = facts_of((folder / code).resolve())  # the project may not exist yet
    if facts.framework:
        console.line(f"{code or '.'}: {facts.framework}{f', {facts.app} on Fly' if facts.app else ''}")
    media = f"{code}/{facts.media_root}" if facts.media_root and code not in ("", ".") else facts.media_root
    host = answer(options.host, f"how the live site is reached ({', '.join(HOSTS)})", _host(facts.app))
    database, typed_password = without_password(
        answer(options.database, "the local database", facts.database)
    )
    known = Answers(
        database=database,
        site_folder=code,
        media_root=answer(options.media_root, "the folder that holds the media", media),
        local_site=answer(options.local_site, "where the site runs locally", facts.local_site),
        host=host,
        live_site=answer(options.live_site, "the address that visitors use", facts.live_site),
    )
    app = answer(options.app, "the app's name on Fly", facts.app) if host == "fly" else ""
    if typed_password or (facts.has_password and options.database is None):
        console.line("its password is left out; PGPASSWORD or ~/.pgpass gives it")
    own = [name for name in SANDBOX_FILES if (folder / name).is_file()]
    return replace(known, app=app, sandbox_files=tuple(own) if "schema.sql" in own else ())


def _host(app: str) -> str:
    return "fly" if app or not os.environ.get("DATABASE_URL") else "direct"


def _beside(code: Path, project: Path) -> str:
    """Return the folder of the site's code as seen from the project, "" where it shows no site."""
    from maulstick.cli.starter.site_facts import facts_of

    facts = facts_of(code)
    if not (facts.framework or facts.app):
        return ""
    return _from(project, code)


def _from(project: Path, folder: Path) -> str:
    """Return a folder as the project's inventory names it; it was typed as seen from here."""
    return Path(os.path.relpath(folder.resolve(), project.resolve())).as_posix()


def completion(command: Command[Completion]) -> int:
    """Install the completion of commands, options and values for a shell."""
    from maulstick.cli.completion import script

    shell = command.options.shell or Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        raise usage("--shell", f'"{shell}" is not one of {", ".join(SHELLS)}', "name your shell")
    path = Path(SHELLS[shell]).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script(shell), encoding="utf-8")
    console = command.console()
    console.result(f"{path}: written")
    if shell == "zsh":
        console.result(f"add to ~/.zshrc: source {path}")
    console.result("open a new shell to use it")
    return Exit.DONE


Act = Callable[[Command[Any]], int]
COMMANDS: tuple[Definition[Any], ...] = (
    Definition("init", "Begin a project in a folder.", InitOptions, init),
    Definition("completion", "Let your shell complete commands and values.", Completion, completion),
)
