"""Merge JSON files with the built-in open; files are closed in all the ways in which scripts close them."""

import json
import os
import sys

top = sys.argv[1]
merged = {}
for name in sorted(os.listdir(top)):
    if name.endswith(".json"):
        with open(os.path.join(top, name), encoding="utf-8") as stream:
            merged.update(json.load(stream))
print(json.dumps(merged, sort_keys=True, ensure_ascii=False))

with open(os.path.join(top, "merged.json"), "w", encoding="utf-8") as stream:
    json.dump(merged, stream, sort_keys=True, indent=1, ensure_ascii=False)
json.dump(list(merged), open(top + "/keys.json", "w"))
print(open(top + "/keys.json").read())

for line in ("first", "second"):
    with open(f"{top}/run.log", "a") as log:
        print(line, file=log)
print(open(f"{top}/run.log", "rb").readlines())

with open(top + "/merged.json", "r+b") as stream:
    stream.seek(-1, os.SEEK_END)
    stream.write(b" }")
print(os.path.getsize(top + "/merged.json"), os.stat(top + "/merged.json").st_size)

try:
    open(top + "/merged.json", "x")
except FileExistsError:
    print("it is there")
try:
    open(top)
except IsADirectoryError:
    print("it is a directory")
left_open = open(top + "/left_open.txt", "w")
left_open.write("written at the end\n")
