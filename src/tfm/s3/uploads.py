"""`Uploads`: the verbs of multipart uploads."""

from __future__ import annotations

from collections.abc import Sequence

from tfm.errors import S3NotFoundError
from tfm.s3.protocol import NO_OPTIONS, WriteOptions
from tfm.s3.sender import Sender
from tfm.s3.shapes import attributes, condition, conditions, copy_source, etag_of


class Uploads(Sender):
    """An upload is begun, filled part by part in any order, and completed or aborted."""

    def create_upload(self, bucket: str, key: str, options: WriteOptions = NO_OPTIONS) -> str:
        """Begin a multipart upload; gives its id. Conditions belong to its completion.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
        """
        return str(self._send("create_multipart_upload", bucket, key, **attributes(options))["UploadId"])

    def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: bytes | memoryview) -> str:
        """Upload part `number` (from 1); gives its ETag.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
        """
        answer = self._send("upload_part", bucket, key, UploadId=upload_id, PartNumber=number, Body=body)
        return str(answer["ETag"])

    def copy_part(
        self, source: tuple[str, str], start: int, stop: int, bucket: str, key: str, upload_id: str, number: int, *,
        if_match: str | None = None, version_id: str | None = None,
    ) -> str:  # fmt: skip
        """Fill a part from the bytes `start` to `stop` (exclusive) of another object; gives its ETag.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
        """
        answer = self._send(
            "upload_part_copy", bucket, key, condition="match", UploadId=upload_id, PartNumber=number,
            CopySourceRange=f"bytes={start}-{stop - 1}", **copy_source(source, if_match, version_id),
        )  # fmt: skip
        return str(answer["CopyPartResult"]["ETag"])

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, etags: Sequence[str], options: WriteOptions = NO_OPTIONS
    ) -> str:
        """Make the object of its parts, in order; gives its ETag, as far as the server tells.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
        """
        parts = {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]}
        answer = self._send(
            "complete_multipart_upload", bucket, key, condition=condition(options),
            UploadId=upload_id, MultipartUpload=parts, **conditions(options),
        )  # fmt: skip
        return etag_of(answer)

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Throw a multipart upload away; no error when it is gone already.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
        """
        try:
            self._send("abort_multipart_upload", bucket, key, UploadId=upload_id)
        except S3NotFoundError as error:
            if error.code != "NoSuchUpload":
                raise
