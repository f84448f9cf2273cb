"""The tools of an assistant: each asks or plans; none of them changes production or anything that is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from maulstick.cli.assistant.answer import Answer, answer
from maulstick.cli.shell_words import NAME

PLANS = Path(".maulstick") / "plans"
"""Where sealed plans are kept until a person releases them."""

Subjects = Annotated[
    list[str], Field(description='subjects as KIND=KEY, for example ["series=embodiment"]', min_length=1)
]
Targets = Annotated[
    list[str] | None,
    Field(description="targets or groups of the inventory, by name; its default if left out"),
]
Row = Annotated[str, Field(description="a row as TABLE:KEY, for example artworks:she-lays-down")]
Decisions = Annotated[list[str] | None, Field(description="what plan's hints say, for example in a conflict")]


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools in one project."""

    project: Path

    async def doctor(self, subjects: list[str] | None = None, targets: Targets = None) -> Answer:
        """Look whether everything is there that a release needs: source, media, database, bucket, site.

        With subjects (as KIND=KEY), their declarations and pictures are looked at too. Only reads.
        """
        return await self._asked("doctor", select=subjects, target=targets, json=True)

    async def status(self, targets: Targets = None) -> Answer:
        """Show how every subject stands between the local database and the target. Only reads."""
        return await self._asked("status", target=targets, json=True)

    async def export(self, subjects: Subjects, targets: Targets = None) -> Answer:
        """Read subjects from the local database and write their bundles (files of this project)."""
        ended = await self._asked("export", select=subjects, target=targets, json=True)
        return await self._with_report(ended)

    async def plan(
        self,
        subjects: Subjects,
        targets: Targets = None,
        take: Decisions = None,
        rename: Decisions = None,
        restore: Decisions = None,
        prune: bool = False,
        seal: bool = False,
    ) -> Answer:
        """Show what a release of subjects would change, row by row and column by column.

        What is planned is the bundle that `export` wrote; nothing is changed at the target. A conflict, or an
        edit made in production, is kept unless `take` decides it. Rows that were deleted locally are deleted
        only with `prune`. With `seal` the plan is kept in a file, and `release` is the command by which a
        person carries out exactly that plan: show it to them; no tool does it.
        """
        file = self._sealed(subjects) if seal else None
        ended = await self._asked(
            "plan",
            select=subjects,
            target=targets,
            take=take,
            rename=rename,
            restore=restore,
            prune=prune,
            out=str(file) if file else None,
            json=True,
        )
        if file and (self.project / file).is_file():
            ended["release"] = f"{NAME} release --plan {file}"
        return await self._with_report(ended)

    async def why(self, row: Row, targets: Targets = None) -> Answer:
        """Show which releases touched a row, when, by whom, and what each changed. Only reads."""
        return await self._asked("why", row=row, target=targets, json=True)

    async def history(
        self,
        targets: Targets = None,
        release: int | None = None,
        subjects: list[str] | None = None,
        since: str | None = None,
        limit: int = 20,
    ) -> Answer:
        """List the newest releases of a target, or with `release` each change of that one. Only reads."""
        if release is not None:
            return await self._asked("history", target=targets, release=release, json=True)
        return await self._asked(
            "history", target=targets, subject=subjects, since=since, limit=limit, json=True
        )

    async def report(self, run: str | None = None) -> Answer:
        """Show the record of a run (the last one if left out), with a link to its page for a person.

        Nothing is changed but that page, which is written beside the record.
        """
        return await self._with_report(await self._asked("report", run=run, format="json"))

    async def _asked(self, command: str, **options: str | bool | int | list[str] | None) -> Answer:
        return await answer(self.project, command, options)

    def _sealed(self, subjects: list[str]) -> Path:
        name = re.sub(r"[^\w]+", "-", subjects[0]).strip("-")
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        (self.project / PLANS).mkdir(mode=0o700, parents=True, exist_ok=True)  # plans hold rows
        return PLANS / f"{name}-{moment}.json"

    async def _with_report(self, ended: Answer) -> Answer:
        """Return an answer with the link to the page of its run, where it left a record."""
        result = ended["result"]
        run = result.get("run") or result.get("id") if isinstance(result, dict) else None
        if run:
            page = (await self._asked("report", run=run, format="html"))["result"]
            ended["report"] = (self.project / page).resolve().as_uri()
        return ended
