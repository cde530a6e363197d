"""The embedded AWS as a whole, with small templates; slow because each test deploys a stack and starts processes."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import psutil
import pytest
import requests

from local.embedded_aws import EmbeddedAws

pytestmark = pytest.mark.slow

Deploy = Callable[..., EmbeddedAws]

WORKER = (Path(__file__).parent / "worker_stack.yaml").read_text()

APP = """
    import os, boto3
    def handler(event, context):
        if event.get("detail", {}).get("object", {}).get("key") == "broken":
            raise ValueError("broken")
        if "detail" in event:
            key = event["detail"]["object"]["key"]
            boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": key}})
        if "requestContext" in event:
            claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
            return {"tenant": claims["tenant"], "role": claims["role"], **event["pathParameters"]}
        return {"doubled": event.get("number", 0) * 2}
"""

MACHINE = {
    "StartAt": "Work",
    "States": {"Work": {"Type": "Task", "Resource": "${WorkerArn}", "TimeoutSeconds": "${Seconds}", "End": True}},
}


@pytest.fixture
def deployed(stack: Deploy) -> Deploy:
    """deployed(**arguments) -> the stack of WORKER."""

    def start(**arguments: object) -> EmbeddedAws:
        text = json.dumps(MACHINE).replace('"${Seconds}"', "${Seconds}")
        return stack(WORKER, app=APP, files={"code/machine.asl.json": text}, **arguments)

    return start


def messages(aws: EmbeddedAws) -> list[dict]:
    found = aws.client("sqs").receive_message(QueueUrl=aws.outputs["Queue"], MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_an_upload_reaches_a_function_that_writes_to_a_table(deployed: Deploy) -> None:
    aws = deployed()
    bucket, table = aws.outputs["Bucket"], aws.outputs["Table"]
    aws.client("s3").put_object(Bucket=bucket, Key="hello", Body=b"x")
    aws.idle(30)
    assert aws.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "hello"}})["Item"]
    assert "START RequestId" in (aws.logs / f"{aws.function_name('Worker')}.log").read_text()


def test_a_function_that_fails_for_good_is_reported_to_its_queue(deployed: Deploy) -> None:
    aws = deployed()
    aws.client("s3").put_object(Bucket=aws.outputs["Bucket"], Key="broken", Body=b"x")
    aws.idle(30)
    (record,) = messages(aws)
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorMessage"] == "broken"


def test_events_on_a_bus_reach_a_queue_or_its_dead_letters(deployed: Deploy) -> None:
    aws = deployed()
    for kind in ("Said", "Lost"):
        entry = {"Source": "test", "DetailType": kind, "Detail": '{"a": 1}', "EventBusName": aws.outputs["Bus"]}
        aws.client("events").put_events(Entries=[entry])
    aws.idle(30)
    received = messages(aws)
    assert {"a": 1} in received
    assert [event["detail-type"] for event in received if "detail-type" in event] == ["Lost"]


def test_the_api_knows_who_asks(deployed: Deploy) -> None:
    aws = deployed()
    url = f"{aws.outputs['ApiUrl']}/jobs/7"
    assert aws.outputs["ApiUrl"] == aws.api_url
    good = requests.get(url, headers={"Authorization": f"Bearer {aws.token('viewer', 'acme')}"}, timeout=30)
    assert good.json() == {"tenant": "acme", "role": "viewer", "job_id": "7"}
    expired = requests.get(url, headers={"Authorization": f"Bearer {aws.token(expires_in=-1)}"}, timeout=30)
    assert (expired.status_code, expired.json()) == (401, {"message": "Unauthorized"})


def test_a_state_machine_calls_the_function_and_idle_waits_for_it(deployed: Deploy) -> None:
    aws = deployed(parameters={"Reserve": "true"})
    machine = aws.client("stepfunctions")
    arn = machine.start_execution(stateMachineArn=aws.outputs["Machine"], input='{"number": 21}')["executionArn"]
    aws.idle(30)
    done = machine.describe_execution(executionArn=arn)
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", {"doubled": 42})
    assert aws.function("Worker").reserved == 1


def test_idle_waits_for_an_execution_that_waits(stack: Deploy) -> None:
    waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 30, "End": True}}}
    aws = stack(
        """
        Resources:
          Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: code/machine.asl.json}}
        Outputs: {Machine: {Value: !Ref Machine}}
        """,
        files={"code/machine.asl.json": json.dumps(waits)},
        time_scale=0.01,
    )
    machine = aws.client("stepfunctions")
    arn = machine.start_execution(stateMachineArn=aws.outputs["Machine"])["executionArn"]
    aws.idle(20)
    assert machine.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"
    stuck = machine.start_execution(stateMachineArn=aws.outputs["Machine"])
    with pytest.raises(TimeoutError, match="still in flight: 1 executions"):
        aws.idle(0.0)
    machine.stop_execution(executionArn=stuck["executionArn"])
    aws.idle(20)


def test_an_execution_that_has_long_to_wait_is_no_more_in_flight_than_a_schedule(stack: Deploy) -> None:
    waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}}}
    aws = stack(
        """
        Resources:
          Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: code/machine.asl.json}}
        Outputs: {Machine: {Value: !Ref Machine}}
        """,
        files={"code/machine.asl.json": json.dumps(waits)},
    )
    machine = aws.client("stepfunctions")
    arn = machine.start_execution(stateMachineArn=aws.outputs["Machine"], input='{"seconds": 1000}')["executionArn"]
    aws.idle(20)
    assert machine.describe_execution(executionArn=arn)["status"] == "RUNNING"
    machine.stop_execution(executionArn=arn)
    aws.idle(20)


def test_invoke_returns_the_answer_or_the_error(deployed: Deploy) -> None:
    aws = deployed()
    assert aws.invoke("Worker", {"number": 4}) == ({"doubled": 8}, None)
    payload, error = aws.invoke("Worker", {"detail": {"object": {"key": "broken"}}})
    assert (payload["errorType"], error) == ("ValueError", "Unhandled")


def test_the_settings_of_tables_and_buckets_arrive(deployed: Deploy) -> None:
    aws = deployed(start_functions=False)
    dynamodb, s3, bucket = aws.client("dynamodb"), aws.client("s3"), aws.outputs["Bucket"]
    table = dynamodb.describe_table(TableName=aws.outputs["Table"])["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["queue"]
    expiry = dynamodb.describe_time_to_live(TableName=aws.outputs["Table"])["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"] == {"Days": 3}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 2}
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]


def test_without_functions_only_what_keeps_data_is_created(deployed: Deploy) -> None:
    aws = deployed(start_functions=False)
    assert set(aws.outputs) == {"Table", "Bucket", "Queue", "Bus"}
    assert aws.client("lambda").list_functions()["Functions"] == []


def function_processes() -> set[int]:
    return {child.pid for child in psutil.Process().children() if "awslambdaric" in child.cmdline()}


def test_after_stop_no_process_and_no_data_is_left(deployed: Deploy) -> None:
    others = function_processes()
    aws = deployed()
    aws.invoke("Worker", {})
    assert function_processes() > others
    table = aws.outputs["Table"]
    aws.stop()
    aws.stop()
    assert function_processes() <= others
    again = deployed(start_functions=False)
    assert table not in again.client("dynamodb").list_tables()["TableNames"]


@pytest.fixture
def other_engine() -> Iterator[str]:
    """Another DynamoDB, in a process of its own; its endpoint."""
    command = [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    line = next(text for text in process.stderr if "Running on http" in text)
    yield line.split("Running on ")[1].strip()
    process.kill()
    process.wait()


def test_tables_may_live_in_another_engine(
    deployed: Deploy, other_engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", other_engine)
    aws = deployed()
    aws.client("s3").put_object(Bucket=aws.outputs["Bucket"], Key="hello", Body=b"x")
    task = {"TableName": aws.outputs["Table"], "Item": {"pk": {"S": "by a task"}}}
    machine = aws.client("stepfunctions").create_state_machine(
        name="put",
        roleArn="arn:aws:iam::123456789012:role/none",
        definition=json.dumps(
            {
                "StartAt": "Put",
                "States": {
                    "Put": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::dynamodb:putItem",
                        "Parameters": task,
                        "End": True,
                    }
                },
            }
        ),
    )
    aws.client("stepfunctions").start_execution(stateMachineArn=machine["stateMachineArn"])
    aws.idle(30)
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": aws.region}
    elsewhere = boto3.client("dynamodb", endpoint_url=other_engine, **credentials)
    found = elsewhere.scan(TableName=aws.outputs["Table"])["Items"]
    assert {item["pk"]["S"] for item in found} == {"hello", "by a task"}
    here = boto3.client("dynamodb", endpoint_url=aws.url, **credentials)
    assert here.list_tables()["TableNames"] == []
