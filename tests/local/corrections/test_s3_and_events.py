"""The corrections of moto's S3 and EventBridge, through a real server and boto3."""

import base64
import datetime
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from botocore.exceptions import ClientError

from local.moto_corrections import events
from local.moto_corrections.s3 import post_policy

BUCKET = f"uploads-{uuid.uuid4().hex[:8]}"
FUNCTION = "arn:aws:lambda:us-east-2:123456789012:function:validate_upload"


class Aws:
    """Clients of a server, the versioned bucket `uploads` that reports to EventBridge, and what was delivered."""

    def __init__(self, url, client):
        self.url, self.delivered = url, []
        self.s3, self.bus = client("s3"), client("events")
        place = {"LocationConstraint": "us-east-2"}
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        self.rule("all-of-s3", {"source": ["aws.s3"]})
        events.install(lambda target, event: self.delivered.append((target, event)))

    def rule(self, name, pattern, bus="default", **options):
        self.bus.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern), **options)
        self.bus.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": name, "Arn": FUNCTION}])

    def of_targets(self, *names):
        return [event for target, event in self.delivered if target["Id"] in names]

    def one(self):
        [event] = self.of_targets("all-of-s3")
        return event

    def post(self, content=b"0123456789", conditions=(), fields=None, changed=None, expires=60):
        fields = {"Content-Type": "text/csv", **(fields or {})}
        conditions = [["content-length-range", 1, 20], *({n: v} for n, v in fields.items()), *conditions]
        form = self.s3.generate_presigned_post(BUCKET, "t/jobs/1/a.csv", dict(fields), conditions, expires)
        return requests.post(
            form["url"], data={**form["fields"], **(changed or {})}, files={"file": content}, timeout=10
        )


@pytest.fixture(scope="module")
def server(url, client):
    return Aws(url, client)


@pytest.fixture
def aws(server):
    server.delivered.clear()
    return server


def test_a_put_makes_one_object_created_event_in_the_structure_of_aws(aws):
    put = aws.s3.put_object(Bucket=BUCKET, Key="t/ä b+c.csv", Body=b"1,2", Tagging="x=y")
    event = aws.one()
    assert event["detail-type"] == "Object Created"
    assert event["source"] == "aws.s3"
    assert event["resources"] == ["arn:aws:s3:::" + BUCKET]
    datetime.datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")
    detail = event["detail"]
    assert (detail["bucket"], detail["reason"]) == ({"name": BUCKET}, "PutObject")
    expected = {"key": "t/ä b+c.csv", "size": 3, "etag": put["ETag"].strip('"'), "version-id": put["VersionId"]}
    assert {name: detail["object"][name] for name in expected} == expected
    assert int(detail["object"]["sequencer"], 16)


def test_each_event_has_an_id_of_its_own_and_later_ones_a_higher_sequencer(aws):
    for content in (b"1", b"2"):
        aws.s3.put_object(Bucket=BUCKET, Key="k", Body=content)
    first, second = aws.of_targets("all-of-s3")
    assert first["id"] != second["id"]
    assert first["detail"]["object"]["sequencer"] < second["detail"]["object"]["sequencer"]


def test_a_completed_multipart_upload_makes_one_event_with_its_reason(aws):
    upload = aws.s3.create_multipart_upload(Bucket=BUCKET, Key="big", Tagging="a=b")["UploadId"]
    part = aws.s3.upload_part(Bucket=BUCKET, Key="big", UploadId=upload, PartNumber=1, Body=b"x" * 10)
    done = aws.s3.complete_multipart_upload(
        Bucket=BUCKET,
        Key="big",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    detail = aws.one()["detail"]
    assert (detail["reason"], detail["object"]["version-id"]) == ("CompleteMultipartUpload", done["VersionId"])
    assert detail["object"]["etag"] == done["ETag"].strip('"')


def test_copy_tagging_and_deletion_make_one_event_each(aws):
    aws.s3.put_object(Bucket=BUCKET, Key="from", Body=b"1")
    aws.s3.copy_object(Bucket=BUCKET, Key="to", CopySource={"Bucket": BUCKET, "Key": "from"})
    aws.s3.put_object_tagging(Bucket=BUCKET, Key="to", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    version = aws.s3.head_object(Bucket=BUCKET, Key="to")["VersionId"]
    aws.s3.delete_object(Bucket=BUCKET, Key="to", VersionId=version)
    told = [(event["detail-type"], event["detail"].get("reason")) for event in aws.of_targets("all-of-s3")]
    assert told == [
        ("Object Created", "PutObject"),
        ("Object Created", "CopyObject"),
        ("Object Tags Added", None),
        ("Object Deleted", "DeleteObject"),
    ]


def test_the_object_has_its_metadata_when_the_event_is_delivered(aws):
    types = []
    events.install(lambda *_: types.append(aws.s3.head_object(Bucket=BUCKET, Key="t/jobs/1/a.csv")["ContentType"]))
    try:
        assert aws.post().status_code == 204
    finally:
        events.install(lambda target, event: aws.delivered.append((target, event)))
    assert types == ["text/csv"]


def test_events_reach_the_matching_enabled_rules_of_their_bus(aws):
    aws.bus.create_event_bus(Name=BUCKET)
    pattern = {"source": ["longshore"], "detail": {"status": [{"prefix": "COMPLETED"}]}}
    aws.rule("custom", pattern, BUCKET)
    aws.rule("disabled", pattern, BUCKET, State="DISABLED")
    aws.rule("default", pattern)
    aws.rule("of-s3-on-custom", {"source": ["aws.s3"]}, BUCKET)

    def put(bus, status):
        entry = {"Source": "longshore", "DetailType": "Job ended", "Detail": json.dumps({"status": status})}
        answer = aws.bus.put_events(Entries=[{**entry, **({"EventBusName": bus} if bus else {})}])
        assert answer["FailedEntryCount"] == 0

    put(BUCKET, "COMPLETED_WITH_ERRORS")
    put(BUCKET, "FAILED")
    put(None, "COMPLETED")
    aws.s3.put_object(Bucket=BUCKET, Key="k", Body=b"1")
    by_target = [target["Id"] for target, _ in aws.delivered]
    assert by_target == ["custom", "default", "all-of-s3"]
    assert aws.of_targets("custom")[0]["detail"] == {"status": "COMPLETED_WITH_ERRORS"}
    assert "ingestion-time" not in aws.of_targets("custom")[0]


def test_a_scheduled_rule_matches_no_event(aws):
    aws.bus.put_rule(Name="each-minute", ScheduleExpression="rate(1 minute)")
    aws.bus.put_targets(Rule="each-minute", Targets=[{"Id": "each-minute", "Arn": FUNCTION}])
    aws.s3.put_object(Bucket=BUCKET, Key="k", Body=b"1")
    assert aws.of_targets("each-minute") == []


def test_reads_by_range_version_and_etag(aws):
    first = aws.s3.put_object(Bucket=BUCKET, Key="r", Body=b"0123456789")
    aws.s3.put_object(Bucket=BUCKET, Key="r", Body=b"other")
    old = {"Bucket": BUCKET, "Key": "r", "VersionId": first["VersionId"]}
    assert aws.s3.get_object(**old)["Body"].read() == b"0123456789"
    part = aws.s3.get_object(**old, Range="bytes=2-4", IfMatch=first["ETag"])
    assert (part["Body"].read(), part["ResponseMetadata"]["HTTPStatusCode"]) == (b"234", 206)
    with pytest.raises(ClientError) as refused:
        aws.s3.get_object(Bucket=BUCKET, Key="r", Range="bytes=2-4", IfMatch=first["ETag"])
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"


def test_of_concurrent_puts_if_none_match_one_succeeds(aws):
    def put(n):
        try:
            aws.s3.put_object(Bucket=BUCKET, Key="journal", Body=str(n).encode(), IfNoneMatch="*")
        except ClientError as refused:
            return refused.response["ResponseMetadata"]["HTTPStatusCode"]
        return 200

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(put, range(8))) == [200] + [412] * 7


def test_concurrent_puts_of_one_key_lose_no_version(aws):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: aws.s3.put_object(Bucket=BUCKET, Key="many", Body=str(n).encode()), range(24)))
    assert len(aws.s3.list_object_versions(Bucket=BUCKET, Prefix="many")["Versions"]) == 24


def test_a_presigned_post_stores_the_object_with_its_type_and_one_event(aws):
    assert aws.post().status_code == 204
    detail = aws.one()["detail"]
    assert (detail["reason"], detail["object"]["key"], detail["object"]["size"]) == (
        "POST Object",
        "t/jobs/1/a.csv",
        10,
    )
    assert detail["object"]["version-id"] == aws.s3.head_object(Bucket=BUCKET, Key="t/jobs/1/a.csv")["VersionId"]


@pytest.mark.parametrize(
    ("upload", "status", "code"),
    [
        ({"content": b"x" * 21}, 400, "EntityTooLarge"),
        ({"content": b""}, 400, "EntityTooSmall"),
        ({"changed": {"key": "t/jobs/2/a.csv"}}, 403, "AccessDenied"),
        ({"changed": {"Content-Type": "text/html"}}, 403, "AccessDenied"),
        ({"changed": {"x-amz-meta-extra": "1"}}, 403, "AccessDenied"),
        ({"changed": {"policy": "bm90IGpzb24="}}, 400, "InvalidPolicyDocument"),
        ({"expires": -1}, 403, "AccessDenied"),
    ],
)
def test_a_presigned_post_that_breaks_its_policy_stores_nothing(aws, upload, status, code):
    answer = aws.post(**upload)
    assert answer.status_code == status
    assert f"<Code>{code}</Code>" in answer.text
    assert aws.delivered == []


def test_a_post_without_a_signed_policy_is_denied(aws):
    answer = requests.post(f"{aws.url}/{BUCKET}", data={"key": "k"}, files={"file": b"1"}, timeout=10)
    assert answer.status_code == 403


def test_a_policy_may_fix_a_prefix():
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    policy = {"expiration": "2026-01-02T00:00:00Z", "conditions": [{"bucket": "b"}, ["starts-with", "$key", "t/"]]}
    form = {"policy": base64.b64encode(json.dumps(policy).encode()).decode(), "X-Amz-Signature": "s"}
    post_policy.check({**form, "key": "t/a", "x-ignore-me": "1"}, "b", 0, now)
    with pytest.raises(post_policy.Refused, match=r'Policy Condition failed: \["starts-with", "\$key", "t/"\]'):
        post_policy.check({**form, "key": "u/a"}, "b", 0, now)
    with pytest.raises(post_policy.Refused, match="Policy expired"):
        post_policy.check({**form, "key": "t/a"}, "b", 0, now + datetime.timedelta(days=1))
