"""Row objects: gzip members one after the other, uploaded in parts while they grow."""

from typing import TYPE_CHECKING

import orjson
from isal import igzip

from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 * 1024 * 1024
"""Below it an object is one plain put; S3 takes no part below 5 MiB but the last."""


def member(document: object) -> bytes:
    """Return a JSON document as one gzip member without a time; ISA-L's level 1 is 25 times as fast as gzip's 9."""
    return igzip.compress(orjson.dumps(document), compresslevel=1, mtime=0)


class GzipRowsWriter:
    """ports.RowsWriter. Memory: the part under way, twice while it is put together, whatever the object's size."""

    def __init__(self, client: "S3Client", bucket: str, key: str) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._members: list[bytes] = []  # a bytearray is copied nine times while it grows to the size of a part
        self._size = self._offset = 0
        self._upload_id = ""
        self._parts: list[CompletedPartTypeDef] = []

    def append(self, document: object) -> tuple[int, int]:
        """Add one JSON document as a member; return its offset and length in bytes."""
        data = member(document)
        offset = self._offset
        self._members.append(data)
        self._size += len(data)
        self._offset += len(data)
        if self._size >= PART_BYTES:
            self._upload_part()
        return offset, len(data)

    def close(self) -> str:
        """Finish the object and return its ETag; only then does it exist."""
        with aws_errors(f"write {self._key}"):
            if not self._upload_id:
                return self._client.put_object(Bucket=self._bucket, Key=self._key, Body=self._taken())["ETag"]
        if self._members:
            self._upload_part()
        with aws_errors(f"write {self._key}"):
            done = self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
            )
        return done["ETag"]

    def abort(self) -> None:
        """Forget all that was written; a lifecycle rule of the bucket does it for a writer that died."""
        self._members.clear()
        if self._upload_id:
            with aws_errors(f"abort the upload of {self._key}"):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload_id)

    def _upload_part(self) -> None:
        number = len(self._parts) + 1
        with aws_errors(f"write {self._key}"):
            if not self._upload_id:
                started = self._client.create_multipart_upload(Bucket=self._bucket, Key=self._key)
                self._upload_id = started["UploadId"]
            answer = self._client.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                PartNumber=number,
                Body=self._taken(),
            )
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})

    def _taken(self) -> bytes:
        """Return the part under way, and begin the next one."""
        part = b"".join(self._members)
        self._members, self._size = [], 0
        return part
