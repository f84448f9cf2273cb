"""A small GitHub: pull requests, comments in pages of two, and artifacts that lie on another server."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_workflow"
REPOSITORY = "olivia/site"
BOT = "github-actions[bot]"
PAGE = 2


@dataclass(slots=True)
class Site:
    """What GitHub holds of one repository; `refused` answers that status instead, `asked` is what was."""

    address: str
    storage: str
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    archives: dict[int, bytes] = field(default_factory=dict)
    refused: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": self.address}

    def bodies(self, pull: int, login: str = BOT) -> list[str]:
        return [one["body"] for one in self.comments.get(pull, ()) if one["user"]["login"] == login]

    def say(self, pull: int, text: str, login: str = "visitor") -> dict[str, Any]:
        number = 1 + sum(len(found) for found in self.comments.values())
        one = {"id": number, "body": text, "user": {"login": login}, "html_url": f"{self.address}/c/{number}"}
        self.comments.setdefault(pull, []).append(one)
        return one

    def merged(self, number: int, head: str, commit: str) -> None:
        found = {"number": number, "head": {"sha": head}, "merged_at": "now", "merge_commit_sha": commit}
        self.pulls.setdefault(commit, []).append(found)

    def keep(self, name: str, files: Mapping[str, bytes], head: str, *, fork: bool = False) -> str:
        """Keep an artifact as a run on a commit leaves it, and return its address."""
        archive, number = io.BytesIO(), len(self.artifacts) + 1
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for file, content in files.items():
                zipped.writestr(file, content)
        run = {"repository_id": 1, "head_repository_id": 2 if fork else 1, "head_sha": head}
        told = {"id": number, "name": name, "expired": False, "created_at": f"2026-11-22T10:00:{number:02}Z"}
        self.artifacts.append({**told, "workflow_run": run})
        self.archives[number] = archive.getvalue()
        return f"{self.address}/artifacts/{number}"


def answer(site: Site, method: str, path: str, query: Mapping[str, list[str]], body: Any) -> Any:
    """Return what GitHub answers: its JSON, or an address to go to."""
    path = path.removeprefix(f"/repos/{REPOSITORY}/")
    if found := re.fullmatch(r"issues/(\d+)/comments", path):
        pull = int(found[1])
        return site.comments.get(pull, []) if method == "GET" else site.say(pull, body["body"], BOT)
    if (found := re.fullmatch(r"issues/comments/(\d+)", path)) and method == "PATCH":
        one = next(one for kept in site.comments.values() for one in kept if one["id"] == int(found[1]))
        one["body"] = body["body"]
        return one
    if found := re.fullmatch(r"commits/(\w+)/pulls", path):
        return site.pulls.get(found[1], [])
    if path == "actions/artifacts":
        kept = [one for one in site.artifacts if [one["name"]] == query.get("name")]
        return {"total_count": len(kept), "artifacts": kept}
    if found := re.fullmatch(r"actions/artifacts/(\d+)/zip", path):
        return f"{site.storage}/{found[1]}"
    raise LookupError(path)


class _Door(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PATCH = do_GET  # noqa: N815

    def _answer(self) -> None:
        parts, token = urlsplit(self.path), self.headers.get("authorization", "")
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"null")
        self.site.asked.append((self.command, self.path, token))
        if token != f"Bearer {TOKEN}":
            return self._send(401, {"message": "Bad credentials"})
        if self.site.refused:
            return self._send(self.site.refused, {"message": "Resource not accessible"})
        try:
            found = answer(self.site, self.command, parts.path, parse_qs(parts.query), body)
        except LookupError:
            return self._send(404, {"message": "Not Found"})
        if isinstance(found, str):
            return self._send(302, {}, location=found)
        if isinstance(found, list):
            return self._page(found, parts.path, int(parse_qs(parts.query).get("page", ["1"])[0]))
        return self._send(200, found)

    def _page(self, found: list[Any], path: str, page: int) -> None:
        link = f'<{self.site.address}{path}?page={page + 1}>; rel="next"' if page * PAGE < len(found) else ""
        self._send(200, found[(page - 1) * PAGE : page * PAGE], link=link)

    def _send(self, status: int, found: Any, **headers: str) -> None:
        body = json.dumps(found).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Storage(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.site.asked.append(("storage", self.path, self.headers.get("authorization", "")))
        body = self.site.archives[int(self.path.removeprefix("/"))]
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Site]:
    """Serve GitHub for the block."""
    servers = []
    for kind in (_Door, _Storage):
        server = ThreadingHTTPServer(("127.0.0.1", 0), type(kind.__name__, (kind,), {}))
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    site = Site(*(f"http://127.0.0.1:{server.server_port}" for server in servers))
    for server in servers:
        server.RequestHandlerClass.site = site  # type: ignore[attr-defined]
    yield site
    for server in servers:
        server.shutdown()
        server.server_close()
