"""The site's code and its machine: woken, refused, shipped."""

from __future__ import annotations

import re

from maulstick.sandbox import apps, launch, machines
from tests.end_to_end.projects import SERIES, Project, untouched


def test_the_first_page_was_answered_by_the_commit_of_the_checkout(fresh_once: Project) -> None:
    assert fresh_once.visit("/series")[1] == fresh_once.git("rev-parse", "HEAD")


def test_a_sleeping_machine_is_woken(fresh: Project) -> None:
    machines.stop(fresh.sandbox, apps.SITE_APP, fresh.machine().id)
    assert fresh.machine().state == "stopped"
    ran = fresh.release()
    assert ran.code == 0, ran.err
    assert fresh.machine().state == "started"


def test_a_dirty_checkout_is_refused_and_nothing_is_sent(fresh: Project) -> None:
    (fresh.sandbox / "checkout" / "templates" / "series.html").write_text("unfinished")
    before = untouched(fresh)
    ran = fresh.release()
    assert ran.code == 4
    assert "deploy: the checkout has 1 change that no commit holds" in ran.err
    assert "templates/series.html" in ran.err
    assert "--playbook content" in ran.err
    assert ran.last_said == "sandbox: unchanged"
    assert untouched(fresh) == before
    assert fresh.release("--playbook", "content").code == 0


def test_a_new_commit_is_shipped_before_its_content(fresh: Project) -> None:
    old = fresh.visit("/series")[1]
    (fresh.sandbox / "checkout" / "static" / "note.txt").write_text("new")
    fresh.git("add", "-A")
    fresh.git("commit", "-q", "-m", "a note")
    ran = fresh.release()
    assert ran.code == 0, ran.err
    assert ran.words["deploy"] == "done"
    head = fresh.git("rev-parse", "HEAD")
    assert fresh.visit("/series/embodiment")[1] == head != old
    assert fresh.invoke("deploy", *SERIES).words["deploy"] == "unchanged"


def test_what_ships_is_said_before_anything_is_done(fresh: Project) -> None:
    fresh.git("commit", "-q", "--allow-empty", "-m", "a colophon")
    fresh.git("commit", "-q", "--allow-empty", "-m", "a footer")
    head = fresh.git("rev-parse", "--short=7", "HEAD")
    ran = fresh.release()
    assert ran.code == 0, ran.err
    news = ran.err.index("    deploy ships 2 commits:\n")
    assert news < ran.err.index(f"\n      {head} a footer\n") < ran.err.index("a colophon")
    assert ran.err.index("a colophon") < ran.err.index("plan ...")
    assert ran.err.count("a colophon") == 1
    fresh.git("reset", "-q", "--hard", "HEAD~1")
    taken = fresh.invoke("deploy", *SERIES)
    assert (
        "    deploy ships 0 commits:\n    warning: deploy takes back 1 commit that sandbox runs:" in taken.err
    )
    assert f"\n      {head} a footer\n" in taken.err


def test_a_deploy_that_calls_itself_failed_is_not_believed(fresh: Project) -> None:
    fresh.git("commit", "-q", "--allow-empty", "-m", "a release that is well")
    apps.fault(fresh.sandbox, "deploy-exit-1-though-complete")
    secret = fresh.state.secrets["secret_key"]
    with launch.log_of(fresh.sandbox, fresh.machine().id).open("a") as log:
        log.write(f"2999-01-01T00:00:00Z [error] no such key: {secret}\n")
    ran = fresh.release()
    assert ran.code == 0, ran.err
    assert "Error: timeout reached waiting for health checks" in ran.err
    assert "    warning: the log says: [error] no such key: [hidden]\n" in ran.err
    assert ran.words["deploy"] == "done"


def test_nothing_is_deployed_where_nobody_wants_it(fresh: Project) -> None:
    fresh.git("commit", "-q", "--allow-empty", "-m", "not yet")
    before = fresh.fly_calls("deploy")
    for words in (("--playbook", "content"), ("--skip", "deploy")):
        ran = fresh.release(*words)
        assert ran.code == 0, ran.err
        assert "deploy" not in ran.words
    assert fresh.fly_calls("deploy") == before


def test_a_deploy_that_fails_stops_before_rows_and_pictures(fresh: Project) -> None:
    fresh.git("commit", "-q", "--allow-empty", "-m", "a release that fails")
    apps.fault(fresh.sandbox, "deploy-exit-0-though-failed")
    ran = fresh.release("--page", "about", "--take", "production")
    assert ran.code == 4
    assert ran.words["deploy"] == "failed"
    assert ran.err.count("\n    ==> Building image") == 1  # not once more for the next subject
    assert fresh.rows("select 1 from series where slug = 'embodiment'") == []


def test_a_page_that_breaks_with_the_new_code_is_not_called_wrong(fresh: Project) -> None:
    template = fresh.sandbox / "checkout" / "templates" / "series.html"
    template.write_text("{{ nobody.knows.this }}")
    fresh.git("commit", "-q", "-a", "-m", "a broken page")
    book = fresh.folder / "playbooks" / "impatient.toml"
    steps = [f'[[step]]\nname = "{name}"\n' for name in ("export", "deploy", "upload", "apply", "verify")]
    book.write_text('name = "impatient"\nsays = "…"\n' + "".join(steps) + "timeout = 1\n")
    ran = fresh.release("--playbook", "impatient")
    book.unlink()
    assert ran.code == 8, ran.err
    says = r"page /series/embodiment: (?:answers 500|does not answer in time), for (\d+) seconds now"
    waited = re.search(says, ran.err)
    assert waited, ran.err
    assert int(waited[1]) < 50  # without the playbook it would be a minute
