"""`--cluster`: who moves the bytes of a job, when that is not this machine."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a cluster.

    Args:
        parser: A verb's that makes a job.
    """
    parser.add_argument(
        "--cluster", metavar="tcp://HOST:PORT", help="let the workers of a Dask cluster move the bytes, inside S3"
    )


@contextmanager
def workers_of(given: argparse.Namespace) -> Iterator[Executor | None]:
    """Give the workers that the options name, for as long as the job runs; `None` is this process.

    Args:
        given: The arguments of a parser that `add_cluster` knows.

    Raises:
        ClusterError: They can't be used.
    """
    if given.cluster is None:
        yield None
        return
    from tfm.operations.cluster import cluster  # costs a second, and few want it

    with cluster(given.cluster) as executor:
        logging.getLogger("distributed.client").setLevel(logging.ERROR)  # a worker that died is what the job copes with
        yield executor
