"""Verify: the live pages, their pictures and production's rows are what was released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial

from maulstick.errors import DENIED, Exit, Problem
from maulstick.plan.planner import make_plan
from maulstick.postgres.connection import Database, SqlProblem
from maulstick.postgres.ledger import undone
from maulstick.postgres.quoting import block, literal
from maulstick.project.declarations import Check, Outcome
from maulstick.release.context import Run
from maulstick.release.local_site import local
from maulstick.release.settings import Options
from maulstick.release.site import site_of, visitor_of
from maulstick.text import amount, lines
from maulstick.verify.browser import Browser, browser
from maulstick.verify.live import Live
from maulstick.verify.proof.expected import standing
from maulstick.verify.proof.lookalikes import Lookalikes
from maulstick.verify.proof.pictures import public_address
from maulstick.verify.proof.private import settled
from maulstick.verify.proof.rows import rows
from maulstick.verify.proof.screens import faultless, screens
from maulstick.verify.proof.visit import all_told, asked


def verify(run: Run, options: Options) -> Outcome:
    """Put every question to the live site and database; a wrong answer is exit 5, none is exit 8."""
    checks = local(run, options) if run.settings.source else _production(run, options)
    run.report.checks = checks
    _refuse(checks, False, "wrong", Exit.WRONG)
    _refuse(checks, None, "could not be told", Exit.UNKNOWN)
    kinds = Counter(check.name.partition(" ")[0] for check in checks)
    pages = run.bundle.manifest.pages
    says = f"{amount(len(pages), 'page')}, {amount(kinds['image'], 'image')}, {amount(len(checks), 'check')}"
    return Outcome("done", says)


def wants_browser(run: Run, options: Options) -> bool:
    """Tell whether the user or the playbook wants pages to be looked at in a real browser."""
    return run.settings.browser or bool(options.get("browser"))


def _production(run: Run, options: Options) -> list[Check]:
    target, bundle = run.place.target, run.bundle
    with run.reading() as database, _browser(run, options) as browser:
        planned = make_plan(bundle, database, target.name)
        live = Live(
            run.subject,
            site_of(run, options),
            bundle=lambda: bundle,
            database=lambda: database,
            machine=lambda: run.host.machine,
            browser=browser,
            standing=standing(bundle, planned.changes, run.plugins),
            original=run.places.here,
        )
        public = run.bucket().address.public_url
        settle = partial(settled, live, run.bucket())
        checks = [rows(planned), *asked(visitor_of(run, options), live, public=public, settle=settle)]
        if browser is not None:
            checks += _looked(run, live, browser, database, public)

        if all_told(checks) or any(check.ok is False for check in checks):
            _write_down(run, database, ok=all(check.ok for check in checks))
    return checks


@contextmanager
def _browser(run: Run, options: Options) -> Iterator[Browser | None]:
    if not wants_browser(run, options):
        yield None
        return
    site = run.place.target.site
    patience = site_of(run, options).patience
    headers = run.place.target.headers
    with browser(site, patience=patience, say=run.console.passing, headers=headers) as opened:
        yield opened


def _looked(run: Run, live: Live, browser: Browser, database: Database, public: str) -> list[Check]:
    """Look at the pages, and say what failed there and in the plugins' looks."""
    files = {public_address(file.key, public): file for file in live.manifest.media}

    def alike(image: str, shown: Sequence[str]) -> tuple[bool | None, str]:
        file = files.get(public_address(image, public))
        return Lookalikes(live.web, (*shown,)).of(file, live.original(file)) if file else (False, "")

    checks, run.report.screens = screens(browser, live.pages, public, alike)
    run.report.undone = undone(database)
    return [*checks, *faultless(browser.looked)]


def _write_down(run: Run, reading: Database, *, ok: bool) -> None:
    """Write the verdict into the ledger, and say so where only a role that reads is at hand."""
    own = run.place.target.plan_database is not None
    try:
        with run.production() if own else nullcontext(reading) as database:
            _remember(run, database, ok=ok)
    except Problem as problem:
        if not own and not (isinstance(problem, SqlProblem) and problem.state == DENIED):
            raise
        run.console.line(f"    could not be written into the ledger: {problem.where}: {problem.what}")


def _remember(run: Run, database: Database, *, ok: bool) -> None:
    """Write down whether the last release of this bundle proved right; nothing moves if it is known."""
    subject, digest = literal(str(run.subject)), literal(run.bundle.manifest.digest)
    verdict = literal(ok)
    last = f"select max(number) from maulstick.release where subject = {subject} and digest = {digest}"
    database.run(
        block(f"""
begin
  if to_regclass('maulstick.release') is not null then
    update maulstick.release set verified = {verdict} where number = ({last})
      and verified is distinct from {verdict};
  end if;
end""")
    )


def _refuse(checks: Sequence[Check], ok: bool | None, word: str, code: Exit) -> None:
    refused = [check for check in checks if check.ok is ok]
    if refused:
        says = f"{len(refused)} of {amount(len(checks), 'check')} {word}{lines(map(str, refused))}"
        raise Problem("verify", says, code=code)
