"""Invoke forbids Python to keep bytecode; our tasks allow it again, unless the environment forbids it too."""

import os
import subprocess
import sys

import pytest

LOADED = "import sys; sys.dont_write_bytecode = True; import maulstick.tasks; print(sys.dont_write_bytecode)"


@pytest.mark.parametrize(("forbidden", "says"), [("", "False"), ("1", "True")])
def test_bytecode_is_kept_unless_the_environment_forbids_it(forbidden, says):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": forbidden}
    ran = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True)
    assert ran.stdout.strip() == says
