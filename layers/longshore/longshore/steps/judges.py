"""Who judges the rows of a job: references to records, and the rule functions of its tenant."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from tempfile import TemporaryFile
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, Self

import orjson

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed
from longshore.domain.cells.columns import Fault
from longshore.domain.job import Job
from longshore.domain.rows.judging import Judge, Ruling, SoundRows
from longshore.domain.rows.part_keys import PartKeys
from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.domain.templates.rule_function import foreign
from longshore.domain.templates.template import Template
from longshore.readers.job_keys import JobKeys
from longshore.readers.part_templates import Pinned
from longshore.readers.validation import Sink
from longshore.steps.ports import Clock
from longshore.steps.record_port import KnownKeys
from longshore.steps.rule_function_port import RuleFunctions

if TYPE_CHECKING:
    from longshore.steps.reference_keys import ReferenceKeys, SelfReferences


class Witnesses(Protocol):
    """What judges ask outside of the file; of ports.Services, or of whoever reads a file without them."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def records(self) -> KnownKeys:
        """The records that exist."""

    @property
    def rule_functions(self) -> RuleFunctions:
        """Lambdas of the tenant."""


class Judges:
    """The judges of every part of a job, made as its templates need them; use as a context manager.

    A record type that refers to itself is read twice: `survey` each part of it and then `settle`, before any row of it
    is judged for good. Other parts are judged after those that they refer to.
    """

    def __init__(self, job: Job, templates: Sequence[Template], services: Witnesses) -> None:
        self._job = job
        self._services = services
        self._templates = templates
        self._files = ExitStack()
        self._surveyed: dict[str, SelfReferences] = {}
        self._surveyed_keys = self._files.enter_context(JobKeys())
        self._remembered: dict[int, list[Remembered]] = {}
        self._referred_to = {name for template in templates for name in template.refers_to}
        if self._referred_to:
            # Not before somebody refers to something: a cold start has no use for a database.
            from longshore.steps import reference_keys, references

            self._accepted = self._files.enter_context(reference_keys.ReferenceKeys())
            self._known = references.KnownRecords(job.tenant, self._accepted, services.records)

    def read_twice(self, record_type: str) -> bool:
        """Whether rows of the record type refer to others of it, which may come later."""
        return any(record_type == t.record_type and record_type in t.refers_to for t in self._templates)

    def survey(self, part: int, name: str, pinned: Pinned) -> "Survey":
        """Begin the first reading of a part of a record type that is read twice; `name` is the part's."""
        from longshore.steps.reference_keys import SelfReferences

        record_type = pinned.template.record_type
        if record_type not in self._surveyed:
            self._surveyed[record_type] = self._files.enter_context(SelfReferences())
        self._remembered[part] = [
            Remembered(judge, self._files.enter_context(TemporaryFile()))  # noqa: SIM115
            for judge in self._others(part, pinned)
        ]
        keys = self._surveyed_keys.of(record_type, name)
        return Survey(self._surveyed[record_type], pinned.template, self._remembered[part], keys)

    def settle(self) -> None:
        """Find out which rows of what was surveyed may be referred to; all parts of it are surveyed."""
        for record_type in list(self._surveyed):
            with self._surveyed.pop(record_type) as rows:
                existing = partial(self._known.existing, record_type)
                self._accepted.add(record_type, rows.settled(existing))

    def of(self, part: int, pinned: Pinned) -> list[Judge]:
        """Return the judges of a part; what one said when the part was surveyed holds, and it is not asked again."""
        template = pinned.template
        surveyed = self._remembered.pop(part, None)
        judges = self._others(part, pinned) if surveyed is None else [judge.again() for judge in surveyed]
        return judges + self._references(template, to_itself=True)

    def noting(self, template: Template, sink: Sink) -> Sink:
        """Return a sink that keeps the keys of accepted rows, where rows of later parts refer to them."""
        if template.record_type not in self._referred_to or self.read_twice(template.record_type):
            return sink
        return Noting(self._accepted, template, sink)

    def _others(self, part: int, pinned: Pinned) -> list[Judge]:
        """Return the judges that need to know nothing of the other rows of the record type."""
        judges = self._references(pinned.template, to_itself=False)
        if rule := pinned.template.rule_function:
            from longshore.steps.rule_judge import RuleFunctionJudge

            functions = self._services.rule_functions
            judges.append(RuleFunctionJudge(self._job, part, pinned, rule, functions, self._services.clock))
        return judges

    def _references(self, template: Template, *, to_itself: bool) -> list[Judge]:
        fields = {
            field.name: field.references
            for field in template.fields
            if field.references and (field.references == template.record_type) is to_itself
        }
        if not fields:
            return []
        from longshore.steps.references import References

        return [References(fields, self._known)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._files.close()


class Survey:
    """The sink of a part's first reading, which takes nothing but what refers to what; and what to read it with."""

    def __init__(
        self, references: "SelfReferences", template: Template, judges: Sequence[Judge], keys: PartKeys
    ) -> None:
        self.judges = judges
        self.keys = keys
        self._references = references
        self._key = template.key[0]
        self._fields = {field.name for field in template.fields if field.references == template.record_type}

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        """Take the keys of accepted rows, and those that they refer to."""
        values = dict(zip(batch.fields, batch.rows.columns, strict=True))
        referring = [column for name, column in values.items() if name in self._fields]
        keys = list(map(str, values[self._key]))
        referred_to = zip(*referring, strict=True) if referring else [()] * len(keys)
        self._references.add([(key, set(others) - {None}) for key, others in zip(keys, referred_to, strict=True)])

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        """Take nothing."""

    def originals(self, originals: dict[str, object]) -> None:
        """Take nothing."""


class Noting:
    """A sink that keeps the keys of accepted rows, and hands everything on."""

    def __init__(self, accepted: "ReferenceKeys", template: Template, sink: Sink) -> None:
        self._accepted = accepted
        self._template = template
        self._sink = sink
        self.rejects, self.originals = sink.rejects, sink.originals

    def rows(self, batch: RowBatch, raw: RawTexts) -> None:
        """Keep the keys of a batch."""
        keys = batch.rows.columns[batch.fields.index(self._template.key[0])]
        self._accepted.add(self._template.record_type, list(map(str, keys)))
        self._sink.rows(batch, raw)


class Remembered:
    """A judge that is asked in the first reading of a part, and in the second one says the same again."""

    def __init__(self, judge: Judge, file: BinaryIO) -> None:
        self._judge = judge
        self._file = file

    def judge(self, rows: SoundRows) -> list[Ruling]:
        """Ask, and write down what was said."""
        rulings = sorted(self._judge.judge(rows), key=lambda ruling: ruling.at)
        for at, field, fault in rulings:
            self._file.write(orjson.dumps([rows.rows[at], field, fault.code, fault.data]) + b"\n")
        return rulings

    def again(self) -> "Repeating":
        """Return the judge of the second reading."""
        self._file.seek(0)
        return Repeating(map(orjson.loads, self._file))


class Repeating:
    """Says of each row what was said of it before; the rows come in the same order."""

    def __init__(self, said: Iterator[Any]) -> None:
        self._said = said
        self._next = next(said, None)

    def judge(self, rows: SoundRows) -> Iterator[Ruling]:
        """Repeat what was said of these rows, wherever the chunks begin and end this time."""
        positions = {row: at for at, row in enumerate(rows.rows)}
        while self._next and self._next[0] <= rows.rows[-1]:
            row, field, code, data = self._next
            yield Ruling(positions[row], field, Fault(code, data))
            self._next = next(self._said, None)


def refuse_what_cannot_be_judged(tenant: str, templates: Sequence[Template]) -> None:
    """Raise FileRejected for a rule function of somebody else, and for a reference to a key of several fields."""
    composite = {template.record_type for template in templates if len(template.key) > 1}
    for template in templates:
        if problem := foreign(template, tenant):
            raise file_rejected("RULE_FUNCTION_NOT_YOURS", problem=problem)
        for record_type in sorted(composite.intersection(template.refers_to)):
            fields = listed([field.name for field in template.fields if field.references == record_type])
            raise file_rejected("COMPOSITE_REFERENCE", fields=fields, template=template.name, record_type=record_type)
