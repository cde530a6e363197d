"""AWS::Events and AWS::Scheduler: buses, rules and schedules."""

import json

from local.resources.creator import NO_TAGS, Creator, Environment, Properties


def event_bus(environment: Environment, properties: Properties) -> dict[str, str]:
    """A bus."""
    name = properties.require("Name")
    optional = properties.given("Description", "KmsKeyIdentifier", "DeadLetterConfig")
    arn = environment.call("events", "create_event_bus", Name=name, **optional)["EventBusArn"]
    return {"Ref": name, "Name": name, "Arn": arn}


def rule(environment: Environment, properties: Properties) -> dict[str, str]:
    """A rule with its targets: by pattern, or by time."""
    name = environment.name(properties, "Name")
    bus = properties.get("EventBusName", "default")
    request = properties.given("ScheduleExpression", "State", "Description", "RoleArn")
    if pattern := properties.get("EventPattern"):
        request["EventPattern"] = json.dumps(pattern)
    arn = environment.call("events", "put_rule", Name=name, EventBusName=bus, **request)["RuleArn"]
    if targets := properties.get("Targets"):
        environment.call("events", "put_targets", Rule=name, EventBusName=bus, Targets=targets)
    return {"Ref": name, "Arn": arn}


def event_bus_policy(_: Environment, properties: Properties) -> dict[str, str]:
    """Who may put events; not enforced, so not kept."""
    properties.given("EventBusName", "StatementId", "Statement")
    return {"Ref": properties.logical_id}


def schedule_group(environment: Environment, properties: Properties) -> dict[str, str]:
    """A group of schedules."""
    name = environment.name(properties, "Name")
    arn = environment.call("scheduler", "create_schedule_group", Name=name)["ScheduleGroupArn"]
    return {"Ref": name, "Arn": arn}


def schedule(environment: Environment, properties: Properties) -> dict[str, str]:
    """A schedule."""
    name = environment.name(properties, "Name")
    request = properties.given(
        "GroupName",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "FlexibleTimeWindow",
        "Target",
        "State",
        "StartDate",
        "EndDate",
        "Description",
        "KmsKeyArn",
    )
    arn = environment.call("scheduler", "create_schedule", Name=name, **request)["ScheduleArn"]
    return {"Ref": name, "Arn": arn}


CREATORS = {
    "AWS::Events::EventBus": Creator(event_bus, NO_TAGS),
    "AWS::Events::EventBusPolicy": Creator(event_bus_policy),
    "AWS::Events::Rule": Creator(rule, NO_TAGS),
    "AWS::Scheduler::ScheduleGroup": Creator(schedule_group, NO_TAGS),
    "AWS::Scheduler::Schedule": Creator(schedule),
}
