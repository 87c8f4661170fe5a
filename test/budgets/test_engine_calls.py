"""How much Python a request costs: calls of functions, which no machine does faster or slower."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stub_s3 import Reply, Request, StubS3

from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import Access, Credentials
from tfm.s3.fast.client import FastClient
from tfm.s3.verbs import Verbs

ROW = (
    b"<Contents><Key>k%04d</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
    b"<Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>"
)
ROWS = b"".join(ROW % number for number in range(1000))
LISTING = b"<ListBucketResult><IsTruncated>false</IsTruncated>" + ROWS + b"</ListBucketResult>"
DELETED = b"".join(b"<Deleted><Key>k%04d</Key></Deleted>" % number for number in range(1000))
FACTS = {
    "Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"', "Content-Type": "text/plain",
    "x-amz-id-2": "x" * 70, "x-amz-request-id": "REQ1", "x-amz-server-side-encryption": "AES256",
    "Accept-Ranges": "bytes",
}  # fmt: skip


def answer(request: Request) -> Reply:
    if "list-type" in request.path:
        return Reply(200, LISTING)
    if "?delete" in request.path:
        return Reply(200, b"<DeleteResult>" + DELETED + b"</DeleteResult>")
    if request.headers.get("x-amz-copy-source"):
        return Reply(200, b'<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>', FACTS)
    return Reply(200, b"x" * 100 if request.method == "GET" else b"", FACTS)


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Verbs, Verbs]]:
    """The fast client and boto3's, on one server."""
    with StubS3(answer) as stub, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", stub.endpoint)
        boto3 = Boto3Client()
        access = Access(stub.endpoint, "us-east-1", False, lambda: Credentials("test", "test"))
        yield FastClient(boto3, lambda: access), boto3
        boto3.sdk().close()


def calls(work: Callable[[], Any]) -> int:
    """Count the calls of functions, in Python and in C, that work makes in this thread."""
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


VERBS: dict[str, tuple[Callable[[Verbs], Any], int]] = {
    "head": (lambda client: client.head("bucket", "k"), 200),
    "get": (lambda client: client.get("bucket", "k").read(), 230),
    "put": (lambda client: client.put("bucket", "k", b"body"), 220),
    "copy": (lambda client: client.copy(("bucket", "a"), "bucket", "b"), 270),
    "list": (lambda client: client.pages("bucket"), 3_700),
    "delete": (lambda client: client.delete_many("bucket", [f"k{number:04}" for number in range(1000)]), 15_000),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_request_costs_little_python(clients: tuple[Verbs, Verbs], verb: str) -> None:
    ask, limit = VERBS[verb]
    spent = []
    for client in clients:
        for _ in range(2):
            ask(client)  # what is made once is made
        # The least of some: what is made once in a second may be made just now.
        spent.append(min(calls(lambda: ask(client)) for _ in range(3)))  # noqa: B023 (it is used up at once)
    assert spent[0] <= limit
    assert spent[0] <= spent[1] / (2 if verb == "list" else 8)  # boto3's listings are parsed by us, too
