"""The pages of the desk: what each asks, reads and keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from maulstick.cli.desk import dispute
from maulstick.cli.desk.children import Answer, Children
from maulstick.cli.desk.pictures import Pictures
from maulstick.cli.desk.subjects import Card, cards, counted
from maulstick.plan.choices import SIDES
from maulstick.project.declarations import Subject

PATIENCE = 25.0
"""Seconds in which a page waits for a command that it asked."""
STATUS, HISTORY, ORPHANS, DOCTOR = "status", "history", "orphans", "doctor"
NEWEST = 200
"""Releases of the time line."""
QUOTA = ("storage quota", "unfinished uploads")
"""What of the doctor's findings is about room in the bucket."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages are about: one target of one project, and who answers their questions."""

    project: Path
    inventory: str
    kinds: Sequence[str]
    listed: Callable[[], Sequence[Card]]
    pictures: Pictures
    children: Children
    target: str
    deciding: Lock

    def ask(self, name: str, *words: str, again: bool = False) -> None:
        """Ask a command about the target, beside the page."""
        place = (f"--target={self.target}", f"--inventory={self.inventory}", "--json")
        self.children.ask(name, [*words, *place], again=again, keep=name == self.status)

    @property
    def status(self) -> str:
        """The name of the answer that the next desk begins with."""
        return f"{STATUS}-{self.target}"


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages, each at its address below the token."""

    desk: Desk
    root: str

    def overview(self) -> Response:
        """Show every subject, or those of one word."""
        desk = self.desk
        desk.ask(desk.status, STATUS)
        status = self._answer(desk.status)
        listed, word = cards(status, desk.listed), request.args.get("state", "")
        shown = [card for card in listed if word in ("", card.word)]
        return self._page(
            "overview.html",
            [desk.status],
            answer=status,
            cards=shown,
            counts=counted(listed),
            total=len(listed),
            state=word,
        )

    def subject(self) -> Response:
        """Show what a release of one subject would change."""
        desk, subject = self.desk, self._subject(request.args)
        name = str(subject)
        self._ask_about(subject)
        answer = self._answer(name)
        release = dispute.release_of(answer)
        decisions, wrong = dispute.decisions_of(desk.project, subject)
        standings = [*dispute.standings(decisions, release, desk.target)]
        card = next(
            (
                one
                for one in cards(desk.children.answer(desk.status), desk.listed)
                if (one.kind, one.key) == (subject.kind, subject.key)
            ),
            None,
        )
        return self._page(
            "subject.html",
            [name],
            subject=subject,
            answer=answer,
            release=release,
            card=card,
            standings=standings,
            wrong=wrong,
            places={(one.decision.table, one.decision.key, one.decision.column): one for one in standings},
            commands=dispute.commands(
                subject, desk.target, [one for one in standings if one.word == "holds"]
            ),
        )

    def history(self) -> Response:
        """Show the releases of the target, or those of one subject."""
        subject = request.args.get("subject", "")
        self.desk.ask(HISTORY, HISTORY, f"--limit={NEWEST}")
        answer = self._answer(HISTORY)
        releases = answer.records if answer else []
        shown = [one for one in releases if subject in ("", one["subject"])]
        days: dict[str, list[dict[str, Any]]] = {}
        for one in shown:
            days.setdefault(str(one["at"])[:10], []).append(one)
        return self._page("history.html", [HISTORY], answer=answer, days=days, subject=subject)

    def storage(self) -> Response:
        """Show what nothing names in the bucket, and how full it is."""
        self.desk.ask(ORPHANS, "media.orphans")
        self.desk.ask(DOCTOR, DOCTOR)
        answer, doctor = self._answer(ORPHANS), self._answer(DOCTOR)
        return self._page(
            "storage.html", [ORPHANS, DOCTOR], answer=answer, doctor=doctor, findings=_findings(doctor)
        )

    def picture(self) -> Response:
        """Return a small picture of one side."""
        side, path = request.args.get("side", ""), request.args.get("path", "")
        if side not in SIDES:
            abort(404)
        pictures = self.desk.pictures
        small = pictures.local(path) if side == "local" else pictures.production(path)
        if not small:
            abort(404)
        return Response(small, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=60"})

    def ask_again(self) -> AnyResponse:
        """Ask anew what a page shows, and lead back to it."""
        desk, page = self.desk, request.form.get("page", "")
        desk.pictures.look_again()
        match page:
            case "subject":
                subject = self._subject(request.form)
                self._ask_about(subject, again=True)
                return self._to("subject", kind=subject.kind, key=subject.key)
            case "history":
                desk.ask(HISTORY, HISTORY, f"--limit={NEWEST}", again=True)
            case "storage":
                desk.ask(ORPHANS, "media.orphans", again=True)
                desk.ask(DOCTOR, DOCTOR, again=True)
            case _:
                page = ""
                desk.ask(desk.status, STATUS, again=True)
        return self._to(page)

    def decide(self) -> AnyResponse:
        """Keep which side wins, or that nothing is decided, and plan again."""
        desk, form, subject = self.desk, request.form, self._subject(request.form)
        place = (form.get("table", ""), form.get("row", ""), form.get("column", ""))
        side = form.get("take", "")
        if side not in ("", *SIDES):
            abort(400)
        known = dispute.cells(dispute.release_of(desk.children.answer(str(subject))))
        with desk.deciding:
            cell = dispute.require_shown(known, place, form.get("shown", "")) if side else {}
            dispute.decide(desk.project, subject, desk.target, place, cell, side)
        self._ask_about(subject, again=True)
        return self._to("subject", kind=subject.kind, key=subject.key)

    def _subject(self, given: Any) -> Subject:
        kind, key = given.get("kind", ""), given.get("key", "")
        if kind not in self.desk.kinds or not key:
            abort(404)
        return Subject(kind, key)

    def _ask_about(self, subject: Subject, *, again: bool = False) -> None:
        # A rehearsal of these steps reads both sides as they are now, and writes no bundle.
        words = (
            "release",
            "--check",
            "--only=export",
            "--only=plan",
            f"--select={subject.kind}={subject.key}",
        )
        self.desk.ask(str(subject), *words, again=again)

    def _answer(self, name: str) -> Answer | None:
        return self.desk.children.answer(name, wait=PATIENCE if "wait" in request.args else 0)

    def _page(self, template: str, asked: Sequence[str], **values: Any) -> Response:
        """Show a page; while answers to it are on their way, it leads to itself, which waits for them."""
        waits = any(self.desk.children.is_asked(name) for name in asked)
        page = template.removesuffix(".html").removeprefix("overview")
        response = Response(render_template(template, page=page, waits=waits, **values), mimetype="text/html")
        if waits:
            again = {**request.args.to_dict(), "wait": "1"}
            response.headers["Refresh"] = f"1; url={request.path}?{urlencode(again)}"
        return response

    def _to(self, page: str, **words: str) -> AnyResponse:
        return redirect(f"{self.root}{page}?{urlencode({**words, 'wait': '1'})}", 303)


def _findings(doctor: Answer | None) -> list[dict[str, Any]]:
    """Return what the doctor says about room in the bucket."""
    records = doctor.result if doctor and isinstance(doctor.result, dict) else {}
    found = [one for record in records.get("targets", ()) for one in record.get("answers", ())]
    return [one for one in found if one["name"] in QUOTA]
