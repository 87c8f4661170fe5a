"""Modules that are patched when a script imports them: to load pandas for one that doesn't use it would be slow."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from tfm.dropin.patches import Patch, install


class LateFinder(MetaPathFinder):
    """Finds what others find, and patches it once it is loaded.

    Args:
        patches: Each `where` is a module.
    """

    def __init__(self, patches: Sequence[Patch]) -> None:
        self._patches = patches
        self._waiting = {patch.where for patch in patches}

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Give the spec of a module that waits to be patched, with a loader that does it.

        Args:
            fullname: The module.
            path: Where to look; left to the other finders.
            target: Left to the other finders.
        """
        del path, target
        if fullname not in self._waiting:
            return None
        self._waiting.discard(fullname)  # the others are asked now, and this one must not answer
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader, [patch for patch in self._patches if patch.where == fullname])
        return spec


class _PatchingLoader(Loader):
    def __init__(self, loader: Loader, patches: Sequence[Patch]) -> None:
        self._loader = loader
        self._patches = patches

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for patch in self._patches:
            install(patch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


@contextmanager
def waiting(patches: Sequence[Patch]) -> Iterator[None]:
    """Have modules patched inside the block: those that are loaded now, others when they are.

    Args:
        patches: Each `where` is a module; modules of its package that took the name from it are patched too.
    """
    for patch in patches:
        original = getattr(sys.modules.get(patch.where), patch.name, None)
        package = patch.where.partition(".")[0]
        for name, module in list(sys.modules.items()) if original is not None else ():
            if name.partition(".")[0] == package and vars(module).get(patch.name) is original:
                install(patch._replace(where=name))
    finder = LateFinder([patch for patch in patches if patch.where not in sys.modules])
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
