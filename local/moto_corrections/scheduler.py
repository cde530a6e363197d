"""Schedules that AWS would not take: moto stores any expression and any zone."""

from typing import Any

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend

from local.aws_cron import InvalidExpression, parse_expression, parse_zone
from local.moto_corrections.patching import replace


def apply() -> None:
    """Refuse what EventBridge Scheduler refuses when a schedule is created or updated."""
    for name in ("create_schedule", "update_schedule"):
        replace(EventBridgeSchedulerBackend, name, _checked(getattr(EventBridgeSchedulerBackend, name)))


def _checked(original: Any) -> Any:
    def checked(backend: EventBridgeSchedulerBackend, **arguments: Any) -> Any:
        check(arguments["schedule_expression"], arguments.get("schedule_expression_timezone") or "UTC")
        return original(backend, **arguments)

    return checked


def check(expression: str, zone: str) -> None:
    """Raise ValidationException for an expression or a zone that is none."""
    try:
        parse_expression(expression)
    except InvalidExpression as broken:
        raise ValidationException(f"Invalid Schedule Expression {expression}. ({broken})") from broken
    try:
        parse_zone(zone)
    except InvalidExpression as broken:
        raise ValidationException(f"The ScheduleExpressionTimezone {zone} is not a valid time zone.") from broken
