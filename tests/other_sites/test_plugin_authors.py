"""What the author of a plugin meets on the way: each mistake is named by the command that it stops."""

from __future__ import annotations

import json

import pytest

from tests.other_sites.art_site import ARTWORKS, LAMP, PLUGIN, MakeSite, hook
from tests.other_sites.other_site import OtherSite


@pytest.fixture
def site(other_site: MakeSite, storage: str) -> OtherSite:
    """A site with one artwork that is not released yet."""
    return other_site(ARTWORKS, local=LAMP, plugin=PLUGIN, storage=storage)


@pytest.mark.parametrize(
    ("arguments", "hook_name", "body", "says"),
    [
        (
            "subject, rows",
            "maulstick_pages",
            'yield Page("/a", texts=("Lamp", None))',
            "Page.texts[1] is None",
        ),
        ("subject, rows", "maulstick_pages", 'yield Page("/a", texts="Lamp")', "Page.texts is 'Lamp'"),
        ("subject", "maulstick_queries", 'yield Query("n", "select 0", expect=0)', "Query.expect is 0"),
    ],
)
def test_a_wrong_value_is_found_at_export_before_anything_is_changed(
    site: OtherSite, arguments: str, hook_name: str, body: str, says: str
) -> None:
    site.plugin(hook(hook_name, arguments, body))
    ran = site.invoke("release", "--artwork", "lamp", "--playbook", "content")
    assert ran.code == 6
    assert f"plugins/art.py {hook_name}: {says}" in ran.err
    assert "at plugins/art.py:16" in ran.err
    assert "live: unchanged" in ran.err
    assert site.rows("select count(*) from artworks") == [(0,)]


def test_what_a_check_says_in_other_words_is_not_right(site: OtherSite) -> None:
    site.plugin(hook("maulstick_verify", "release", 'yield Check("lamp", 0, "dark")'))
    ran = site.invoke("release", "--artwork", "lamp", "--playbook", "content", "--skip", "check")
    assert ran.code == 6
    assert "plugins/art.py maulstick_verify: Check.ok is 0, not True or False or None" in ran.err


@pytest.mark.parametrize("word", ["--artwork=lamp", "--artwork"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "import nothing_there\n",
            "ModuleNotFoundError: No module named 'nothing_there', at plugins/art.py:1",
        ),
        ("import sys\nsys.exit('not today')\n", "SystemExit: not today, at plugins/art.py:2"),
        (PLUGIN.replace("(subject)", "(subjct)"), "subjct"),
    ],
)
def test_the_command_whose_option_is_missing_names_the_plugin(
    site: OtherSite, text: str, says: str, word: str
) -> None:
    site.plugin(text)
    ran = site.invoke("export", word, *(["lamp"] if word == "--artwork" else []))
    assert ran.code == 6
    assert "plugins/art.py: could not be loaded: " in ran.err
    assert says in ran.err
    assert "No idea" not in ran.said


def test_other_commands_work_beside_a_plugin_that_does_not_load(site: OtherSite) -> None:
    site.plugin("import nothing_there\n", "broken.py")
    assert "--artwork" in site.invoke("--help", "export").out
    assert site.invoke("--list").code == 0
    assert site.invoke("targets").code == 0
    assert site.invoke("history").code == 0
    ran = site.invoke("export", "--artwork", "lamp")
    assert ran.code == 6
    assert "plugins/broken.py: could not be loaded" in ran.err


def test_a_kinds_hook_that_fails_leaves_the_list_working(site: OtherSite) -> None:
    site.plugin(
        "from maulstick import *\n\n@hookimpl\ndef maulstick_kinds():\n    return Kind('a')\n", "b.py"
    )
    assert site.invoke("--list").code == 0
    ran = site.invoke("export", "--artwork", "lamp")
    assert ran.code == 6
    assert "plugins/b.py maulstick_kinds: failed: TypeError" in ran.err
    assert "at plugins/b.py:5" in ran.err


def test_verbose_shows_the_trace_of_a_plugin(site: OtherSite) -> None:
    site.plugin(hook("maulstick_pages", "subject, rows", 'return rows["pictures"]'))
    ran = site.invoke("export", "--artwork", "lamp")
    assert "plugins/art.py maulstick_pages: failed: KeyError('pictures'), at plugins/art.py:16" in ran.err
    assert "Traceback" not in ran.err
    for flag in ("-v", "--verbose"):
        ran = site.invoke("export", "--artwork", "lamp", flag)
        assert ran.code == 6
        assert "Traceback" in ran.err
        assert 'return rows["pictures"]' in ran.err


def test_what_plugins_print_does_not_spoil_json(site: OtherSite) -> None:
    site.plugin(hook("maulstick_pages", "subject, rows", 'print("asked"); return []') + '\nprint("loaded")\n')
    assert site.invoke("export", "--artwork", "lamp").code == 0
    ran = site.invoke("release", "--artwork", "lamp", "--check", "--json", "--playbook", "content")
    assert json.loads(ran.out)
    assert "loaded" in ran.err
    assert "asked" in ran.err


@pytest.mark.parametrize("kind", ["class", "for", "context", "pièce", "press-feature", "select-me"])
def test_a_kind_may_have_any_name_that_an_option_may(site: OtherSite, kind: str) -> None:
    site.plugin(PLUGIN.replace('Kind("artwork"', f'Kind("{kind}"'))
    ran = site.invoke("export", f"--{kind}", "lamp")
    assert ran.code == 0, ran.err
    assert (site.folder / "releases" / kind / "lamp").is_dir()


@pytest.mark.parametrize("kind", ["art work", "", "-x", "3d", "a/b", "a=b"])
def test_a_kind_that_cannot_be_an_option_is_named(site: OtherSite, kind: str) -> None:
    site.plugin(PLUGIN.replace('Kind("artwork"', f'Kind("{kind}"'))
    ran = site.invoke("--list")
    assert ran.code == 6
    assert f"kind {kind!r}: cannot be an option" in ran.err
    assert "Traceback" not in ran.said


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (
            'yield Check("TOKEN", False, "is not set", "export TOKEN=…")',
            5,
            "TOKEN: is not set\n  hint: export",
        ),
        ('yield Check("TOKEN", None, "did not answer")', 8, "TOKEN: did not answer"),
        ('yield Check("TOKEN", 0, "is not set")', 6, "maulstick_check: Check.ok is 0"),
        ('raise Problem("TOKEN", "is not set", "export TOKEN=…")', 4, "TOKEN: is not set\n  hint: export"),
        ('yield from (Check(n, False, "is not set") for n in steps)', 5, "    export: is not set"),
        ("yield release.sql('select slug from nowhere')", 4, 'relation "nowhere" does not exist'),
    ],
)
def test_a_plugin_refuses_a_release_before_anything_is_read(
    site: OtherSite, body: str, code: int, says: str
) -> None:
    plugin = hook("maulstick_check", "release, steps", body)
    site.plugin(plugin.replace("import Check", "import Problem, Check"))
    ran = site.invoke("release", "--artwork", "lamp", "--playbook", "content")
    assert ran.code == code
    assert says in ran.err
    assert ran.err.rstrip().endswith("live: unchanged")
    assert not (site.folder / "releases").exists()


def test_a_plugin_that_lacks_nothing_is_counted(site: OtherSite) -> None:
    body = (
        'yield Check("export follows", "export" in steps, ""); yield Check("rows", bool(release.subject), "")'
    )
    site.plugin(hook("maulstick_check", "release, steps", body))
    ran = site.invoke("release", "--artwork", "lamp", "--playbook", "content", "--check")
    assert ran.code == 0, ran.err
    assert "source, media, database, bucket, 2 checks" in ran.err
