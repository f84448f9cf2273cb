"""The tasks that Invoke runs: `namespace = tasks_of(FOLDER)` in a project's tasks.py."""

from maulstick.signals import before_commands

before_commands()  # what is imported here takes long enough for Ctrl-C

from maulstick.cli.namespace import tasks_of as tasks_of

__all__ = ["tasks_of"]
