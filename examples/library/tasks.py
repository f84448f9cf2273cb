"""The tasks of this project: Maulstick's own; a site's own go beside them."""

from pathlib import Path

from maulstick.tasks import tasks_of

namespace = tasks_of(Path(__file__).parent)
