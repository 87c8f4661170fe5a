"""Read and write CSV; the names were imported before anything was called."""

import csv
import sys
from os import makedirs, walk
from os.path import basename, dirname, exists, isdir, isfile, join, relpath, splitext

top = sys.argv[1]
totals = {}
for directory, directories, files in walk(top):
    directories.sort()
    for name in sorted(files):
        path = join(directory, name)
        if splitext(name)[1] != ".csv":
            continue
        print(relpath(path, top), basename(dirname(path)) == basename(directory), isfile(path), isdir(path))
        with open(path, newline="") as stream:
            for row in csv.DictReader(stream):
                totals[row["name"]] = totals.get(row["name"], 0) + int(row["count"])

makedirs(join(top, "result", "2026"), exist_ok=True)
target = join(top, "result", "2026", "totals.csv")
print(exists(target))
with open(target, "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(["name", "total"])
    writer.writerows(sorted(totals.items()))
print(exists(target))
with open(target, newline="") as stream:
    print(list(csv.reader(stream)))
