"""Verify: the live pages, their pictures and production's rows are what was released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial

from maulstick.bundle.manifest import Manifest
from maulstick.errors import DENIED, Exit, Problem, usage
from maulstick.plan.changes import Change
from maulstick.plan.hidden import as_they_wait, waiting
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.ledger import undone
from maulstick.postgres.quoting import block, literal
from maulstick.project.declarations import Check, Outcome, Rows
from maulstick.release.context import ReleaseContext
from maulstick.release.settings import Options
from maulstick.release.step_results import FAILED, Earlier, VerifyResult
from maulstick.release.steps.live_site import site_of, visitor_of
from maulstick.release.steps.source_site import ask_source_site
from maulstick.text import amount, lines
from maulstick.verify.browser import SiteBrowser, browser
from maulstick.verify.live import Live
from maulstick.verify.proof.addresses import public_address
from maulstick.verify.proof.expected import expected
from maulstick.verify.proof.in_browser import faultless, screens
from maulstick.verify.proof.likeness import Lookalikes
from maulstick.verify.proof.private_bucket import settled
from maulstick.verify.proof.redirects import redirected
from maulstick.verify.proof.rows import rows
from maulstick.verify.proof.site import all_answered, asked

MOST = 20
"""Old addresses that are asked for after a release that changed them."""


def run(context: ReleaseContext, earlier: Earlier, options: Options) -> VerifyResult:
    """Put every question to the live site and database; a wrong answer is exit 5, none is exit 8."""
    asked_for = _typed(context)
    seen = _ask_source(context, options) if context.settings.source else _ask_production(context, options)
    if asked_for and not context.settings.source:
        web = site_of(context, options)
        seen = replace(seen, checks=[*seen.checks, *(redirected(web, *pair) for pair in asked_for)])
    checks = seen.checks
    if (problem := refusal_of("verify", checks)) is not None:
        return replace(seen, outcome=FAILED, failure=problem)
    kinds = Counter(check.name.partition(" ")[0] for check in checks)
    pages = amount(len(context.load_bundle().manifest.pages), "page")
    if not _site(context):
        is_copy, target = context.place.is_copy, context.place.target.name
        pages = "no page (no site runs on the copy)" if is_copy else f"no page ({target} has no site)"
    images = [] if context.place.is_copy else [amount(kinds["image"], "image")]
    says = ", ".join([pages, *images, amount(len(checks), "check")])
    return replace(seen, outcome=Outcome("done", says, tuple(_lost(context, earlier, options))))


def _typed(context: ReleaseContext) -> list[tuple[str, str]]:
    """Return the old addresses that were typed, each with its new one."""
    pairs = []
    for text in context.settings.redirect:
        old, equals, new = text.partition("=")
        if not (old.startswith("/") and equals and new.startswith("/")):
            raise usage(f"--redirect {text}", "is not OLD=NEW", "--redirect /artworks/old=/artworks/new")
        pairs.append((old, new))
    return pairs


def _lost(context: ReleaseContext, earlier: Earlier, options: Options) -> Iterator[str]:
    """Say which addresses that this release has changed do not lead to the new ones."""
    moved = [] if context.settings.source or not _site(context) else [one for one in earlier.moved if one.new]
    for one in moved[:MOST]:
        check = redirected(site_of(context, options), one.old, one.new)
        if check.ok is not True:
            yield f"{check.name}: {check.answer}; {check.hint}"


def plan(context: ReleaseContext, earlier: Earlier, options: Options) -> str:
    """Return whom a verify asks."""
    if site := _site(context):
        return f"ask {site} whether it shows what was released"
    return f"ask for no page: {context.place.target.name} has no site"


def _site(context: ReleaseContext) -> str:
    """Return the site that is asked, "" for none."""
    return (context.place.source.site if context.settings.source else context.place.target.site) or ""


def _ask_source(context: ReleaseContext, options: Options) -> VerifyResult:
    return VerifyResult(FAILED, ask_source_site(context, options))


def _ask_production(context: ReleaseContext, options: Options) -> VerifyResult:
    target, bundle = context.place.target, context.load_bundle()
    bucket = context.open_bucket
    with context.reading() as database, _browser(context, options) as browser:
        planned = make_plan(bundle, database, target.name)
        specs = bundle.manifest.specs
        live = Live(
            context.subject,
            site_of(context, options),
            bundle=lambda: bundle,
            database=lambda: database,
            machine=lambda: context.host.machine,
            browser=browser,
            expected=_expected(context, as_they_wait(planned.changes, specs)),
            original=context.open_places().here,
            asks_for_files=not context.place.is_copy,
        )
        public, settle = bucket().address.public_url, partial(settled, live, bucket())
        hidden = waiting(planned.changes, specs)
        checks = [
            rows(planned, hidden),
            *asked(visitor_of(context, options), live, public=public, settle=settle),
        ]
        seen = VerifyResult(FAILED, checks)
        if browser is not None:
            seen = _with_screens(seen, live, browser, public)
            seen = replace(seen, undone=frozenset(undone(database)))
        if all_answered(seen.checks) or any(check.ok is False for check in seen.checks):
            _write_down(context, database, ok=all(check.ok for check in seen.checks))
    return seen


def _expected(context: ReleaseContext, changes: Iterable[Change]) -> tuple[Manifest, Rows]:
    """Return what should be there; on a copy, whose files are not sent, pages are asked for texts alone."""
    manifest, rows = expected(context.load_bundle(), changes, context.plugins)
    if context.place.is_copy:
        pages = tuple(replace(page, images=(), pairs=()) for page in manifest.pages)
        manifest = replace(manifest, pages=pages)
    return manifest, rows


@contextmanager
def _browser(context: ReleaseContext, options: Options) -> Iterator[SiteBrowser | None]:
    site = context.place.target.site
    if not site or not (context.settings.browser or options.get("browser")):
        yield None
        return
    patience = site_of(context, options).patience
    headers = context.place.target.headers
    with browser(site, patience=patience, say=context.console.passing, headers=headers) as opened:
        yield opened


def _with_screens(seen: VerifyResult, live: Live, browser: SiteBrowser, public: str) -> VerifyResult:
    """Look at the pages, and add what failed there and in the plugins' looks."""
    files = {public_address(file.key, public): file for file in live.manifest.media}

    def alike(image: str, shown: Sequence[str]) -> tuple[bool | None, str]:
        file = files.get(public_address(image, public))
        return Lookalikes(live.web, (*shown,)).of(file, live.original(file)) if file else (False, "")

    checks, pictures = screens(browser, live.pages, public, alike)
    return replace(seen, checks=[*seen.checks, *checks, *faultless(browser.looked)], screens=pictures)


def _write_down(context: ReleaseContext, reading: Database, *, ok: bool) -> None:
    """Write the verdict into the ledger, and say so where only a role that reads is at hand."""
    own = context.place.target.plan_database is not None
    try:
        with context.production() if own else nullcontext(reading) as database:
            _remember(context, database, ok=ok)
    except Problem as problem:
        if not own and not (isinstance(problem, SqlProblem) and problem.state == DENIED):
            raise
        context.console.line(f"    could not be written into the ledger: {problem.where}: {problem.what}")


def _remember(context: ReleaseContext, database: Database, *, ok: bool) -> None:
    """Write down whether the last release of this bundle proved right; nothing moves if it is known."""
    subject, digest = literal(str(context.subject)), literal(context.load_bundle().manifest.digest)
    verdict = literal(ok)
    newest = "select max(r.number) from maulstick.release as r"
    last = f"{newest} where r.subject = {subject} and r.digest = {digest}"
    written = f"""{last} and r.kind = 'release'
      and exists (select from maulstick.release as p where p.number = ({last}) and p.kind = 'publish')"""
    database.run(
        block(f"""
begin
  if to_regclass('maulstick.release') is not null then
    update maulstick.release set verified = {verdict} where number in (({last}), ({written}))
      and verified is distinct from {verdict};
  end if;
end""")
    )


def refusal_of(step: str, checks: Sequence[Check], state: str = "") -> Problem | None:
    """Describe the problem of wrong answers (exit 5), else of those that nobody got (exit 8), None for none.

    `state` says what that leaves.
    """
    for ok, word, code in ((False, "wrong", Exit.WRONG), (None, "could not be answered", Exit.UNKNOWN)):
        if refused := [check for check in checks if check.ok is ok]:
            says = f"{len(refused)} of {amount(len(checks), 'check')} {word}{state}{lines(map(str, refused))}"
            return Problem(step, says, code=code)
    return None
