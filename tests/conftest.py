"""Servers and places that tests of several packages share."""

pytest_plugins = ("tests.databases.fixtures", "tests.s3.fixtures")
