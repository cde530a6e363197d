"""Functions are held to their roles: what a request asks for, and what the policies of a role allow."""

import io
import json

import pytest

from local.iam_actions import Request, asked_for
from local.permissions import Permissions, Role

T = "arn:aws:dynamodb:eu-west-1:1:table/"


def request(service: str, method: str = "POST", path: str = "/", query: str = "", target: str = "", **body) -> Request:
    return Request(service, method, path, query, target, json.dumps(body).encode(), "eu-west-1", "1")


def statement(text: str) -> dict:
    return {"Statement": text, "Parameters": []}


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (request("dynamodb", target="D.GetItem", TableName="a"), [("dynamodb:GetItem", T + "a")]),
        (
            request("dynamodb", target="D.Query", TableName="a", IndexName="i"),
            [("dynamodb:Query", T + "a/index/i")],
        ),
        (
            request("dynamodb", target="D.BatchGetItem", RequestItems={"a": {}, "b": {}}),
            [("dynamodb:BatchGetItem", T + "a"), ("dynamodb:BatchGetItem", T + "b")],
        ),
        (
            request(
                "dynamodb",
                target="D.TransactWriteItems",
                TransactItems=[{"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}],
            ),
            [("dynamodb:ConditionCheckItem", T + "b"), ("dynamodb:PutItem", T + "a")],
        ),
        (
            request(
                "dynamodb",
                target="D.BatchExecuteStatement",
                Statements=[statement('INSERT INTO "a" VALUE {}'), statement('UPDATE "a" SET b = ?')],
            ),
            [("dynamodb:PartiQLInsert", T + "a"), ("dynamodb:PartiQLUpdate", T + "a")],
        ),
        (request("s3", "GET", "/b/a%20key/x"), [("s3:GetObject", "arn:aws:s3:::b/a key/x")]),
        (request("s3", "GET", "/b/k", "versionId=1"), [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]),
        (request("s3", "POST", "/b/k", "uploads"), [("s3:PutObject", "arn:aws:s3:::b/k")]),
        (request("s3", "DELETE", "/b/k", "uploadId=1"), [("s3:AbortMultipartUpload", "arn:aws:s3:::b/k")]),
        (request("s3", "GET", "/b", "versions&prefix=k"), [("s3:ListBucketVersions", "arn:aws:s3:::b")]),
        (request("states", target="S.StartExecution", stateMachineArn="m"), [("states:StartExecution", "m")]),
        (
            request("events", target="E.PutEvents", Entries=[{"EventBusName": "bus"}]),
            [("events:PutEvents", "arn:aws:events:eu-west-1:1:event-bus/bus")],
        ),
        (
            request("lambda", path="/2015-03-31/functions/f/invocations"),
            [("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:1:function:f")],
        ),
        (
            request("scheduler", "DELETE", "/schedules/s", "groupName=g"),
            [("scheduler:DeleteSchedule", "arn:aws:scheduler:eu-west-1:1:schedule/g/s")],
        ),
    ],
)
def test_what_a_request_asks_for(made: Request, asked: list) -> None:
    assert asked_for(made) == asked


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:GetObject", "arn:aws:s3:::b/rows/acme/x", True),
        ("s3:GetObject", "arn:aws:s3:::b/journal/acme/x", False),
        ("s3:PutObject", "arn:aws:s3:::b/rows/acme/x", False),
        ("dynamodb:Query", T + "a", True),
        ("dynamodb:Query", T + "a/index/i", False),
        ("dynamodb:PutItem", T + "a", False),
    ],
)
def test_what_a_role_allows(action: str, resource: str, allowed: bool) -> None:
    role = Role(
        "LoadBatchFunction",
        [
            {"Effect": "Allow", "Action": "s3:Get*", "Resource": ["arn:aws:s3:::b/rows/*"]},
            {"Effect": "Allow", "Action": ["dynamodb:Query", "dynamodb:GetItem"], "Resource": T + "a"},
            {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"},
        ],
    )
    assert role.allows(action, resource) is allowed


@pytest.mark.parametrize(
    ("service", "path", "target", "refusal"),
    [
        ("dynamodb", "/", "DynamoDB_20120810.GetItem", "F is not authorized to perform dynamodb:GetItem on"),
        ("s3", "/b/k", "", "F is not authorized to perform s3:GetObject on arn:aws:s3:::b/k"),
    ],
)
def test_a_call_beyond_the_role_is_refused_and_one_of_somebody_else_passes(
    service: str, path: str, target: str, refusal: str
) -> None:
    permissions = Permissions(lambda environ, start_response: [b"passed"], "1")
    permissions.register("KEY", Role("F", []))
    answers = {}
    for key in ("KEY", "OTHER"):
        environ = {
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={key}/20261121/eu-west-1/{service}/aws4_request, x",
            "HTTP_X_AMZ_TARGET": target,
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "CONTENT_LENGTH": "17",
            "wsgi.input": io.BytesIO(b'{"TableName":"a"}'),
        }
        answers[key] = b"".join(permissions(environ, lambda status, headers: None)).decode()
    assert refusal in answers["KEY"]
    assert answers["OTHER"] == "passed"
