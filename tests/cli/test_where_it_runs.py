"""Where Maulstick does not run, it stops at once and says so in a line."""

import subprocess
import sys

from tests.checkout import ROOT


def said(program, *, cwd=ROOT):
    ended = subprocess.run([sys.executable, "-c", program], cwd=cwd, capture_output=True, text=True)
    return ended.returncode, ended.stdout + ended.stderr


def test_windows_is_told_what_to_use():
    program = "import maulstick, sys; sys.platform = 'win32'; import maulstick.tasks"
    assert said(program) == (1, "maulstick: does not run on Windows itself; use WSL\n")


def test_an_old_python_is_refused_before_anything_is_looked_for():
    program = "import setuptools, sys; sys.version_info = (3, 10, 4); exec(open('setup.py').read())"
    assert said(program) == (1, "Maulstick needs Python 3.11 or newer, this is 3.10\n")
