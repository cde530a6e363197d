"""Objects of the two buckets: uploads are read at their pinned version, data objects are written once."""

import contextlib
import gzip
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

import orjson
from botocore.exceptions import ClientError

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.chunk import Span
from longshore.domain.job import Pointer, Source
from longshore.errors import DataGone, InvalidRequest, StaleItem
from longshore.messages import BatchTask, Level
from longshore.storage.gzip_members import gzip_members
from longshore.storage.rows_writer import GzipRowsWriter, member
from longshore.storage.translate import aws_errors, error_code

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

READ_AHEAD = 1024 * 1024
GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})
"""What S3 answers for a version that was deleted, or is a delete marker."""
CHANGED = frozenset({"NoSuchKey", "PreconditionFailed", "InvalidRange"})
"""What S3 answers where an object is gone or another one has taken its place."""
CONTENT_TYPE = "application/octet-stream"
"""Of every upload: no browser ever shows what somebody put into the bucket."""


class FileStore:
    """ports.Files."""

    def __init__(self, client: "S3Client", uploads_bucket: str, data_bucket: str) -> None:
        self._client = client
        self._uploads = uploads_bucket
        self._data = data_bucket

    def open(self, source: Source, span: Span | None = None) -> BinaryIO:
        """Stream an upload, or a span of it, at its pinned version.

        Raises FileRejected("SOURCE_GONE") where that version is gone.
        """
        which = {"VersionId": source.version_id} if source.version_id else {}
        if span:
            which["Range"] = f"bytes={span.offset}-{span.offset + span.length - 1}"
        with aws_errors(f"read upload {source.key}"):
            try:
                answer = self._client.get_object(Bucket=source.bucket, Key=source.key, **which)  # type: ignore[arg-type]
            except ClientError as error:
                if error_code(error) not in GONE:
                    raise
                raise file_rejected("SOURCE_GONE", key=source.key, version_id=source.version_id) from None
        return cast(BinaryIO, io.BufferedReader(UploadStream(answer["Body"], source.key), READ_AHEAD))

    def writer(self, key: str) -> GzipRowsWriter:
        """Start an object of the data bucket."""
        return GzipRowsWriter(self._client, self._data, key)

    def member(self, pointer: Pointer) -> object:
        """Read one member of an object; raise DataGone where the object is not the pointer's any more."""
        last = pointer.offset + pointer.length - 1
        with aws_errors(f"read {pointer.key} at {pointer.offset}"):
            try:
                answer = self._client.get_object(
                    Bucket=self._data, Key=pointer.key, Range=f"bytes={pointer.offset}-{last}", IfMatch=pointer.etag
                )
            except ClientError as error:
                if error_code(error) not in CHANGED:
                    raise
                raise DataGone(f"{pointer.key} is not the object that was written any more") from None
            data = answer["Body"].read()
        return cast(object, orjson.loads(gzip.decompress(data)))

    def members(self, key: str, offset: int = 0) -> Iterator[tuple[int, object]]:
        """Stream an object's members from the one at `offset` (bytes) on: the offset of each, and its document.

        Raises UnexpectedFailure where no member begins at `offset`, DataGone where the object is not there.
        """
        with aws_errors(f"read {key} from {offset} on"):
            try:
                body = self._client.get_object(Bucket=self._data, Key=key, Range=f"bytes={offset}-")["Body"]
            except ClientError as error:
                if error_code(error) != "NoSuchKey":
                    raise
                raise DataGone(f"{key} is no longer there") from None
            with contextlib.closing(body):
                for place, content in gzip_members(body, offset):
                    yield place, orjson.loads(content)

    def put_once(self, key: str, document: object) -> Pointer:
        """Write a gzipped JSON document unless the key exists; return where the one that stays is."""
        data = member(document)
        with aws_errors(f"write {key}"):
            try:
                # The first one stays: whoever comes second is a late call of a worker whose claim is not the latest.
                answer = self._client.put_object(Bucket=self._data, Key=key, Body=data, IfNoneMatch="*")
            except ClientError as error:
                if error_code(error) != "PreconditionFailed":
                    raise
                first = self._client.head_object(Bucket=self._data, Key=key)
                return Pointer(key, first["ETag"], 0, first["ContentLength"])
        return Pointer(key, answer["ETag"], 0, len(data))

    def manifest(self, key: str, tasks: Sequence[BatchTask]) -> Level:
        """Write the open batches of one level as the JSON array that the Map reads."""
        body = orjson.dumps([task.model_dump(mode="json") for task in tasks])
        with aws_errors(f"write {key}"):
            self._client.put_object(Bucket=self._data, Key=key, Body=body, ContentType="application/json")
        return Level(bucket=self._data, key=key)

    def find_upload(self, key: str) -> Source | None:
        """Return the first version of an uploaded object, None where there is none."""
        with aws_errors(f"look for upload {key}"):
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._uploads, Prefix=key)
            # Sorted by key and, within a key, newest first; keys that only begin like ours come after it.
            versions = [v for page in pages for v in page.get("Versions", ()) if v["Key"] == key]
        if not versions:
            return None
        return Source(self._uploads, key, versions[-1]["VersionId"], versions[-1]["Size"])

    def newest_upload(self, prefix: str) -> Source | None:
        """Return the newest object under a prefix at this version, None where there is none.

        Of objects of the same second the one whose key sorts last; keys that end with / are marks of folders. Raises
        StaleItem where it is deleted at this very moment.
        """
        with aws_errors(f"look for uploads under {prefix}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._uploads, Prefix=prefix)
            found = ((o["LastModified"], o["Key"]) for page in pages for o in page.get("Contents", ()))
            _, key = max((place for place in found if not place[1].endswith("/")), default=(None, ""))
            if not key:
                return None
            try:
                head = self._client.head_object(Bucket=self._uploads, Key=key)
            except ClientError as error:
                if error_code(error) not in GONE:
                    raise
                raise StaleItem(f"upload {key} was deleted while it was looked at") from None
        return Source(self._uploads, key, head["VersionId"], head["ContentLength"])

    def upload_link(self, key: str, max_bytes: int, seconds: int) -> dict[str, object]:
        """Return the URL and form fields of a presigned POST that may write this one key.

        Its policy fixes the key, the type and a size from 1 to `max_bytes`; it expires after `seconds`. Source: Amazon
        S3 API reference, "POST Policy". Raises InvalidRequest for a key that S3 would complete with the client's name.
        """
        if "${filename}" in key:
            raise InvalidRequest("a file name must not contain ${filename}")
        conditions: list[object] = [["content-length-range", 1, max_bytes], {"Content-Type": CONTENT_TYPE}]
        with aws_errors("sign an upload link"):
            link = self._client.generate_presigned_post(
                Bucket=self._uploads,
                Key=key,
                Fields={"Content-Type": CONTENT_TYPE},
                Conditions=conditions,
                ExpiresIn=seconds,
            )
        return {"url": link["url"], "fields": link["fields"]}


class UploadStream(io.RawIOBase):
    """The body of an upload; a connection that breaks in the middle is an error like any other of AWS."""

    def __init__(self, body: "StreamingBody", key: str) -> None:
        self._body = body
        self._key = key

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read up to the length of the buffer; 0 at the end."""
        view = memoryview(buffer).cast("B")
        with aws_errors(f"read upload {self._key}"):
            data = self._body.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Give the connection back."""
        self._body.close()
        super().close()
