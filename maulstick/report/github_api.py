"""The one door to GitHub's REST API."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Retry, parse_url

from maulstick.errors import Problem, usage
from maulstick.redact import Secret

API = "https://api.github.com"
VERSION = "2022-11-28"
TOKEN, REPOSITORY, URL = "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"
NAME = re.compile(r"[\w.-]+/[\w.-]+")
NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
TIMEOUT = 30.0
LARGEST = 64 << 20
"""How many bytes of an answer are read at most."""
TRIES = Retry(total=3, backoff_factor=0.5, status_forcelist=(502, 503, 504), allowed_methods=("GET",))
RIGHTS = "the workflow's permissions name what its token may do: docs/github.md"
HINTS = {
    401: "GITHUB_TOKEN is not accepted; in a workflow: ${{ github.token }}",
    403: RIGHTS,
    404: f"is the repository's name right? {RIGHTS}",
    429: "GitHub is asked too often; try again later",
}


@dataclass(frozen=True, slots=True)
class GitHub:
    """A repository at GitHub, with a token."""

    repository: str
    token: Secret
    url: str = API
    pool: urllib3.PoolManager = field(default_factory=urllib3.PoolManager, repr=False)

    def get(self, path: str, **query: str) -> Any:
        """Get a path of the repository."""
        return _json(self._asked("GET", self._address(path), fields=query))

    def each(self, path: str, **query: str) -> Iterator[Any]:
        """Yield the entries that a path of the repository lists, page after page."""
        address, fields = self._address(path), {**query, "per_page": "100"}
        while address:
            answer = self._asked("GET", address, fields=fields)
            yield from _json(answer)
            address, fields = self._next(answer), {}

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:
        """Send JSON to a path of the repository, once."""
        return _json(self._asked(method, self._address(path), body=json.dumps(body).encode()))

    def download(self, path: str) -> bytes:
        """Download a file; a server that GitHub redirects to does not get the token."""
        return _read(self._asked("GET", self._address(path)))

    def _address(self, path: str) -> str:
        return f"{self.url}/repos/{self.repository}/{path}"

    def _next(self, answer: urllib3.BaseHTTPResponse) -> str:
        link = NEXT.search(answer.headers.get("link", ""))
        if link is None:
            return ""
        if _server(link[1]) != _server(self.url):
            raise Problem("github", f"says that the next page is at {_server(link[1])}, which is not GitHub")
        return link[1]

    def _asked(
        self, method: str, address: str, *, fields: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> urllib3.BaseHTTPResponse:
        where = f"github {method} {parse_url(address).path}"
        headers = {
            "authorization": f"Bearer {self.token.reveal()}",
            "accept": "application/vnd.github+json",
            "content-type": "application/json",
            "user-agent": "maulstick",
            "x-github-api-version": VERSION,
        }
        content: dict[str, Any] = {"fields": fields} if fields else {"body": body}
        try:
            answer = self.pool.request(
                method,
                address,
                headers=headers,
                timeout=TIMEOUT,
                retries=TRIES,
                preload_content=False,
                **content,
            )
        except HTTPError as error:
            raise Problem(where, "does not answer", "try again; GITHUB_API_URL holds its address") from error
        if answer.status >= 400:
            raise Problem(where, _refusal(answer), HINTS.get(answer.status, "try again"))
        return answer


def from_environment() -> GitHub:
    """Take repository and token from the environment, as in a workflow."""
    for name in (TOKEN, REPOSITORY):
        if not os.environ.get(name):
            hint = "a step of a workflow sets it: env: GITHUB_TOKEN: ${{ github.token }}"
            raise usage(name, "is not set in the environment", hint)
    repository = os.environ[REPOSITORY]
    if not NAME.fullmatch(repository):
        raise usage(REPOSITORY, f'"{repository}" is not a repository', "OWNER/NAME")
    return GitHub(repository, Secret(os.environ[TOKEN]), (os.environ.get(URL) or API).rstrip("/"))


def _refusal(answer: urllib3.BaseHTTPResponse) -> str:
    try:
        message = str(_json(answer)["message"])
    except (Problem, KeyError, TypeError):
        message = ""
    return f"answers {answer.status}: {message}" if message else f"answers {answer.status}"


def _json(answer: urllib3.BaseHTTPResponse) -> Any:
    try:
        return json.loads(_read(answer))
    except ValueError as error:
        raise Problem("github", "the answer is not JSON", "is GITHUB_API_URL right?") from error


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    try:
        body = answer.read(LARGEST + 1)
    except HTTPError as error:
        raise Problem("github", "the answer breaks off", "try again") from error
    finally:
        answer.release_conn()
    if len(body) > LARGEST:
        raise Problem("github", f"the answer is larger than {LARGEST >> 20} MiB")
    return bytes(body)


def _server(address: str) -> str:
    url = parse_url(address)
    return f"{url.scheme}://{url.netloc}"
