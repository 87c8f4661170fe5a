"""Walk a tree with pathlib, write a report, sort files into new directories, drop what is empty."""

import sys
from collections import Counter
from pathlib import Path

top = Path(sys.argv[1])
assert isinstance(top, Path)
assert top.is_dir()

sizes: Counter[str] = Counter()
for path in sorted(top.rglob("*")):
    if path.is_file():
        sizes[path.suffix] += path.stat().st_size
        print(path.relative_to(top), path.stat().st_size, path.parent.name, path.stem)
    else:
        print(path.relative_to(top), "directory", sorted(child.name for child in path.iterdir()))

report = top / "out" / "report.txt"
print(report.exists(), report.parent.exists())
report.parent.mkdir()
report.write_text("".join(f"{suffix or '-'} {size}\n" for suffix, size in sorted(sizes.items())))
with report.open("a") as stream:
    stream.write("end\n")
print(report.read_text())

for path in sorted(top.glob("*/*.log")):
    target = top / "logs" / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    print("moved", target.relative_to(top), path.exists())

empty = [path for path in sorted(top.rglob("*.tmp")) if path.stat().st_size == 0]
for path in empty:
    path.unlink()
    path.parent.rmdir()
    print("dropped", path.relative_to(top), path.parent.exists())

try:
    (top / "missing.txt").read_text()
except FileNotFoundError as error:
    print("missing:", Path(error.filename).name)
try:
    top.rmdir()
except OSError as error:
    print("not empty:", error.errno)
