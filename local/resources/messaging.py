"""AWS::SQS and AWS::SNS: queues, topics, and who may send to them."""

import json
from typing import Any

from local.resources.creator import NO_TAGS, Creator, Environment, Properties

QUEUE_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


def queue(environment: Environment, properties: Properties) -> dict[str, str]:
    """A queue."""
    name = environment.name(properties, "QueueName", 80)
    attributes = {key: as_attribute(value) for key, value in properties.given(*QUEUE_ATTRIBUTES).items()}
    url = environment.call("sqs", "create_queue", QueueName=name, Attributes=attributes)["QueueUrl"]
    return {"Ref": url, "QueueUrl": url, "QueueName": name, "Arn": environment.arn("sqs", name)}


def as_attribute(value: Any) -> str:
    """A property as SQS takes it: text."""
    return json.dumps(value) if isinstance(value, dict | bool) else str(value)


def queue_policy(environment: Environment, properties: Properties) -> dict[str, str]:
    """Who may use the queues; kept as written, not enforced."""
    policy = json.dumps(properties.require("PolicyDocument"))
    for url in properties.require("Queues"):
        environment.call("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": policy})
    return {"Ref": properties.logical_id}


def topic(environment: Environment, properties: Properties) -> dict[str, str]:
    """A topic and the subscriptions that it lists itself."""
    name = environment.name(properties, "TopicName", 256)
    attributes = properties.given("DisplayName", "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication")
    texts = {key: as_attribute(value) for key, value in attributes.items()}
    arn = environment.call("sns", "create_topic", Name=name, Attributes=texts)["TopicArn"]
    for entry in properties.get("Subscription", []):
        environment.call("sns", "subscribe", TopicArn=arn, **entry)
    return {"Ref": arn, "TopicArn": arn, "TopicName": name}


def topic_policy(environment: Environment, properties: Properties) -> dict[str, str]:
    """Who may publish; kept as written, not enforced."""
    policy = json.dumps(properties.require("PolicyDocument"))
    for arn in properties.require("Topics"):
        environment.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return {"Ref": properties.logical_id}


def subscription(environment: Environment, properties: Properties) -> dict[str, str]:
    """A subscription."""
    names = ("RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy")
    attributes = {key: as_attribute(value) for key, value in properties.given(*names).items()}
    arn = environment.call(
        "sns", "subscribe", Attributes=attributes, **properties.given("TopicArn", "Protocol", "Endpoint")
    )["SubscriptionArn"]
    return {"Ref": arn}


CREATORS = {
    "AWS::SQS::Queue": Creator(queue, NO_TAGS),
    "AWS::SQS::QueuePolicy": Creator(queue_policy),
    "AWS::SNS::Topic": Creator(topic, NO_TAGS),
    "AWS::SNS::TopicPolicy": Creator(topic_policy),
    "AWS::SNS::Subscription": Creator(subscription),
}
