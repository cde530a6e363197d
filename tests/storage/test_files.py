"""Objects: uploads at their pinned version, row objects member by member, links that allow one key only."""

import base64
import gzip
import io
import json
import os

import pytest
import requests

from longshore.domain.job import Pointer, Source
from longshore.errors import DataGone, FileRejected, InvalidRequest, StaleItem
from longshore.messages import BatchTask
from longshore.storage import clients
from longshore.storage.files import FileStore
from longshore.storage.rows_writer import PART_BYTES
from tests.storage.faults import altering_replies


@pytest.fixture
def files(stores) -> FileStore:
    return FileStore(clients.s3(), stores.uploads, stores.data)


def uploaded(stores, key: str, body: bytes) -> Source:
    answer = clients.s3().put_object(Bucket=stores.uploads, Key=key, Body=body)
    return Source(stores.uploads, key, answer["VersionId"], len(body))


def test_an_upload_is_read_at_its_version_whatever_came_after(files, stores, tenant):
    first = uploaded(stores, f"{tenant}/country/ä b+c.csv", b"one\r\n" * 500_000)
    uploaded(stores, first.key, b"two")
    clients.s3().delete_object(Bucket=stores.uploads, Key=first.key)
    with files.open(first) as stream:
        assert stream.read(5) == b"one\r\n"
        assert sum(len(line) for line in stream) == 2_499_995
    with io.TextIOWrapper(files.open(first), "utf-8", newline="") as text:
        assert text.readline() == "one\r\n"


def test_an_upload_whose_version_is_gone_is_rejected(files, stores, tenant):
    source = uploaded(stores, f"{tenant}/country/x.csv", b"a")
    clients.s3().delete_object(Bucket=stores.uploads, Key=source.key, VersionId=source.version_id)
    with pytest.raises(FileRejected, match="upload the file again") as rejected:
        files.open(source)
    assert rejected.value.code == "SOURCE_GONE"
    with pytest.raises(FileRejected):
        files.open(Source(stores.uploads, f"{tenant}/country/never.csv", "", 0))


def test_the_first_version_of_an_upload_is_found_and_no_other_key(files, stores, tenant):
    key = f"{tenant}/jobs/j1/x.csv"
    assert files.find_upload(key) is None
    uploaded(stores, f"{key}.bak", b"other")
    first = uploaded(stores, key, b"12345")
    uploaded(stores, key, b"later")
    clients.s3().delete_object(Bucket=stores.uploads, Key=key)
    assert files.find_upload(key) == first


@pytest.mark.parametrize("size", [0, 1_000, PART_BYTES + 1_000_000], ids=["empty", "one put", "multipart"])
def test_members_are_read_by_their_pointers(files, stores, tenant, size):
    writer, key = files.writer(f"rows/{tenant}/j1/a1/part-00"), f"rows/{tenant}/j1/a1/part-00"
    documents = [{"fields": ["x"], "rows": [[n, os.urandom(size // 4).hex()]]} for n in range(3)]
    places = [writer.append(document) for document in documents]
    etag = writer.close()
    assert [files.member(Pointer(key, etag, *place)) for place in places] == documents
    assert [offset for offset, _ in places] == [0, places[0][1], places[0][1] + places[1][1]]
    body = clients.s3().get_object(Bucket=stores.data, Key=key)["Body"].read()
    assert [json.loads(text) for text in gzip.decompress(body).replace(b"}{", b"}\n{").splitlines()] == documents
    assert list(files.members(key, places[1][0])) == [(places[n][0], documents[n]) for n in (1, 2)]


def test_an_object_without_members_is_there_and_empty(files, stores, tenant):
    files.writer(f"rejects/{tenant}/x").close()
    assert clients.s3().head_object(Bucket=stores.data, Key=f"rejects/{tenant}/x")["ContentLength"] == 0


def test_equal_rows_are_equal_bytes(files, stores, tenant):
    etags = []
    for name in ("x", "y"):
        writer = files.writer(f"rows/{tenant}/{name}")
        writer.append({"rows": [[1, "a"]]})
        etags.append(writer.close())
    assert etags[0] == etags[1]


@pytest.mark.parametrize("size", [10, PART_BYTES + 1], ids=["small", "multipart"])
def test_an_aborted_object_leaves_nothing(files, stores, tenant, size):
    writer = files.writer(f"rows/{tenant}/aborted")
    writer.append(os.urandom(size).hex())
    writer.abort()
    assert clients.s3().list_objects_v2(Bucket=stores.data, Prefix=f"rows/{tenant}").get("KeyCount") == 0
    assert "Uploads" not in clients.s3().list_multipart_uploads(Bucket=stores.data, Prefix=f"rows/{tenant}")


def test_a_pointer_to_an_object_that_was_replaced_reads_nothing(files, stores, tenant):
    pointer = files.put_once(f"journal/{tenant}/1", [1])
    clients.s3().put_object(Bucket=stores.data, Key=pointer.key, Body=gzip.compress(b"[2]"))
    with pytest.raises(DataGone, match=pointer.key):
        files.member(pointer)


def test_the_first_document_of_a_key_stays(files, tenant):
    first = files.put_once(f"journal/{tenant}/j1/0/0.1", {"before": "a"})
    assert files.put_once(first.key, {"before": "something longer"}) == first
    assert files.member(first) == {"before": "a"}


def test_a_manifest_is_the_json_array_that_the_map_reads(files, stores, tenant):
    tasks = [BatchTask(tenant=tenant, job_id="j", attempt="a", part=0, batch=n, run=1) for n in range(2)]
    level = files.manifest(f"runs/{tenant}/j/1/level-00.json", tasks)
    body = clients.s3().get_object(Bucket=level.bucket, Key=level.key)["Body"].read()
    assert [BatchTask.model_validate(item) for item in json.loads(body)] == tasks


def post(link: dict, body: bytes, **fields: str) -> int:
    return requests.post(link["url"], data=link["fields"] | fields, files={"file": body}, timeout=10).status_code


def test_a_link_writes_its_key(files, stores, tenant):
    link = files.upload_link(f"{tenant}/jobs/j1/länder 1.csv", 100, 60)
    assert post(link, b"x" * 100) in (200, 201, 204)
    stored = clients.s3().get_object(Bucket=stores.uploads, Key=f"{tenant}/jobs/j1/länder 1.csv")
    assert stored["Body"].read() == b"x" * 100


def test_the_policy_of_a_link_fixes_key_type_size_and_time(files, stores, tenant):

    link = files.upload_link(f"{tenant}/jobs/j1/x.csv", 100, 60)
    policy = json.loads(base64.b64decode(link["fields"]["policy"]))
    assert ["content-length-range", 1, 100] in policy["conditions"]
    assert {"key": f"{tenant}/jobs/j1/x.csv"} in policy["conditions"]
    assert {"bucket": stores.uploads} in policy["conditions"]
    assert {"Content-Type": "application/octet-stream"} in policy["conditions"]
    assert link["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert "expiration" in policy


def test_a_key_that_s3_would_complete_gets_no_link(files, tenant):
    with pytest.raises(InvalidRequest, match="filename"):
        files.upload_link(f"{tenant}/jobs/j1/${{filename}}", 100, 60)


def test_a_pointer_to_nothing_reads_nothing(files):
    with pytest.raises(DataGone, match="nothing is not the object that was written any more"):
        files.member(Pointer("nothing", '"e"', 0, 1))


def test_the_newest_upload_is_pinned_at_its_version(files, stores, tenant):
    s3 = clients.s3()
    assert files.newest_upload(f"{tenant}/scheduled/a/") is None
    for key in ("a/1.csv", "a/", "a/sub/2.csv", "b/3.csv"):
        put = s3.put_object(Bucket=stores.uploads, Key=f"{tenant}/scheduled/{key}", Body=b"old")
        if key == "a/sub/2.csv":
            newest = put["VersionId"]
    found = files.newest_upload(f"{tenant}/scheduled/a/")
    assert found == Source(stores.uploads, f"{tenant}/scheduled/a/sub/2.csv", newest, 3)
    s3.delete_object(Bucket=stores.uploads, Key=f"{tenant}/scheduled/a/sub/2.csv")
    assert files.newest_upload(f"{tenant}/scheduled/a/").key == f"{tenant}/scheduled/a/1.csv"


def test_an_upload_that_is_deleted_while_it_is_looked_at_is_looked_for_again(files, stores, tenant):
    key = f"{tenant}/scheduled/a/1.csv"
    clients.s3().put_object(Bucket=stores.uploads, Key=key, Body=b"x")

    def delete(answer: dict) -> None:
        clients.s3().delete_object(Bucket=stores.uploads, Key=key)

    with altering_replies(clients.s3(), "ListObjectsV2", delete), pytest.raises(StaleItem, match="deleted while"):
        files.newest_upload(f"{tenant}/scheduled/a/")
    assert files.newest_upload(f"{tenant}/scheduled/a/") is None
