"""Every error that may leave a step, and what the caller should do about it.

    LongshoreError
    ├── Retryable                  the same call may succeed later
    │   ├── ClaimHeld              another worker holds the batch (or the validation) until its deadline
    │   ├── ClaimsOutstanding      a run cannot end yet: a claim of it has not passed its deadline
    │   ├── StaleItem              an item changed between our read and our conditional write
    │   └── ServiceUnavailable     AWS throttled us, timed out or failed inside
    └── Permanent                  the same call will fail again
        ├── InvalidRequest         the caller sent something that cannot be done as it stands
        │   ├── InvalidTemplate    a template document breaks its rules
        │   └── IdempotencyMismatch  an Idempotency-Key was used before with another body
        ├── NotFound               the named thing does not exist for this tenant
        │   ├── JobNotFound
        │   ├── TemplateNotFound
        │   └── ScheduleNotFound
        ├── NotAllowed             the role of the caller does not allow it
        ├── AlreadyExists          a conditional create met an existing item
        ├── TransitionRefused      the job's status does not allow the change
        ├── FileRejected           the file cannot be read as the template says
        ├── RuleFunctionFailed     a tenant's rule function did not judge the rows that it was asked about
        ├── DataGone               an object of the data bucket is no longer there, or no longer as it was written
        └── UnexpectedFailure      a defect, or an answer of AWS that nobody foresaw

The class names are a contract: statemachines/*.asl.json lists the retryable ones by name in its Retry fields, because
Step Functions matches error names exactly and knows nothing of inheritance. A test holds the two together.
"""

from collections.abc import Mapping


class LongshoreError(Exception):
    """Anything that Longshore raises on purpose; `str()` of it is one line for a person."""


class Retryable(LongshoreError):
    """The same call may succeed later."""


class ClaimHeld(Retryable):
    """Somebody else holds the claim; `until` is its deadline in epoch milliseconds."""

    def __init__(self, what: str, until: int) -> None:
        super().__init__(f"{what} is claimed until {until} (epoch ms)")
        self.until = until


class ClaimsOutstanding(Retryable):
    """A run cannot end before `until` (epoch milliseconds): a worker of it may still be writing."""

    def __init__(self, what: str, until: int) -> None:
        super().__init__(f"{what} has claims outstanding until {until} (epoch ms)")
        self.until = until


class StaleItem(Retryable):
    """An item changed between our read and our conditional write; read again and decide again."""


class ServiceUnavailable(Retryable):
    """AWS throttled the call, timed out or failed inside."""


class Permanent(LongshoreError):
    """The same call will fail again."""


class InvalidRequest(Permanent):
    """The request cannot be done as it stands; the message says what to change."""


class InvalidTemplate(InvalidRequest):
    """A template document breaks its rules; the message names the field and the rule."""


class IdempotencyMismatch(InvalidRequest):
    """The Idempotency-Key was used before with another body."""


class NotFound(Permanent):
    """The named thing does not exist for this tenant."""


class JobNotFound(NotFound):
    """No job of this id exists for this tenant."""


class TemplateNotFound(NotFound):
    """No template of this name (and version) exists for this tenant."""


class ScheduleNotFound(NotFound):
    """No schedule of this name exists for this tenant."""


class NotAllowed(Permanent):
    """The role of the caller does not allow the action."""


class AlreadyExists(Permanent):
    """A conditional create met an existing item."""


class TransitionRefused(Permanent):
    """The job's status does not allow the change."""


class FileRejected(Permanent):
    """The file cannot be read as the template says: a code of the catalogue, and one line for a person."""

    def __init__(self, code: str, message: str, detail: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.detail = dict(detail or {})


class RuleFunctionFailed(Permanent):
    """A tenant's rule function did not judge the rows that it was asked about.

    `problem` goes on from the function's name ("did not answer within 10 s"); `said` is what the function itself said
    of it, which may quote a row.
    """

    def __init__(self, function: str, problem: str, said: str = "") -> None:
        super().__init__(f"the rule function {function} {problem}")
        self.function = function
        self.problem = problem
        self.said = said


class DataGone(Permanent):
    """An object of the data bucket is no longer there, or no longer as it was written."""


class UnexpectedFailure(Permanent):
    """A defect, or an answer of AWS that nobody foresaw."""
