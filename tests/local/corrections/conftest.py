"""A real server of corrected moto for each module, and what the tests of one service share.

moto's state and hooks belong to the process: names are unique, and what a module installs is put back at its end.
"""

import io
import json
import time
import uuid
import zipfile
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from moto.awslambda.models import LambdaFunction
from moto.events.models import Rule
from moto.server import ThreadedMotoServer

from local import moto_corrections
from local.lambda_answer import Answer, Throttled
from local.moto_corrections import lambdas, stepfunctions

ACCOUNT, REGION = "123456789012", "us-east-2"


@pytest.fixture(scope="module")
def url():
    with pytest.MonkeyPatch.context() as process:
        for owner, hook in ((LambdaFunction, "invoke"), (Rule, "send_to_targets")):
            process.setattr(owner, hook, getattr(owner, hook))
        moto_corrections.apply()
        stepfunctions.set_time_scale(REGION, 0.01)
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        stepfunctions.lead_tasks(REGION, url, {})
        yield url
        server.stop()


@pytest.fixture(scope="module")
def client(url):
    """client(service) -> a boto3 client of the server that tries once."""

    def make(service):
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=16)
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=url, region_name=REGION, config=config, **keys)

    return make


# -- DynamoDB


@pytest.fixture(scope="module")
def ddb(client):
    return client("dynamodb")


@pytest.fixture
def table(ddb):
    """The name of a new table with keys pk and sk, a sparse index `queued` (queue, placed), and a stream."""
    name = "t" + uuid.uuid4().hex[:8]
    schema = {"pk": "HASH", "sk": "RANGE"}, {"queue": "HASH", "placed": "RANGE"}
    keys, index_keys = ([{"AttributeName": n, "KeyType": k} for n, k in keys.items()] for keys in schema)
    ddb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for keys in schema for n in keys],
        KeySchema=keys,
        GlobalSecondaryIndexes=[
            {"IndexName": "queued", "KeySchema": index_keys, "Projection": {"ProjectionType": "ALL"}}
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return name


@pytest.fixture
def get(ddb, table):
    """get(pk, sk="0") -> the stored item or None."""

    def read(pk, sk="0"):
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        return ddb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    return read


@pytest.fixture
def put(ddb, table):
    """put(pk, sk="0", **attributes) stores an item."""

    def write(pk, sk="0", **attributes):
        ddb.put_item(TableName=table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})

    return write


@pytest.fixture
def stream(client, ddb, table):
    """stream() -> what the table's stream tells, as (event, pk)."""
    streams = client("dynamodbstreams")

    def records():
        arn = ddb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        found = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
        return [(record["eventName"], record["dynamodb"]["Keys"]["pk"]["S"]) for record in found]

    return records


# -- Lambda and Step Functions


@pytest.fixture(scope="module")
def function(client):
    """The name of a new function, which does nothing until a test installs a bridge; its role's ARN is `role`."""
    name = f"function-{uuid.uuid4().hex[:8]}"
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    client("lambda").create_function(
        FunctionName=name, Runtime="python3.13", Role=role, Handler="app.f", Code={"ZipFile": code.getvalue()}
    )
    return SimpleNamespace(name=name, role=role)


class Machines:
    """Runs state machines whose tasks call `handler`, which each test sets; has a bucket for manifests."""

    def __init__(self, client, function):
        self.sfn, self.s3, self.function = client("stepfunctions"), client("s3"), function
        self.bucket = f"data-{uuid.uuid4().hex[:8]}"
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.handler = lambda event: event
        lambdas.install(self.invoke)

    def invoke(self, name, body, kind, context):
        try:
            return Answer(json.dumps(self.handler(json.loads(body))).encode())
        except Throttled:
            raise
        except Exception as problem:
            error = {"errorType": type(problem).__name__, "errorMessage": str(problem)}
            return Answer(json.dumps(error).encode(), "Unhandled")

    def fail_items(self, *failing):
        """Let the tasks of these items (by "n") raise ValueError."""

        def handler(event):
            if event["n"] in failing:
                raise ValueError(f"item {event['n']}")
            return {}

        self.handler = handler

    def create(self, states):
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        name = f"machine-{uuid.uuid4().hex[:8]}"
        return self.sfn.create_state_machine(name=name, definition=definition, roleArn=self.function.role)[
            "stateMachineArn"
        ]

    def start(self, states, given=None):
        arn = self.create(states)
        return self.sfn.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))["executionArn"]

    def until(self, condition, seconds=50):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.02)
        return found

    def wait(self, execution):
        def ended():
            found = self.sfn.describe_execution(executionArn=execution)
            return None if found["status"] == "RUNNING" else found

        return self.until(ended)

    def run(self, states, given=None):
        return self.wait(self.start(states, given))

    def events(self, execution):
        pages = self.sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event["type"] for page in pages for event in page["events"]]

    def map_run(self, execution):
        [run] = self.sfn.list_map_runs(executionArn=execution)["mapRuns"]
        return self.sfn.describe_map_run(mapRunArn=run["mapRunArn"])

    def task(self, **more):
        parameters = {"FunctionName": self.function.name, "Payload.$": "$"}
        invoke = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters}
        return {**invoke, "ResultPath": None, **({} if "Next" in more else {"End": True}), **more}

    def children(self, states=None, mode="DISTRIBUTED"):
        config = {"Mode": mode, **({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})}
        states = states or {"Work": self.task()}
        return {"ProcessorConfig": config, "StartAt": next(iter(states)), "States": states}

    def reader(self, key, **parameters):
        return {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": self.bucket, "Key": key} | parameters,
        }

    def manifest(self, key, items):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(items).encode())
        return self.reader(key)

    def distributed(self, **more):
        each = {"Type": "Map", "Label": "Batches", "ItemProcessor": self.children(), "MaxConcurrency": 8, "End": True}
        return {**each, **more}


@pytest.fixture(scope="module")
def module_machines(client, function):
    return Machines(client, function)


@pytest.fixture
def machines(module_machines):
    module_machines.handler = lambda event: event
    return module_machines
