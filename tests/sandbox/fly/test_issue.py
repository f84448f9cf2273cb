"""`fly ssh issue`: two files, and the traps around them."""

import stat
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_public_identity

from maulstick.sandbox import apps

pytest.importorskip("asyncssh", reason="the extra [ssh-server] is not installed")


@pytest.fixture
def key(tmp_path):
    return tmp_path / "key"


@pytest.fixture
def issue(cloud, key):
    return lambda *words, **options: cloud.fly("ssh", "issue", "sandbox", str(key), *words, **options)


def test_it_writes_a_key_and_its_certificate_and_nothing_else(issue, key):
    answer = issue("--hours", "1", "-u", "root")
    beside = key.with_name("key-cert.pub")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("\n!!!! WARNING: We're now prompting you to save an SSH private key")
    assert answer.stdout.endswith(f"Wrote 1-hour SSH credential to {key}, {beside}\n")
    assert sorted(key.parent.iterdir()) == [key, beside]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (key, beside)] == [0o600, 0o600]
    assert key.read_text().startswith("-----BEGIN OPENSSH PRIVATE KEY-----\n")


@pytest.mark.parametrize(
    ("words", "users", "hours"),
    [([], {"root", "fly"}, 24), (["--hours", "2", "-u", "root"], {"root"}, 2)],
)
def test_the_certificate_says_for_whom_and_how_long(issue, key, words, users, hours):
    issue(*words)
    certificate = load_ssh_public_identity(key.with_name("key-cert.pub").read_bytes())
    assert {user.decode() for user in certificate.valid_principals} == users
    assert hours * 3600 <= certificate.valid_before - certificate.valid_after <= hours * 3600 + 120


def test_a_key_in_the_way_is_asked_about(issue, key):
    key.write_text("mine")
    answer = issue()
    assert (answer.returncode, answer.stderr) == (1, "Error: prompt: non interactive\n")
    assert f"Can't open private key file: open {key}: file exists\n" in answer.stdout
    assert key.read_text() == "mine"


def test_overwriting_a_key_never_ends(cloud, key):
    key.write_text("mine")
    process = cloud.start("ssh", "issue", "sandbox", str(key), "--overwrite")
    told = iter(process.stdout.readline, "")
    assert any(line == "File exists, but isn't a fly.io ed25519 private key\n" for line in told)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.kill()
    process.communicate()


def test_a_certificate_in_the_way_makes_it_lie(issue, key):
    beside = key.with_name("key-cert.pub")
    beside.write_text("mine")
    answer = issue()
    assert answer.returncode == 0
    assert f"Can't open certificate file {beside}: open {beside}: file exists" in answer.stdout
    assert answer.stdout.endswith(f"Wrote 24-hour SSH credential to {key}, {beside}\n")
    assert (key.read_bytes(), beside.read_text()) == (b"", "mine")


def test_the_first_argument_is_the_organization_even_where_a_flag_names_one(cloud, key):
    assert cloud.fly("ssh", "issue", "anything", str(key), "-o", "sandbox").returncode == 0
    assert key.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "org slug must be specified when not running interactively"),
        (["another"], 'Could not find Organization "another"'),
        (["sandbox"], "prompt: non interactive"),
        (["sandbox", "someone@example.com"], "prompt: non interactive"),
        (["sandbox", "/nowhere/key", "--hours", "73"], "Invalid expiration time (1-72 hours)"),
        (["sandbox", "/nowhere/key", "-a", "site"], "unknown shorthand flag: 'a' in -a"),
    ],
)
def test_what_it_refuses(cloud, words, told):
    answer = cloud.fly("ssh", "issue", *words)
    assert (answer.returncode, answer.stderr) == (1, f"Error: {told}\n")


def test_a_token_of_one_app_is_refused(cloud, issue, key):
    apps.allow(cloud.folder, "FlyV1 of one app", cloud.app.name)
    answer = issue(env={"FLY_API_TOKEN": "FlyV1 of one app"})
    assert (answer.returncode, "Not authorized" in answer.stderr) == (1, True)
    assert not key.exists()
