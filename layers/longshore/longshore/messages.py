"""Everything that crosses a Lambda boundary: events, state machine payloads and bus messages."""

from datetime import datetime
from typing import Literal, TypedDict

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StrictStr, TypeAdapter

BUS_SOURCE = "longshore"


class Message(BaseModel):
    """A message is immutable; unknown fields are ignored, because senders are upgraded one at a time.

    Its validator is built when the first one is validated: a function needs few of all the messages.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, defer_build=True)


class EventBucket(Message):
    """The bucket of an S3 event."""

    name: str


class EventObject(Message):
    """The object of an S3 event; EventBridge does not URL-encode the key (S3 notifications do)."""

    key: str
    size: int = 0
    etag: str = ""
    version_id: str = Field(default="", alias="version-id")


class ObjectCreatedDetail(Message):
    """The `detail` of an "Object Created" event."""

    bucket: EventBucket
    object: EventObject


class ObjectCreated(Message):
    """ValidateUpload's event, as EventBridge delivers it: at least once, unordered, sometimes a minute late.

    Source: Amazon S3 user guide, "EventBridge event message structure".
    """

    id: str
    time: datetime
    detail: ObjectCreatedDetail


class ValidationRequest(Message):
    """ValidateUpload's other event: a job whose file is pinned already is to be read, for the first time or again."""

    tenant: str
    job_id: str


ValidationEvent: TypeAdapter[ObjectCreated | ValidationRequest] = TypeAdapter(
    ObjectCreated | ValidationRequest, config=ConfigDict(defer_build=True)
)
"""Whichever of its two events ValidateUpload was sent."""


class ReportRequest(Message):
    """MakeReport's event: the report of a job as it was at this version is to be made."""

    tenant: str
    job_id: str
    version: int
    format: Literal["csv", "xlsx"]


class ScheduleFired(Message):
    """RunSchedule's event, the input of an EventBridge Scheduler entry: at least once per instant, sometimes late."""

    tenant: str
    schedule: str
    instant: AwareDatetime


class JobQueued(Message):
    """A job of this tenant waits for its turn; wakes DispatchJobs."""

    detail_type: Literal["JobQueued"] = "JobQueued"
    tenant: str
    job_id: str


class RunEnded(Message):
    """A run of this tenant gave its slot, locks and workers back; wakes DispatchJobs."""

    detail_type: Literal["RunEnded"] = "RunEnded"
    tenant: str
    job_id: str
    run: int
    status: str


BusMessage = JobQueued | RunEnded


class DispatchDetail(Message):
    """What DispatchJobs reads of either bus message: whose queue to look at first."""

    tenant: str = ""


class DispatchRequest(Message):
    """DispatchJobs' event: a bus event, or `{}` from the minute's sweep for every tenant."""

    detail: DispatchDetail = DispatchDetail()


class Level(Message):
    """A manifest in the data bucket: a JSON array of BatchTask objects, the open batches of one level."""

    bucket: str
    key: str


class RunInput(Message):
    """The input of run_import; rebuilt the same at every start, so that a second start of a run is no second run."""

    tenant: str
    job_id: str
    run: int
    workers: int
    levels: list[Level]


class TurnWait(Message):
    """The input of await_turn: whose queue to look at again, in how many seconds."""

    tenant: str
    seconds: int


class BatchTask(Message):
    """LoadBatch's event: one item of a manifest, with the Map's execution adding nothing to it."""

    tenant: str
    job_id: str
    attempt: str
    part: int
    batch: int
    run: int


class RuleRow(TypedDict):
    """A row that a tenant's rule function is asked about: its values by field, None where there is none."""

    row: int
    line: int
    data: dict[str, object]


class RuleRequest(TypedDict):
    """The event of a tenant's rule function: some rows of a part that broke no other rule."""

    version: Literal[1]
    tenant: str
    job_id: str
    template: str
    template_version: int
    part: int
    rows: list[RuleRow]


class RuleError(Message):
    """What a rule function has against a row; `field` is None for the whole row."""

    row: StrictInt
    field: StrictStr | None = None
    message: StrictStr


class RuleAnswer(Message):
    """The answer of a rule function: all that it has against the rows; the others are accepted."""

    errors: list[RuleError]


class FinishRequest(Message):
    """FinishRun's event; `error` is what the run's Catch caught."""

    tenant: str
    job_id: str
    run: int
    error: dict[str, str] | None = None


class Done(Message):
    """The answer of every step: no data, so that no state of an execution grows with a job."""
