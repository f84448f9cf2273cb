"""Nothing needs Linux: what macOS lacks is not used, or only where it is asked for first."""

import ast
import subprocess
from collections import Counter

import pytest

from tests.checkout import ROOT

SOURCES = [ROOT / "tasks.py", *(ROOT / "plugins").glob("*.py"), *(ROOT / "maulstick").rglob("*.py")]
LINUX = "only Linux has it"
# fmt: off
ONLY_LINUX = {
    "fcntl": ["F_ADD_SEALS", "F_NOTIFY", "F_OFD_SETLK", "F_OFD_SETLKW", "F_SETPIPE_SZ"],
    "os": [
        "O_DIRECT", "O_NOATIME", "O_PATH", "O_TMPFILE", "copy_file_range", "eventfd", "fdatasync",
        "getrandom", "getresuid", "getxattr", "listxattr", "memfd_create", "pidfd_open", "pipe2",
        "posix_fadvise", "posix_fallocate", "removexattr", "sched_getaffinity", "sched_setaffinity",
        "setns", "setresuid", "setxattr", "splice", "timerfd_create", "unshare", "waitid",
    ],
    "resource": ["prlimit"],
    "select": ["epoll"],
    "signal": ["SIGPOLL", "SIGPWR", "SIGRTMIN", "pidfd_send_signal", "sigtimedwait", "sigwaitinfo"],
    "socket": [
        "AF_ALG", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "SOCK_CLOEXEC", "SOCK_NONBLOCK", "SO_BINDTODEVICE",
        "SO_PEERCRED", "TCP_CORK", "TCP_KEEPIDLE", "TCP_QUICKACK", "TCP_USER_TIMEOUT",
    ],
    "time": ["CLOCK_BOOTTIME", "CLOCK_MONOTONIC_COARSE"],
}
# fmt: on
LACKING = {
    **{f"{module}.{name}": LINUX for module, names in ONLY_LINUX.items() for name in names},
    "ctypes.CDLL": "libraries have other names there",
    "os.fork": "macOS ends a process whose system libraries ran before the fork",
    "os.forkpty": "macOS ends a process whose system libraries ran before the fork",
    "os.sendfile": "takes other arguments there",
    "resource.getrusage": "counts memory in bytes there, in kilobytes on Linux",
    "socket.AF_UNIX": "a socket's path is 104 bytes long at most",
}
FOLDERS = ("/proc/", "/sys/", "/dev/shm", "/run/")
ANSWERS = {"OSError", "FileNotFoundError", "AttributeError", "ImportError"}


def test_nothing_is_used_that_macos_lacks():
    used = {path.relative_to(ROOT).as_posix(): lacking(path.read_text()) for path in SOURCES}
    assert {path: names for path, names in used.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.sched_getaffinity(0)",
        "from os import sched_getaffinity",
        "import os as system\nsystem.memfd_create('x')",
        "open('/proc/self/status')",
        "if x:\n    open(f'/proc/{pid}/stat')",
        "try:\n    pass\nexcept OSError:\n    open('/proc/1')",
    ],
)
def test_what_macos_lacks_is_found(text):
    assert len(lacking(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.cpu_count()",
        "try:\n    open('/proc/self/status')\nexcept OSError:\n    pass",
        "import os\nif hasattr(os, 'sched_getaffinity'):\n    os.sched_getaffinity(0)",
        "import sys, os\nif sys.platform == 'linux':\n    os.memfd_create('x')",
    ],
)
def test_what_is_asked_for_first_may_be_used(text):
    assert lacking(text) == []


def test_no_two_files_differ_only_in_case():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = Counter(name.casefold() for name in listed.splitlines())
    assert [name for name, count in names.items() if count > 1] == []


def lacking(text):
    """Return what of a module macOS lacks, outside of a guard."""
    tree = ast.parse(text)
    modules = {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    }
    return list(_used(tree, modules))


def _used(node, modules):
    for name in _names(node, modules):
        if name in LACKING or name.startswith(FOLDERS):
            yield f"line {node.lineno}: {name}: {LACKING.get(name, LINUX)}"
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_guarded(node, field):
                yield from _used(child, modules)


def _names(node, modules):
    match node:
        case ast.Attribute(value=ast.Name(id=module)):
            yield f"{modules.get(module, module)}.{node.attr}"
        case ast.ImportFrom():
            yield from (f"{node.module}.{name.name}" for name in node.names)
        case ast.Constant(value=str(text)):
            yield text


def _is_guarded(node, field):
    """Tell whether a part of a statement is reached only where the system has what it takes."""
    if isinstance(node, ast.Try):
        caught = {
            name.id
            for one in node.handlers
            for name in ast.walk(one.type or one)
            if isinstance(name, ast.Name)
        }
        return field == "body" and bool(caught & ANSWERS)
    asks = ("hasattr(", "sys.platform")
    return isinstance(node, ast.If) and field == "body" and any(ask in ast.unparse(node.test) for ask in asks)
