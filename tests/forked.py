"""A program that another process forks for us, with our streams, folder and environment; we end as it does.

It is run as `python -I -S forked.py PROGRAM WORD…`, and imports next to nothing, for that is what takes a
short program's time. `tests/forking.py` is the other end. Where nobody forks, it becomes the program itself.
"""

import _signal as signal
import _socket as socket
import posix
import sys
from array import array

LINK = "FLY_MAULSTICK_TESTS_FORK"
"""The variable that names the socket of who forks; `fly` is given only what begins like this."""
PROGRAMS = {
    "fly": ("-m", "maulstick.sandbox.fly"),
    "invoke": ("-m", "invoke"),
    "maulstick": ("-c", "from maulstick.cli.program import main; main()"),
}
FORWARDED = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Run a program to its end, and end as it did."""
    program, *words = sys.argv[1:]
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.connect(posix.environ.get(LINK.encode(), b""))
    except OSError:
        posix.execv(sys.executable, [sys.executable, *PROGRAMS[program], *words])
    line.sendmsg([b"!"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [0, 1, 2]))])
    environment = {_text(name): _text(value) for name, value in posix.environ.items()}
    line.sendall(ascii((program, words, posix.getcwd(), environment)).encode() + b"\n")
    process = int(line.recv(16))
    for number in FORWARDED:
        signal.signal(number, lambda number, _: posix.kill(process, number))
    code = int(line.recv(16))
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        posix.kill(posix.getpid(), -code)
    posix._exit(code)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


if __name__ == "__main__":
    main()
