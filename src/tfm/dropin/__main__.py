"""`python -m tfm.dropin script.py args…`."""

from __future__ import annotations

import sys

from tfm.dropin.runner import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
