"""Find files with glob and rename them."""

import glob
import os
import sys
from glob import iglob

top = sys.argv[1]
for pattern in ("*", "*.json", "**/*.csv", "**", "?/*", "[ab]/**/*.tmp", "*/", "nothing/*", "one.json"):
    found = sorted(glob.glob(os.path.join(top, pattern), recursive=True))
    print(pattern, [os.path.relpath(path, top) for path in found])
print(sorted(glob.glob("**/*.log", root_dir=top, recursive=True)))
for path in sorted(iglob(os.path.join(top, "**", "*.log"), recursive=True)):
    head, tail = os.path.split(path)
    stem, suffix = os.path.splitext(tail)
    os.rename(path, os.path.join(head, f"{stem}.old{suffix}"))
with os.scandir(os.path.join(top, "b")) as entries:
    print(sorted((entry.name, entry.is_dir(), entry.is_file(), entry.is_symlink()) for entry in entries))
print(os.path.commonpath(glob.glob(os.path.join(top, "a", "*"))) == os.path.join(top, "a"))
print(os.path.samefile(top, os.path.join(top, "a", "..")) if "://" not in top else True)
