"""Verify: the live pages, their pictures and production's rows are what was released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

from maulstick.console import amount
from maulstick.content import Check, MediaFile, Outcome, Page
from maulstick.errors import Exit, Problem
from maulstick.ledger import has_ledger
from maulstick.live import Live
from maulstick.page import Parsed
from maulstick.planning import lines, make_plan
from maulstick.postgres import Database
from maulstick.quote import literal
from maulstick.run import Options, Run
from maulstick.web import Unreachable, Web, Wrong

PATH_STYLE = ("fly.storage.tigris.dev", "t3.storage.dev")
"""Tigris answers 403 to addresses of this form (site.md "Pages")."""
PATIENCE = 3
"""How many times `timeout` a page is asked for again before nobody can tell."""


def verify(run: Run, options: Options) -> Outcome:
    """Put every question to the live site and database; a wrong answer is exit 5, none is exit 8."""
    bundle, timeout = run.bundle, float(options.get("timeout", 20))
    web = Web(run.place.target.site, timeout, patience=PATIENCE * timeout)
    with run.production() as database:
        live = Live(
            run.subject,
            web,
            bundle=lambda: bundle,
            database=lambda: database,
            machine=lambda: run.host.machine,
        )
        checks = [*_rows(run, database), *_seen(run, live, int(options.get("concurrency", 4)))]
        if _all_told(checks):  # plugins would wait once more for what gave no answer
            checks += run.plugins.checks(live)
        if _all_told(checks) or any(check.ok is False for check in checks):
            _remember(run, database, ok=all(check.ok for check in checks))
    _refuse([check for check in checks if check.ok is False], "wrong", Exit.WRONG)
    _refuse([check for check in checks if check.ok is None], "could not be told", Exit.UNKNOWN)
    kinds = Counter(check.name.partition(" ")[0] for check in checks)
    pages = run.bundle.manifest.pages
    says = f"{amount(len(pages), 'page')}, {amount(kinds['image'], 'image')}, {amount(len(checks), 'check')}"
    return Outcome("done", says)


def _all_told(checks: Sequence[Check]) -> bool:
    return all(check.ok is not None for check in checks)


def _rows(run: Run, database: Database) -> list[Check]:
    planned = make_plan(run.bundle, database, run.place.target.name)
    behind = [change for change in planned.changes if change.action in ("insert", "update", "conflict")]
    answer = ", ".join(f"{change.table} {change.key}: {change.action}" for change in behind)
    return [Check("rows in production equal the bundle", not behind, answer or f"{planned.rows} rows")]


def _seen(run: Run, live: Live, concurrency: int) -> list[Check]:
    pages = run.bundle.manifest.pages
    with ThreadPoolExecutor(concurrency) as pool:
        seen = list(pool.map(lambda page: _page(live, page), pages))
        checks = [check for found, _ in seen for check in found]
        if not _all_told(checks):
            return checks
        shown = {address for _, parsed in seen if parsed for address in parsed.images}
        public = run.bucket().address.public_url
        wanted = {f"{public}/{file.key}": file for file in run.bundle.manifest.media}
        addresses = sorted(shown | {a for a, file in wanted.items() if file.type.startswith("image/")})
        proofs = {unquote(address): file for address, file in wanted.items()}
        checks += pool.map(lambda one: _image(live.web, one, proofs.get(unquote(one))), addresses)
    return checks


def _page(live: Live, page: Page) -> tuple[list[Check], Parsed | None]:
    name = f"page {page.path}"
    try:
        answer = live.get(page.path)
    except Unreachable as problem:
        return [Check(name, None, problem.what)], None
    except Wrong as problem:
        return [Check(name, False, problem.what)], None
    if answer.status != 200:
        return [Check(name, False, f"answers {answer.status}")], None
    checks = [Check(name, True, "answers 200"), *_texts(page, answer.text)]
    shown = {unquote(address) for address in answer.parsed.images}
    for image in page.images:
        there = any(one.endswith(unquote(image)) for one in shown)
        checks.append(Check(f"{name} shows {image}", there, "shown" if there else "not on the page"))
    return checks, answer.parsed


def _texts(page: Page, text: str) -> Iterator[Check]:
    for wanted in page.texts:
        there = " ".join(wanted.split()) in text
        yield Check(f"text {wanted[:40]!r} on {page.path}", there, "there" if there else "not on the page")
    for unwanted in page.absent:
        there = " ".join(unwanted.split()) in text
        yield Check(f"text {unwanted[:40]!r} not on {page.path}", not there, "there" if there else "absent")


def _image(web: Web, address: str, proof: MediaFile | None) -> Check:
    name = f"image {unquote(urlsplit(address).path)}"
    if urlsplit(address).hostname in PATH_STYLE:
        hint = "set S3_PUBLIC_URL to the bucket's own host name"
        return Check(name, False, "its address is path-style, which Tigris refuses", hint)
    try:
        image = web.fetch_image(address)
    except Unreachable as problem:
        return Check(name, None, problem.what)
    except Wrong as problem:
        return Check(name, False, problem.what)
    if image.status != 200:
        return Check(name, False, f"answers {image.status}")
    if not image.type.startswith("image/"):
        return Check(name, False, f"is {image.type}, no image")
    if proof is not None and image.sha256 != proof.sha256:
        return Check(name, False, f"has other bytes: {image.bytes}, released were {proof.bytes}")
    return Check(name, True, f"{image.bytes} bytes" + (" as released" if proof else ""))


def _remember(run: Run, database: Database, *, ok: bool) -> None:
    """Write down whether the last release of this bundle proved right; nothing moves if it is known."""
    subject, digest = literal(str(run.subject)), literal(run.bundle.manifest.digest)
    verdict = literal(ok)
    last = f"select max(number) from maulstick.release where subject = {subject} and digest = {digest}"
    if has_ledger(database):
        database.run(
            f"update maulstick.release set verified = {verdict} where number = ({last})"
            f" and verified is distinct from {verdict}"
        )


def _refuse(checks: Sequence[Check], word: str, code: Exit) -> None:
    if checks:
        found = lines([f"{c.name}: {c.answer}" + (f" ({c.hint})" if c.hint else "") for c in checks])
        raise Problem("verify", f"{amount(len(checks), 'check')} {word}{found}", code=code)
