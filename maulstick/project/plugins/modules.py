"""The files of a project's `plugins/` as the modules of a package, so that they can import each other."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from traceback import walk_tb
from types import ModuleType

PREFIX = "maulstick_plugins_"


def package(folder: Path) -> Package:
    """Return a new package for a folder; modules of an earlier one are unloaded."""
    for finder in [finder for finder in sys.meta_path if isinstance(finder, Package)]:
        finder.forget()
    made = Package(folder)
    sys.meta_path.append(made)
    return made


class Package(MetaPathFinder):
    """A folder of plugins: `from .shared import X` and `from shared import X` give the same module.

    It is searched last: a plugin `calendar.py` does not hide Python's module of that name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder.absolute())
        self.name = PREFIX + sha256(self.folder.encode()).hexdigest()[:8]
        self._plain: set[str] = set()
        module = ModuleType(self.name, "The plugins of a project.")
        module.__path__ = [self.folder]
        sys.modules[self.name] = module

    def load(self, path: Path) -> ModuleType:
        """Read the module of a file, which another plugin may have imported already."""
        name = f"{self.name}.{path.stem}"
        if name in sys.modules:
            return sys.modules[name]
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(path)
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module

    def forget(self) -> None:
        """Unload the package and its modules."""
        sys.meta_path.remove(self)
        for name in [*sys.modules]:
            if name in self._plain or name == self.name or name.startswith(f"{self.name}."):
                del sys.modules[name]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a file of the folder that is imported by its plain name."""
        if "." in fullname or PathFinder.find_spec(f"{self.name}.{fullname}", [self.folder]) is None:
            return None
        self._plain.add(fullname)
        return ModuleSpec(fullname, _PlainName(f"{self.name}.{fullname}"))


class _PlainName(Loader):
    """Gives the package's own module for its plain name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._own: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Import the package's module."""
        module = importlib.import_module(self._name)
        self._own = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Keep it as it is: it was executed when it was imported."""
        module.__spec__ = self._own


def place(error: BaseException) -> str:
    """Find the last line of a plugin's module in an error's trace, as `, at FILE:LINE`."""
    for frame, line in reversed(list(walk_tb(error.__traceback__))):
        if str(frame.f_globals.get("__name__", "")).startswith(PREFIX):
            path = Path(frame.f_code.co_filename)
            return f", at {path.parent.name}/{path.name}:{line}"
    return ""
