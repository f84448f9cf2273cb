"""One step of a release as Maulstick does it, in a process of its own whose memory can be read."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gallery import SERIES

from maulstick import bundle as bundles
from maulstick.content import Subject
from maulstick.export import exported
from maulstick.inventory import Source
from maulstick.media_places import Folder
from maulstick.planning import as_released, make_plan
from maulstick.plugins import load
from maulstick.postgres import connect
from maulstick.redact import Secret
from maulstick.rollback import rollback
from maulstick.session import opening
from maulstick.views import plan_lines

SUBJECT = Subject("series", SERIES)
PLUGINS = Path(__file__).with_name("plugins")
Step = Callable[[str, Path], str]


def export(url: str, folder: Path) -> str:
    """Write the bundle of the source at `url`."""
    source = Source("bench", Secret(url), folder, None, None, folder)
    with exported(SUBJECT, source, load(PLUGINS), Folder(folder)) as found:
        return f"{found.write(bundles.folder_of(folder, SUBJECT))} bytes"


def plan(url: str, folder: Path) -> str:
    """Say what the bundle would change in the production at `url`, row by row."""
    bundle = bundles.load(bundles.folder_of(folder, SUBJECT), source="bench")
    with connect(Secret(url), "production") as database:
        planned = make_plan(bundle, database, "bench")
    return f"{planned.counts()}, {sum(len(line) for line in plan_lines(planned))} characters"


def apply(url: str, folder: Path) -> str:
    """Prove that the bundle is whole and play it into the production at `url`, unless all is as released."""
    bundle = bundles.load(bundles.folder_of(folder, SUBJECT), source="bench")
    with connect(Secret(url), "production") as database:
        if as_released(bundle, database, "bench"):
            return "unchanged"
        before = opening({"target": "bench", "operator": "benchmark"})
        answers = database.play(bundle.script, bundle.script.sections.values(), before=before)
    return str(answers[-1].first())


def undo(url: str, folder: Path) -> str:
    """Undo the newest release that is not undone yet."""
    with connect(Secret(url), "production") as database:
        done = "select max(number) from maulstick.release as r where kind = 'release' and not exists"
        number = database.query(f"{done} (select from maulstick.release as u where u.of = r.number)")[0][0]
        return str(rollback(database, number, target="bench", left_out=(), rehearse=False))


STEPS: dict[str, Step] = {"export": export, "plan": plan, "apply": apply, "rollback": undo}


def main() -> None:
    """Take one step, named with its address and folder, and write its seconds and peak memory as JSON."""
    step, url, folder = sys.argv[1:]
    started = time.perf_counter()
    says = STEPS[step](url, Path(folder))
    seconds = time.perf_counter() - started
    json.dump({"seconds": seconds, "megabytes": _peak() / 1024, "says": says}, sys.stdout)


def _peak() -> int:
    # getrusage counts what our parent held when it started us; the kernel's own mark begins anew at exec.
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
