"""The entries of EventBridge Scheduler: one per schedule, each firing RunSchedule with its tenant, name and instant."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from longshore.domain.schedule import Schedule, entry_name
from longshore.errors import InvalidRequest, StaleItem
from longshore.storage.backoff import tries
from longshore.storage.translate import aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""Scheduler puts the instant here (its user guide, "Adding context attributes")."""
RETRY_POLICY = {"MaximumRetryAttempts": 30, "MaximumEventAgeInSeconds": 3600}
"""For an hour; a firing that could not be delivered by then is in the dead-letter queue."""


class ScheduleEntries:
    """Entries of one schedule group. The client is made when first asked for: RunSchedule never needs it."""

    def __init__(
        self,
        client: Callable[[], "EventBridgeSchedulerClient"],
        group: str,
        function_arn: str,
        role_arn: str,
        dead_letter_arn: str,
    ) -> None:
        self._client = client
        self._group = group
        self._function = function_arn
        self._role = role_arn
        self._dead_letters = dead_letter_arn

    def put(self, schedule: Schedule) -> None:
        """Create a schedule's entry, or make the one that is there equal to it.

        Raises InvalidRequest, with Scheduler's own words, for an expression or zone that it does not accept.
        """
        entry = self._entry(schedule)
        with aws_errors(f"store schedule {schedule.name}"):
            for _ in tries():
                try:
                    if self._done("update_schedule", entry, unless="ResourceNotFoundException"):
                        return
                    if self._done("create_schedule", entry, unless="ConflictException"):
                        return
                except ClientError as error:
                    if error_code(error) != "ValidationException":
                        raise
                    raise InvalidRequest(_refusal(schedule, error)) from None
        raise StaleItem(f"the entry of schedule {schedule.name} keeps changing")

    def delete(self, tenant: str, name: str) -> None:
        """Delete a schedule's entry; that there is none is success."""
        place = {"Name": entry_name(tenant, name), "GroupName": self._group}
        with aws_errors(f"delete schedule {name}"):
            self._done("delete_schedule", place, unless="ResourceNotFoundException")

    def _done(self, operation: str, arguments: dict[str, Any], unless: str) -> bool:
        """Call an operation; return False where it answers the error `unless`."""
        try:
            getattr(self._client(), operation)(**arguments)
        except ClientError as error:
            if error_code(error) != unless:
                raise
            return False
        return True

    def _entry(self, schedule: Schedule) -> dict[str, Any]:
        fired = {"tenant": schedule.tenant, "schedule": schedule.name, "instant": SCHEDULED_TIME}
        return {
            "Name": entry_name(schedule.tenant, schedule.name),
            "GroupName": self._group,
            "Description": f"Longshore: schedule {schedule.name} of tenant {schedule.tenant}",
            "ScheduleExpression": schedule.expression,
            "ScheduleExpressionTimezone": schedule.zone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED" if schedule.enabled else "DISABLED",
            "Target": {
                "Arn": self._function,
                "RoleArn": self._role,
                "Input": json.dumps(fired),
                "RetryPolicy": RETRY_POLICY,
                "DeadLetterConfig": {"Arn": self._dead_letters},
            },
        }


def _refusal(schedule: Schedule, error: ClientError) -> str:
    why = " ".join(error.response["Error"].get("Message", "").split())
    return f"expression: EventBridge Scheduler refuses {schedule.expression} in zone {schedule.zone}: {why}"
