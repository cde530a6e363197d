"""The use cases of schedules behind the HTTP API: put, list, show and delete, for the caller's tenant."""

from pydantic import TypeAdapter, ValidationError

from longshore.domain.schedule import Firing, Schedule
from longshore.domain.templates.document import Name
from longshore.errors import InvalidRequest, JobNotFound, ScheduleNotFound
from longshore.steps.api import Document, find_template
from longshore.steps.api_view import moment
from longshore.steps.caller import Caller, Role
from longshore.steps.ports import Services
from longshore.steps.schedule_request import ScheduleRequest
from longshore.steps.upload_key import scheduled_prefix

SCHEDULE_NAME: TypeAdapter[str] = TypeAdapter(Name)
FIRINGS_SHOWN = 10


def put_schedule(services: Services, caller: Caller, name: str, body: object) -> Document:
    """Store a schedule, or change the one of this name; a request that was cut short is repaired by repeating it.

    Raises InvalidRequest, also for what EventBridge Scheduler does not accept, NotAllowed or TemplateNotFound.
    """
    caller.must_be(Role.ADMIN, "change schedules")
    if not _is_name(name):
        raise InvalidRequest(f"name: {name!r} must be a lower-case letter, then up to 62 of a-z 0-9 _ -")
    request = ScheduleRequest.parse(body)
    find_template(services, caller, request.template)
    stored, created = services.schedules.put(request.schedule(caller, name, services.clock()))
    return {**_document(stored), "created": created}


def list_schedules(services: Services, caller: Caller) -> Document:
    """Return the schedules of the tenant, by name."""
    return {"schedules": [_document(schedule) for schedule in services.schedules.all(caller.tenant)]}


def get_schedule(services: Services, caller: Caller, name: str) -> Document:
    """Return a schedule with its last firings, newest first, and their jobs. Raises ScheduleNotFound."""
    schedule = services.schedules.find(caller.tenant, name) if _is_name(name) else None
    if schedule is None:
        raise ScheduleNotFound(f"there is no schedule {name!r}")
    firings = services.schedules.firings(caller.tenant, name, FIRINGS_SHOWN)
    return {**_document(schedule), "firings": [_firing_document(services, caller, firing) for firing in firings]}


def delete_schedule(services: Services, caller: Caller, name: str) -> Document:
    """Delete a schedule: it fires no more, its jobs go on. Raises NotAllowed or ScheduleNotFound."""
    caller.must_be(Role.ADMIN, "delete schedules")
    if not (_is_name(name) and services.schedules.delete(caller.tenant, name)):
        raise ScheduleNotFound(f"there is no schedule {name!r}")
    return {"name": name, "deleted": True}


def _is_name(text: str) -> bool:
    """Whether it can be a schedule's name; a text that cannot never reaches a key."""
    try:
        SCHEDULE_NAME.validate_python(text)
    except ValidationError:
        return False
    return True


def _document(schedule: Schedule) -> Document:
    return {
        "name": schedule.name,
        "template": schedule.template,
        "expression": schedule.expression,
        "zone": schedule.zone,
        "prefix": schedule.prefix,
        "upload_to": scheduled_prefix(schedule.tenant, schedule.prefix),
        "mode": schedule.mode,
        "priority": schedule.priority,
        "force": schedule.force,
        "enabled": schedule.enabled,
        "actor": schedule.actor,
        "created_at": moment(schedule.created_at),
        "updated_at": moment(schedule.updated_at),
    }


def _firing_document(services: Services, caller: Caller, firing: Firing) -> Document:
    try:
        status = services.jobs.get(caller.tenant, firing.job_id).status
    except JobNotFound:
        # It has fired this moment, and its job is still to be made.
        status = None
    return {"instant": moment(firing.instant), "job_id": firing.job_id, "status": status}
