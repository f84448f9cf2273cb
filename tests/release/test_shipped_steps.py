"""The steps `command` and `webhook`: what they do, what they tell, and what nobody sees of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maulstick.errors import Problem
from maulstick.project.declarations import Outcome
from maulstick.project.playbook import PlaybookStep
from maulstick.release.one_subject import release_one
from maulstick.release.progress import Progress, StepRecord
from maulstick.release.runner import perform_recorded, would
from maulstick.release.step_results import ApplyResult
from tests.listener import Listener, listening
from tests.release.steps_of import done, steps_of


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    with listening() as listener:
        monkeypatch.setenv("CHAT", f"{listener.address}/hooks/top-secret-path")
        yield listener


def command(run: str, **options: int) -> PlaybookStep:
    return PlaybookStep("thumbs", {"run": run, **options}, "command")


def webhook(form: str = "json", url: str = "${CHAT}") -> PlaybookStep:
    return PlaybookStep("tell", {"url": url, "format": form}, "webhook")


def written(progress: Progress) -> Progress:
    """Say that a release was written and proven."""
    progress.keep("apply", ApplyResult(Outcome("done", "9 inserted"), 12))
    for name, says in (("apply", "9 inserted"), ("verify", "5 pages")):
        progress.record(StepRecord(name, "done", says, 0.0))
    return progress


def test_a_command_runs_in_the_project_and_its_output_is_shown_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UPLOAD_TOKEN", "t0ken-of-mine")
    run = (
        'echo "$MAULSTICK_KIND $MAULSTICK_KEY $MAULSTICK_TARGET" > told\necho at $UPLOAD_TOKEN local-password'
    )
    progress = steps_of(tmp_path, step := command(run))
    assert would(progress, step).startswith("run echo")
    perform_recorded(progress, step)
    assert (tmp_path / "told").read_text() == "series a staging\n"
    assert "    at [hidden] [hidden]\n" in capsys.readouterr().err
    assert progress.records[0].says == "at [hidden] [hidden]"
    assert progress.records[0].step == "command"


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (command("echo what; exit 3"), "thumbs: failed with exit code 3\n    | what\n"),
        (command("sleep 600", timeout=1), "thumbs: took longer than 1 s and was ended"),
    ],
)
def test_a_command_that_fails_or_does_not_end_fails_the_step(
    tmp_path: Path, step: PlaybookStep, says: str
) -> None:
    with pytest.raises(Problem, match=says.replace("|", r"\|")) as caught:
        perform_recorded(steps_of(tmp_path, step), step)
    assert caught.value.code == 4


def test_each_chat_is_told_in_its_own_form(tmp_path: Path, chat: Listener) -> None:
    for form in ("json", "slack", "discord", "ntfy"):
        perform_recorded(written(steps_of(tmp_path, webhook(form))), webhook(form))
    whole, slack, discord, ntfy = chat.bodies
    text = "release 12: series a is live on staging, 9 inserted\nhttps://a.test"
    assert (whole["event"], whole["text"], whole["report"]["number"]) == ("released", text, 12)
    assert slack == {"text": text}
    assert discord == {"content": text, "allowed_mentions": {"parse": []}}
    assert (ntfy["topic"], ntfy["title"], ntfy["message"]) == ("top-secret-path", "series a: released", text)
    assert [post.path for post in chat.posts] == ["/hooks/top-secret-path"] * 3 + ["/hooks/"]


def test_a_chat_that_refuses_fails_the_step_and_its_address_is_not_shown(
    tmp_path: Path, chat: Listener, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.statuses += [410]
    progress = steps_of(tmp_path, webhook())
    with pytest.raises(Problem, match=r"tell: 127.0.0.1 answers 410\n  hint: \${CHAT}: it is gone"):
        perform_recorded(progress, webhook())
    monkeypatch.setenv("CHAT", "http://127.0.0.1:1/top-secret-path")
    with pytest.raises(Problem, match="tell: 127.0.0.1 accepts no connection"):
        perform_recorded(progress, webhook())
    monkeypatch.delenv("CHAT")
    with pytest.raises(Problem, match=r"tell/url: needs \${CHAT}, which is not in the environment"):
        would(progress, webhook())
    assert "top-secret" not in capsys.readouterr().err


def test_the_user_in_an_address_goes_as_basic_auth(
    tmp_path: Path, chat: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT", chat.address.replace("//", "//me:pass@"))
    perform_recorded(steps_of(tmp_path, webhook()), webhook())
    assert chat.posts[0].headers["authorization"] == "Basic bWU6cGFzcw=="


def test_who_is_told_of_a_failure_hears_what_failed_and_what_is_live(tmp_path: Path, chat: Listener) -> None:
    def fails(release: object) -> Outcome:
        raise Problem("warm", "the cache is down")

    tell = PlaybookStep("tell", {"url": "${CHAT}"}, "webhook", on_failure=True)
    early = steps_of(tmp_path, tell, PlaybookStep("warm", {}), warm=fails)
    late = written(steps_of(tmp_path, PlaybookStep("warm", {}), tell, warm=fails))
    for progress in (early, late):
        assert release_one(progress, progress.context.playbook, verb="release") == 4
        assert [record.name for record in progress.records][-2:] == ["warm", "tell"]
    first, second = chat.bodies
    assert first["event"] == second["event"] == "failed"
    assert first["text"] == (
        "series a to staging: failed in warm\nwarm: the cache is down\n"
        "staging: what warm did may be there; its rows are unchanged"
    )
    assert second["text"].endswith("staging: release 12 is there, its rows are live, verified")
    assert late.state == "staging: release 12 is there, its rows are live, verified"


def test_nobody_is_told_of_a_failure_that_did_not_happen(tmp_path: Path, chat: Listener) -> None:
    tell = PlaybookStep("tell", {"url": "${CHAT}"}, "webhook", on_failure=True)
    progress = steps_of(tmp_path, PlaybookStep("warm", {}), tell, warm=done)
    assert release_one(progress, progress.context.playbook, verb="release") == 0
    assert (chat.posts, [record.name for record in progress.records]) == ([], ["warm"])
