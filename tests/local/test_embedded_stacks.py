"""What the embedded AWS deploys, what it refuses and why, and several beside each other."""

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


def test_a_second_one_of_the_same_region_is_refused(stack: Deploy) -> None:
    stack("Resources: {Queue: {Type: AWS::SQS::Queue}}")
    with pytest.raises(RuntimeError, match="already running in this process"):
        stack("Resources: {Queue: {Type: AWS::SQS::Queue}}")


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
