"""Random trees, copied to S3 and back: byte for byte the same."""

import os
import tempfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs import Bucket, finish, read, write

from tfm import Path
from tfm.operations import JobState, copy, delete, move
from tfm.s3.places import use_client
from tfm.testing import MemoryS3

NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/"), min_size=1, max_size=12
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 60)
CONTENTS = st.one_of(st.binary(max_size=200), st.binary(min_size=1, max_size=8).map(lambda seed: seed * 20_000))
TREES = st.recursive(
    CONTENTS,
    lambda children: st.dictionaries(NAMES, children, max_size=4),
    max_leaves=12,
).filter(lambda tree: isinstance(tree, dict))


def flat(tree, prefix=""):
    """Give a nested tree as paths; an empty directory is `None`."""
    found = {}
    for name, node in tree.items():
        path = prefix + name
        if isinstance(node, bytes):
            found[path] = node
        elif node:
            found |= flat(node, path + "/")
        else:
            found[path] = None
    return found


class Memory:
    """A bucket of S3 in memory, seen as `Bucket` sees one on a server."""

    def __init__(self, client, name):
        self.client = client
        self.name = name

    def listed(self):
        return [facts.key for page in self.client.pages(self.name, delimiter="") for facts in page.objects]

    def all(self):
        return {key: self.client.get(self.name, key).read() for key in self.listed()}


def goes_there_and_back(remote, tree):
    expected = {f"tree/{name}": data for name, data in flat(tree).items()} or {"tree": None}
    top = Path(f"s3://{remote.name}")
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        write(here / "from", expected)
        assert finish(copy([here / "from" / "tree"], top)).state is JobState.DONE
        assert {key: data for key, data in remote.all().items() if not key.endswith("/")} == {
            name: data for name, data in expected.items() if data is not None
        }
        assert finish(copy([top / "tree"], top / "copy")).state is JobState.DONE
        assert finish(move([top / "copy" / "tree"], here / "moved")).state is JobState.DONE
        assert finish(move([top / "tree"], here / "back")).state is JobState.DONE
        assert read(here / "back") == expected
        assert read(here / "moved") == expected
        assert [key for key in remote.listed() if key != "copy/"] == []
        assert finish(delete([here / "back" / "tree"])).state is JobState.DONE
        assert os.listdir(here / "back") == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES)
def test_a_tree_survives_the_way_to_s3_and_back(s3, bucket, tree):
    goes_there_and_back(Bucket(s3, bucket), tree)


@settings(max_examples=40, deadline=None)
@given(TREES)
def test_a_tree_survives_the_way_to_memory_and_back(tree):
    client = MemoryS3()
    client.create_bucket("bucket")
    use_client("", client)
    goes_there_and_back(Memory(client, "bucket"), tree)
