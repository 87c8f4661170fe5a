"""Appending to an object: the server copies what is there, and the result replaces it only if nobody else did."""

from __future__ import annotations

from tfm.errors import S3NotFoundError
from tfm.s3.keeping import kept, new_object
from tfm.s3.moving import Location, parts_of
from tfm.s3.protocol import NO_OPTIONS, S3Client, WriteOptions
from tfm.s3.writer import S3Writer

SMALLEST_PART = 5 * 1024 * 1024
"""Bytes that every part but the last must have.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""


def open_appender(client: S3Client, location: Location, name: str, given: WriteOptions = NO_OPTIONS) -> S3Writer:
    """Open an object to write behind what is there; a missing one is made.

    Closing fails with `S3ChangedError` or `S3ExistsError` when somebody else wrote the object in between, and then
    their bytes stay and ours are dropped.

    Args:
        client: The client of the place.
        location: The object.
        name: The path's text.
        given: What is to be stored otherwise than it is; all else is kept.
    """
    try:
        body = client.get(*location)  # never from a cache, and for a small object all that is needed
    except S3NotFoundError as error:
        if error.code == "NoSuchBucket":
            raise
        return S3Writer(client, *location, name, new_object(location.key, given, if_none_match=True))
    facts = body.facts
    try:
        options = kept(client, location.bucket, facts, given)._replace(if_match=facts.etag)
    except BaseException:
        body.close()
        raise
    writer = S3Writer(client, *location, name, options)
    try:
        if facts.size < SMALLEST_PART:
            writer.write(body.read())
        else:
            for start, stop in parts_of(facts.size):
                writer.write_copy(location, start, stop, facts.etag)
    except BaseException:
        writer.abort()
        raise
    finally:
        body.close()
    writer.mode = "ab"
    return writer
