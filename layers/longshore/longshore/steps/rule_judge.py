"""A tenant's own rule: its function is asked about rows, chunk by chunk, and its answers are held to their form."""

from collections.abc import Iterator

import orjson
from pydantic import ValidationError

from longshore.domain.cells.columns import Fault
from longshore.domain.job import Job
from longshore.domain.rows.judging import Ruling, SoundRows
from longshore.domain.rows.mask import MASK
from longshore.domain.rows.sensitive_paths import sensitive_fields
from longshore.domain.templates.template import RuleFunction
from longshore.errors import RuleFunctionFailed
from longshore.messages import RuleAnswer, RuleError, RuleRequest, RuleRow
from longshore.readers.part_templates import Pinned
from longshore.steps.ports import Clock
from longshore.steps.rule_function_port import RuleFunctions

ROWS = 1000
"""Most rows of one call."""

PAYLOAD_BYTES = 5 * 1024 * 1024
"""Most bytes of one call; Lambda takes 6 MB (AWS Lambda developer guide, "Lambda quotas", invocation payload)."""

MESSAGE_LIMIT = 200
"""How many characters of a function's text are kept."""

SPARE_MS = 10_000
"""What is left of the validation's time when no further call is begun: for its end to be written down."""


class RuleFunctionJudge:
    """The judge of one part. `job.claimed_until` is when its validation is ended by force."""

    def __init__(
        self, job: Job, part: int, pinned: Pinned, rule: RuleFunction, functions: RuleFunctions, clock: Clock
    ) -> None:
        self._job, self._part, self._pinned, self._rule = job, part, pinned, rule
        self._functions = functions
        self._clock = clock
        self._fields = {field.name for field in pinned.template.fields}
        self._sensitive = sensitive_fields(pinned.template)

    def judge(self, rows: SoundRows) -> Iterator[Ruling]:
        """Ask the function about these rows; raises RuleFunctionFailed where it does not judge them."""
        names = list(rows.values)
        records = zip(rows.rows, rows.lines, zip(*rows.values.values(), strict=True), strict=True)
        asked: list[RuleRow] = [
            {"row": row, "line": line, "data": dict(zip(names, values, strict=True))} for row, line, values in records
        ]
        positions = {row: at for at, row in enumerate(rows.rows)}
        for start in range(0, len(asked), ROWS):
            for some, payload in self._payloads(asked[start : start + ROWS]):
                of_row = {row["row"]: row for row in some}
                for error in self._answer(payload):
                    yield self._ruling(error, of_row.get(error.row), positions)

    def _payloads(self, rows: list[RuleRow]) -> Iterator[tuple[list[RuleRow], bytes]]:
        request: RuleRequest = {
            "version": 1,
            "tenant": self._job.tenant,
            "job_id": self._job.job_id,
            "template": self._pinned.template.name,
            "template_version": self._pinned.version,
            "part": self._part,
            "rows": rows,
        }
        payload = orjson.dumps(request)
        if len(payload) <= PAYLOAD_BYTES or len(rows) == 1:
            yield rows, payload
            return
        half = len(rows) // 2
        yield from self._payloads(rows[:half])
        yield from self._payloads(rows[half:])

    def _answer(self, payload: bytes) -> list[RuleError]:
        left = self._job.claimed_until - self._clock().timestamp() * 1000
        if left < self._rule.timeout_seconds * 1000 + SPARE_MS:
            raise self._failed("left no time to read the file to its end; make it faster, or split the file")
        try:
            content = self._functions.call(self._rule.function, payload, self._rule.timeout_seconds)
        except RuleFunctionFailed as failure:
            raise self._failed(failure.problem, failure.said) from failure
        try:
            return RuleAnswer.model_validate_json(content).errors
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = "/".join(map(str, first["loc"])) or "the answer"
            raise self._failed(
                'did not answer {"errors": [{"row", "field", "message"}]}', f"{place}: {first['msg']}"
            ) from None

    def _ruling(self, error: RuleError, row: RuleRow | None, positions: dict[int, int]) -> Ruling:
        if row is None:
            raise self._failed(f"answered about row {error.row}, which it was not asked about")
        if error.field is not None and error.field not in self._fields:
            raise self._failed("answered about a field that the template does not have", error.field)
        message = error.message
        for name in self._sensitive:
            if (value := row["data"].get(name)) is not None:
                message = message.replace(str(value), MASK)
        data = {"function": self._rule.function, "message": one_line(message) or "refused without a message"}
        return Ruling(positions[error.row], error.field, Fault("RULE_FUNCTION", data))

    def _failed(self, problem: str, said: str = "") -> RuleFunctionFailed:
        """Quote the function only where no sensitive value can be in its words."""
        quoted = "" if self._sensitive else one_line(said)
        return RuleFunctionFailed(self._rule.function, f"{problem}: {quoted}" if quoted else problem)


def one_line(text: str) -> str:
    """Return a text of somebody else's on one line, without control characters, and cut."""
    words = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * MESSAGE_LIMIT]).split()
    line = " ".join(words)
    return line if len(line) <= MESSAGE_LIMIT else line[: MESSAGE_LIMIT - 1] + "…"
