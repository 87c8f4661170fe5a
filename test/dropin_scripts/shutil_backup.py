"""Copy, move and remove files and trees with os and shutil; one tree is emptied from its leaves up."""

import os
import shutil
import sys
import tempfile


def show(top):
    for directory, directories, files in os.walk(top):
        directories.sort()
        print(os.path.relpath(directory, top), directories, sorted(files))


top = os.path.abspath(sys.argv[1])
backup = os.path.join(top, "backup")
shutil.copytree(os.path.join(top, "a"), os.path.join(backup, "a"), ignore=shutil.ignore_patterns("*.tmp"))
shutil.copy(os.path.join(top, "one.json"), backup)
shutil.copy2(os.path.join(top, "two.json"), os.path.join(backup, "second.json"))
show(backup)

with tempfile.TemporaryDirectory() as local:
    shutil.copytree(backup, os.path.join(local, "fetched"))
    show(os.path.join(local, "fetched"))
    with open(os.path.join(local, "fetched", "extra.txt"), "w") as stream:
        stream.write("made here\n")
    shutil.move(os.path.join(local, "fetched"), os.path.join(top, "sent"))
    print(os.listdir(local))
show(os.path.join(top, "sent"))

shutil.move(os.path.join(top, "b"), os.path.join(top, "moved"))
os.replace(os.path.join(top, "moved", "x.log"), os.path.join(top, "moved", "y.log"))
for directory, directories, files in os.walk(os.path.join(top, "a"), topdown=False):
    for name in files:
        os.remove(os.path.join(directory, name))
    for name in directories:
        os.rmdir(os.path.join(directory, name))
print(os.listdir(os.path.join(top, "a")), os.access(os.path.join(top, "a"), os.W_OK))
os.rmdir(os.path.join(top, "a"))
shutil.rmtree(backup)
print(os.path.exists(backup))
show(top)
for attempt in (
    lambda: os.remove(os.path.join(top, "a", "gone")),
    lambda: shutil.rmtree(backup),
    lambda: shutil.copyfile(os.path.join(top, "one.json"), os.path.join(top, "one.json")),
    lambda: os.mkdir(os.path.join(top, "moved")),
    lambda: os.rmdir(os.path.join(top, "moved")),
):
    try:
        attempt()
    except OSError as error:
        print(isinstance(error, FileNotFoundError), isinstance(error, FileExistsError), error.errno)
