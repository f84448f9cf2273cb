"""What a webhook is told, in the form that its address understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from maulstick.redact import Secret

Format = Literal["json", "slack", "discord", "ntfy"]
Event = Literal["released", "unchanged", "running", "failed", "interrupted"]
LONGEST: Mapping[str, int] = {"slack": 3000, "discord": 1900, "ntfy": 1000}
"""Characters of a message: a chat cuts longer ones off, or refuses them."""
TAGS: Mapping[str, list[str]] = {"released": ["white_check_mark"], "failed": ["rotating_light"]}
URGENT = 4


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted, where to, and the event that it tells of."""

    address: Secret
    body: Mapping[str, Any]
    says: str


def message(report: Mapping[str, Any], form: Format, address: Secret) -> Message:
    """Return what is posted of a release's record."""
    event, text = event_of(report), text_of(report)
    short = text if len(text) <= LONGEST.get(form, len(text)) else f"{text[: LONGEST[form]]}…"
    body: Mapping[str, Any]
    if form == "slack":
        body = {"text": short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    elif form == "discord":
        body = {"content": short, "allowed_mentions": {"parse": []}}
    elif form == "ntfy":
        return Message(_root(address), _notification(report, event, short, address), event)
    else:
        body = {"version": 1, "event": event, "text": text, "report": report}
    return Message(address, body, event)


def event_of(report: Mapping[str, Any]) -> Event:
    """Return how a release stands, in a word."""
    words = {step["name"]: step["word"] for step in report["steps"]}
    if report["problem"]:
        return "interrupted" if report["problem"].startswith("interrupted") else "failed"
    if report["number"] is not None:
        return "released"
    return "unchanged" if words.get("apply") == "unchanged" else "running"


def text_of(report: Mapping[str, Any]) -> str:
    """Return what people read; a failure after the rows went live says that they are live."""
    subject, target, number = report["subject"], report["target"], report["number"]
    said = {step["name"]: step["says"] for step in report["steps"]}
    match event_of(report):
        case "released":
            done = ", ".join(said[name] for name in ("apply", "publish") if name in said)
            return f"release {number}: {subject} is live on {target}, {done}\n{report['page']}"
        case "unchanged":
            return f"{subject}: nothing to release, {target} is in step\n{report['page']}"
        case "running":
            return f"{subject} to {target}: {', '.join(said) or 'begins'}"
        case event:
            failed = [step["name"] for step in report["steps"] if step["word"] == "failed"]
            where = f" in {failed[0]}" if failed else ""
            return f"{subject} to {target}: {event}{where}\n{report['problem']}\n{report['state']}"


def _root(address: Secret) -> Secret:
    """Return the server of a topic: what is not plain ASCII goes there as JSON, with the topic's name."""
    parts = urlsplit(address.reveal())
    return Secret(urlunsplit(parts._replace(path=parts.path.rstrip("/").rpartition("/")[0] + "/")))


def _notification(report: Mapping[str, Any], event: Event, text: str, address: Secret) -> Mapping[str, Any]:
    urgent = {"priority": URGENT} if event == "failed" else {}
    return {
        "topic": urlsplit(address.reveal()).path.rstrip("/").rpartition("/")[2],
        "title": f"{report['subject']}: {event}",
        "message": text,
        "tags": TAGS.get(event, []),
        "click": report["page"],
        **urgent,
    }
