"""What a user types or writes wrong: a place, a reason, a hint, an exit code, and no trace."""

from __future__ import annotations

import pytest

from tests.end_to_end.projects import SERIES, Project, Ran, made


@pytest.fixture
def alone(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose sandbox is never started."""
    return made(tmp_path_factory.mktemp("alone"))


def _says(ran: Ran, code: int, *texts: str) -> None:
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    for text in texts:
        assert text in ran.err


TYPED = [
    ((), "subject: nothing was named", "--series KEY"),
    (("--select", "series"), "--select series: is not KIND=KEY", "--select series=embodiment"),
    (("--select", "serie=x"), "serie: is not a kind of subject", 'did you mean "series"?'),
    (("--select", "=x"), "is not a kind of subject", "series"),
    ((*SERIES, "--target", "prodction"), 'no target is called "prodction"', 'did you mean "production"?'),
    ((*SERIES, "--playbook", "classi"), "playbooks/classi.toml: does not exist", 'did you mean "classic"?'),
    ((*SERIES, "--playbook", "../tasks"), "playbooks/../tasks.toml: does not exist", ""),
    ((*SERIES, "--inventory", "no.toml"), "no.toml: does not exist", "--inventory FILE names another"),
    ((*SERIES, "--only", "aply"), "aply", 'did you mean "apply"?'),
    ((*SERIES, "--start-at", "nowhere"), "nowhere", "hint:"),
    ((*SERIES, "--take", "mine"), "--take mine", "local or production"),
]


@pytest.mark.parametrize(("words", "says", "hint"), TYPED, ids=[says for _, says, _ in TYPED])
def test_what_is_typed_wrong_is_a_usage_problem(
    project: Project, words: tuple[str, ...], says: str, hint: str
) -> None:
    _says(project.invoke("release", *words), 2, says, hint)


def test_an_unknown_option_is_refused_by_the_parser(alone: Project) -> None:
    assert alone.invoke("release", "--serie", "x").code == 1


WRITTEN = [
    ("", "inventory.toml/targets: is required"),
    ('default = "x', "inventory.toml"),
    ('default = "a"\n[targets.b]\nhost = "sandbox"', 'inventory.toml/default: no target is called "a"'),
    ('default = "a"\n[targets.a]\nhost = "sandbx"', "inventory.toml/targets/a/host"),
    ('default = "a"\n[targets.a]\nhost = "sandbox"\nap = "x"', "inventory.toml/targets/a/ap"),
    (
        'default = "a"\n[targets.a]\nhost = "fly"\nsite = "https://x.org"',
        "inventory.toml/targets/a/app: is required",
    ),
    ('default = 1\n[targets.a]\nhost = "sandbox"', "inventory.toml/default"),
    ('[targets.a]\nhost = "sandbox"', "inventory.toml/default: is required"),
]


@pytest.mark.parametrize(("text", "says"), WRITTEN, ids=[says for _, says in WRITTEN])
def test_an_inventory_that_is_wrong_names_the_place(alone: Project, text: str, says: str) -> None:
    (alone.folder / "inventory.toml").write_text(text)
    _says(alone.invoke("targets"), 2, says)


def test_a_playbook_that_is_wrong_names_the_place(alone: Project) -> None:
    book = alone.folder / "playbooks" / "mine.toml"
    book.write_text('name = "mine"\nsays = "…"\n[[step]]\nname = "verify"\nconcurrency = "4"\n')
    _says(alone.release("--playbook", "mine"), 2, "playbooks/mine.toml/step/verify/concurrency")
    assert not (alone.folder / ".sandbox").exists()


def test_a_key_named_twice_is_released_once(released: Project) -> None:
    ran = released.invoke("export", *SERIES, *SERIES)
    assert ran.code == 0
    assert ran.err.count("export series embodiment of sandbox") == 1


def test_a_target_that_asks_is_not_changed_when_nobody_answers(released: Project, other: Project) -> None:
    text = 'default = "sandbox"\n[targets.sandbox]\nhost = "sandbox"\nconfirm = true\n'
    (other.folder / "inventory.toml").write_text(text)
    released.local("update artworks set year = 1 where slug = 'in-motion-v'")
    ran = other.release()
    assert ran.code == 2
    assert "targets/sandbox: asks before it is changed, and nobody is there to answer" in ran.err
    assert released.rows("select year from artworks where slug = 'in-motion-v'") == [(2025,)]
    assert other.release("--yes").code == 0
    assert released.rows("select year from artworks where slug = 'in-motion-v'") == [(1,)]
