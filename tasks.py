"""The tasks of this project: Maulstick's own; a site's own go beside them."""

from importlib import import_module
from pathlib import Path

from maulstick.tasks import tasks_of

HERE = Path(__file__).parent

namespace = tasks_of(HERE)
if (HERE / "tests" / "faults").is_dir():  # a checkout of Maulstick itself
    dev = import_module("tests.faults.task").dev
    dev.add_task(import_module("tests.mutants.task").mutants)
    namespace.add_collection(dev)
