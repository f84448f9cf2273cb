"""The desk's server: on this machine alone, until Ctrl-C."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Lock

from maulstick.cli.arguments import Command
from maulstick.cli.desk.children import Children
from maulstick.cli.desk.pictures import Pictures
from maulstick.cli.options import TargetsOptions
from maulstick.cli.targets import reach
from maulstick.errors import usage
from maulstick.project.inventory import Target
from maulstick.report.store import forget

HERE = "127.0.0.1"
THREADS = 12
"""Pages and pictures that are answered side by side; a page that waits for a command takes one."""
INSTALL = "pip install 'maulstick[desk]'"


def serve(command: Command[TargetsOptions], target: Target, port: int) -> None:
    """Show the desk of a target until it is interrupted; without the libraries it is a usage problem."""
    try:
        from waitress import create_server  # type: ignore[import-untyped]

        from maulstick.cli.desk.app import application
        from maulstick.cli.desk.guard import Guard
        from maulstick.cli.desk.subjects import all_subjects
        from maulstick.cli.desk.views import STATUS, Desk, Pages
    except ImportError as error:
        raise usage("desk", "needs a library that is not installed", INSTALL) from error

    console, project = command.console(), command.project.resolve()
    with ExitStack() as stack:
        place, host = reach(target, command.project, stack, console)
        children = Children(project, partial(forget, project))
        stack.callback(children.close)
        pool = stack.enter_context(ThreadPoolExecutor(1))
        subjects = pool.submit(all_subjects, place.source, command.plugins)
        desk = Desk(
            project=project,
            inventory=str(Path(command.options.inventory)),
            kinds=tuple(command.plugins.kinds()),
            listed=subjects.result,
            pictures=Pictures(place, host),
            children=children,
            target=place.target.name,
            deciding=Lock(),
        )
        children.remember(desk.status)
        desk.ask(desk.status, STATUS, again=True)  # while the browser is on its way
        guard = Guard()
        app = application(Pages(desk, guard.root), guard)
        try:
            server = create_server(app, host=HERE, port=port, threads=THREADS, ident=None)
        except OSError as error:
            what = f"cannot be listened at: {(error.strerror or 'unknown reason').lower()}"
            raise usage(f"--port {port}", what, "leave it out: a free one is taken") from error
        console.result(guard.serve_at(server.effective_port))
        console.line("only this machine can open it; Ctrl-C ends it")
        server.run()
