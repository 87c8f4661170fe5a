"""The module name of the original design: `from tfm_path import Path` is `from tfm import Path`."""

from tfm.implementation import PathImpl
from tfm.local import LocalPathImpl
from tfm.path import Path

__all__ = ["LocalPathImpl", "Path", "PathImpl"]
