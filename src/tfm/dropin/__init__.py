"""`tfm.dropin`: scripts that can't be edited work on S3, by `with tfm.dropin():` or `python -m tfm.dropin script.py`.

The module can be called, so that `tfm.dropin()` is right whichever way it was imported.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from types import ModuleType

__all__ = ["dropin"]


def dropin() -> AbstractContextManager[None]:
    """Let the standard library work on S3 inside the block: `pathlib`, `open`, `os`, `shutil`, `glob` and their users.

    S3 paths and `s3://` URIs are acted on as files and directories are; what is local behaves as always. It holds for
    all threads of the process; blocks may be nested.
    """
    from tfm.dropin.table import session

    return session()


class _CallableModule(ModuleType):
    def __call__(self) -> AbstractContextManager[None]:
        return dropin()


sys.modules[__name__].__class__ = _CallableModule
