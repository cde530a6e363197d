"""What the embedded AWS deploys, what it refuses and why, and several beside each other."""

import json
from collections.abc import Callable

import pytest

from local.embedded_aws import EmbeddedAws
from local.sam_template import TemplateError

pytestmark = pytest.mark.slow

Deploy = Callable[..., EmbeddedAws]


def test_two_may_run_beside_each_other(stack: Deploy) -> None:
    template = "Resources: {Queue: {Type: AWS::SQS::Queue}}\nOutputs: {Queue: {Value: !GetAtt Queue.QueueName}}"
    first, second = (stack(template, region=None, stack_name=None) for _ in range(2))
    assert first.region != second.region
    for aws in (first, second):
        names = [url.rsplit("/")[-1] for url in aws.client("sqs").list_queues()["QueueUrls"]]
        assert names == [aws.outputs["Queue"]]


def test_a_second_one_of_the_same_region_is_refused_and_the_first_goes_on(stack: Deploy) -> None:
    first = stack("Resources: {Queue: {Type: AWS::SQS::Queue}}")
    queues = first.client("sqs").list_queues()["QueueUrls"]
    with pytest.raises(RuntimeError, match="already running in this process"):
        stack("Resources: {Queue: {Type: AWS::SQS::Queue}}")
    assert first.client("sqs").list_queues()["QueueUrls"] == queues


MACHINE = """
    Resources:
      Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: code/machine.asl.json}}
    Outputs: {Machine: {Value: !Ref Machine}}
"""


def machine(state: dict[str, object]) -> dict[str, str]:
    """The file of a machine with this state alone."""
    return {"code/machine.asl.json": json.dumps({"StartAt": "Do", "States": {"Do": {**state, "End": True}}})}


def status_of_a_run(aws: EmbeddedAws) -> str:
    machines = aws.client("stepfunctions")
    run = machines.start_execution(stateMachineArn=aws.outputs["Machine"])["executionArn"]
    aws.idle(30)
    return machines.describe_execution(executionArn=run)["status"]


def test_another_engine_serves_the_tasks_of_its_own_stack_only(stack: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    count = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables", "Parameters": {}}
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")  # nothing answers there
        led_away = stack(MACHINE, files=machine(count), region=None)
    beside = stack(MACHINE, files=machine(count), region=None)
    assert (status_of_a_run(led_away), status_of_a_run(beside)) == ("FAILED", "SUCCEEDED")
    region = led_away.region
    led_away.stop()
    after = stack(MACHINE, files=machine(count), region=region)
    assert (status_of_a_run(beside), status_of_a_run(after)) == ("SUCCEEDED", "SUCCEEDED")


def test_each_has_a_time_scale_of_its_own(stack: Deploy) -> None:
    wait = machine({"Type": "Wait", "Seconds": 1_000_000})
    fast = stack(MACHINE, files=wait, region=None, time_scale=0)
    stack(MACHINE, files=wait, region=None, time_scale=1)
    assert status_of_a_run(fast) == "SUCCEEDED"


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ("{Pool: {Type: AWS::EC2::VPC}}", "Pool: the embedded AWS does not know the type AWS::EC2::VPC"),
        (
            "{Queue: {Type: AWS::SQS::Queue, Properties: {Colour: red}}}",
            "Queue (AWS::SQS::Queue): the embedded AWS does not know the property Colour",
        ),
        (
            "{R: {Type: AWS::Events::Rule, Properties: {EventPattern: {a: [b]}, Targets: [{Id: a, Arn: b, Hue: c}]}}}",
            "Hue",
        ),
        (
            "{A: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt B.QueueName}},"
            " B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt A.QueueName}}}",
            "the resources refer to each other in a circle: A -> B -> A",
        ),
        ("{A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nothing}}}", "Nothing is neither a parameter nor"),
        ("{A: {Type: AWS::Events::EventBus}}", "A (AWS::Events::EventBus): the property Name is missing"),
    ],
)
def test_what_cannot_be_deployed_is_an_error_that_names_it(stack: Deploy, resources: str, message: str) -> None:
    with pytest.raises(TemplateError) as refused:
        stack(f"Resources: {resources}")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_tags_and_conditions_are_no_obstacle(stack: Deploy) -> None:
    aws = stack("""
        Conditions: {Never: !Equals [a, b]}
        Resources:
          Queue: {Type: AWS::SQS::Queue, Properties: {Tags: [{Key: a, Value: b}]}}
          Other: {Type: AWS::EC2::VPC, Condition: Never}
          Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}
          Secret: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {PasswordLength: 12}}}
          Parameter: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Queue}}
          Topic: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Queue.Arn}]}}
        Outputs:
          Secret: {Value: !Ref Secret}
          Parameter: {Value: !Ref Parameter}
          Other: {Value: !Ref Other, Condition: Never}
    """)
    secret = aws.client("secretsmanager").get_secret_value(SecretId=aws.outputs["Secret"])
    assert len(secret["SecretString"]) == 12
    parameter = aws.client("ssm").get_parameter(Name=aws.outputs["Parameter"])["Parameter"]
    assert parameter["Value"].startswith("http")
    assert "Other" not in aws.outputs
