"""Pack a tree into a zip file, look into it, unpack it elsewhere, add to it."""

import os
import sys
import zipfile
from pathlib import Path

top = Path(sys.argv[1])
archive = top / "all.zip"
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
    for path in sorted(top.rglob("*")):
        if path != archive:
            packed.write(path, path.relative_to(top))
with zipfile.ZipFile(str(archive), "a") as packed:
    packed.writestr("added.txt", "added\n")
print(zipfile.is_zipfile(archive))
with zipfile.ZipFile(archive) as packed:
    print(packed.testzip(), [(info.filename, info.file_size) for info in packed.infolist()])
    packed.extractall(top / "unpacked")
    print(packed.read("added.txt"))
for path in sorted((top / "unpacked").rglob("*")):
    print(path.relative_to(top), path.is_dir())
archive.unlink()
print(os.path.exists(archive))
