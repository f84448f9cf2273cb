"""Stop at once on a Python that is too old; pip would first try every release of what Maulstick needs."""

import sys

from setuptools import setup

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Maulstick needs Python 3.11 or newer, this is {}.{}".format(*sys.version_info))

setup()
