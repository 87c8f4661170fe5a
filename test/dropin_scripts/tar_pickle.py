"""tar, gzip, bz2, lzma and pickle, all of which open files by themselves."""

import bz2
import configparser
import gzip
import logging
import lzma
import os
import pickle
import sys
import tarfile

top = sys.argv[1]
with tarfile.open(os.path.join(top, "a.tar.gz"), "w:gz") as packed:
    packed.add(os.path.join(top, "a"), arcname="a")
with tarfile.open(os.path.join(top, "a.tar.gz")) as packed:
    print(sorted(packed.getnames()))
    packed.extractall(os.path.join(top, "unpacked"), filter="data")
os.remove(os.path.join(top, "a.tar.gz"))  # it holds times

for module, suffix in ((gzip, ".gz"), (bz2, ".bz2"), (lzma, ".xz")):
    with module.open(os.path.join(top, "text" + suffix), "wt") as stream:
        stream.write("line\n" * 1000)
    with module.open(os.path.join(top, "text" + suffix), "rt") as stream:
        print(suffix, len(stream.read()))
    os.remove(os.path.join(top, "text" + suffix))

with open(os.path.join(top, "data.pickle"), "wb") as stream:
    pickle.dump({"rows": list(range(1000))}, stream, protocol=4)
with open(os.path.join(top, "data.pickle"), "rb") as stream:
    print(len(pickle.load(stream)["rows"]))

config = configparser.ConfigParser()
config["section"] = {"key": "value"}
with open(os.path.join(top, "settings.ini"), "w") as stream:
    config.write(stream)
again = configparser.ConfigParser()
print(len(again.read([os.path.join(top, "settings.ini"), os.path.join(top, "missing.ini")])), again["section"]["key"])

logging.basicConfig(filename=os.path.join(top, "run.log"), level=logging.INFO, format="%(levelname)s %(message)s")
logging.info("closed by logging itself, when the interpreter ends")
