"""Clients: bounded in time, made once, and pointed by the environment."""

import io
import json
import subprocess
import sys

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from longshore.domain.locks import GRACE_MS
from longshore.storage import clients

ENDPOINTS = """
import sys, json
from longshore.storage import clients, models
models.bind(models.JOBS, "jobs")
connection = models.JobItem._get_connection().connection
print(json.dumps([clients.dynamodb().meta.endpoint_url, connection.client.meta.endpoint_url,
                  clients.s3().meta.endpoint_url]))
"""


LINK = """
from longshore.storage import clients, files
print(files.FileStore(clients.s3(), "up-loads", "data").upload_link("a/b", 1, 1)["url"])
"""


@pytest.mark.parametrize(
    ("variables", "dynamodb", "s3"),
    [
        ({"AWS_ENDPOINT_URL": "http://one:1"}, "http://one:1", "http://one:1"),
        (
            {"AWS_ENDPOINT_URL": "http://one:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://two:2"},
            "http://two:2",
            "http://one:1",
        ),
        ({}, "https://dynamodb.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"),
    ],
    ids=["one for all", "one of its own", "none"],
)
def test_the_low_level_client_and_the_models_go_to_the_same_endpoint(variables, dynamodb, s3):
    environment = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    answer = subprocess.run(
        [sys.executable, "-c", ENDPOINTS], env=environment | variables, capture_output=True, text=True, check=True
    )
    assert json.loads(answer.stdout) == [dynamodb, dynamodb, s3]


def test_a_client_is_made_once(aws):
    assert clients.dynamodb() is clients.dynamodb()


@pytest.mark.parametrize("make", [clients.dynamodb, clients.s3, clients.events, clients.stepfunctions, clients.lambda_])
def test_a_call_is_over_before_the_grace_of_a_dead_claim_is(aws, make):
    config = make().meta.config
    attempts = config.retries["total_max_attempts"]
    # Standard mode waits at most 1, 2, … s before the second, third, … attempt (AWS SDKs guide, "Retry behavior").
    pauses = sum(2**n for n in range(attempts - 1))
    assert 1000 * (attempts * (config.connect_timeout + config.read_timeout) + pauses) < GRACE_MS


def test_a_link_names_the_regions_own_endpoint():
    environment = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    answer = subprocess.run([sys.executable, "-c", LINK], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "https://up-loads.s3.eu-west-1.amazonaws.com/"


def test_a_batch_of_statements_goes_out_as_botocore_would_write_it(aws):
    """Our own body (clients._write_body) says what the serializer's would, whatever the values are."""
    data = {
        "s": {"S": 'Ágnes "Ü" \u2028 🚢'},
        "n": {"N": "1"},
        "b": {"BOOL": False},
        "0": {"NULL": True},
        "m": {"M": {}},
    }
    statement = {"Statement": "INSERT INTO \"t\" VALUE {'pk': ?}", "Parameters": [{"S": "a"}, {"M": data}]}
    request = {"Statements": [statement, statement], "ReturnConsumedCapacity": "TOTAL"}
    sent = []

    def answer(request, **_):
        sent.append(json.loads(request.body))
        return AWSResponse(request.url, 200, {}, HTTPResponse(io.BytesIO(b"{}"), preload_content=False))

    for client in (clients.dynamodb.__wrapped__(), boto3.client("dynamodb")):
        client.meta.events.register("before-send.dynamodb", answer)
        client.batch_execute_statement(**request)
    assert sent == [request, request]
