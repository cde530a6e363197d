"""Reading and checking a file on this machine, by the code that ValidateUpload runs, and writing what it finds."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import orjson

from cli.offline_report import KIND_OF, CheckedFile, CheckedPart, check_name, report
from cli.outcome import Document
from cli.output_files import DocumentsFile, OutputFile
from cli.sources import open_source
from longshore.domain.counts import total
from longshore.domain.job import Mode, Reason
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.rows.masking import sensitive_fields
from longshore.domain.status import JobStatus
from longshore.domain.templates.header_matching import Confirmed
from longshore.domain.templates.template import Template
from longshore.errors import FileRejected
from longshore.readers.reader import PartSource
from longshore.readers.upload import Upload
from longshore.readers.validation import Validation, count_rows, plan_part, validate
from longshore.settings import Settings
from longshore.steps.api_view import question_document

SAMPLE_ERRORS = 20
"""How many errors are shown; --rejects writes all of them."""

EMPTY_REPORT = {"errors": 0, "rejected_sample": []}
"""Of a file that could not be read: what was found before that does not count."""

TENANT = "demo"
"""Part of each record's key, whose length is limited; the one that a `longshore up` has."""


@dataclass
class Findings:
    """A Sink: counts and samples the errors, and writes rows and errors where they are wanted."""

    rows_file: DocumentsFile | None = None
    rejects_file: DocumentsFile | None = None
    spool: BinaryIO | None = None
    sample: list[dict[str, object]] = field(default_factory=list)
    errors: int = 0

    def rows(self, batch: dict[str, Any], _raw: list[str]) -> None:
        """Take accepted rows."""
        if self.rows_file:
            for row, line, *values in batch["rows"]:
                data = dict(zip(batch["fields"], values, strict=True))
                self.rows_file.write({"row": row, "line": line, "data": data})

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        """Take row errors."""
        self.sample += rejects[: SAMPLE_ERRORS - len(self.sample)]
        self.errors += len(rejects)
        for error in rejects:
            if self.rejects_file:
                self.rejects_file.write(error)
            if self.spool:
                self.spool.write(orjson.dumps(error) + b"\n")

    def originals(self, _originals: dict[str, object]) -> None:
        """Keep no sensitive cells: whoever has the file has them."""


def check(
    path: Path, template: Template, confirmed: Confirmed, rows: Path | None, rejects: Path | None, max_bytes: int
) -> Document:
    """Check a file and return it as the job that it would be: status, counts, reason, parse plan, first errors.

    Where it asks what columns are, no row is checked, as in an import; `confirmed` is what is known of them. Rows are
    written unless the file is refused; rejects also where there are too many of them. Raises UsageProblem where a file
    cannot be opened.
    """
    as_report = rejects if rejects and rejects.suffix in KIND_OF else None
    with ExitStack() as files:
        stream = files.enter_context(open_source(path))
        findings = Findings(
            rows_file=files.enter_context(DocumentsFile(rows)) if rows else None,
            rejects_file=files.enter_context(DocumentsFile(rejects)) if rejects and not as_report else None,
            spool=files.enter_context(TemporaryFile()) if as_report else None,
        )
        try:
            checked = _checked(stream, template, confirmed, findings, max_bytes)
        except FileRejected as refusal:
            return _document(path, template, [], Reason(refusal.code, str(refusal), refusal.detail), findings)
        if any(part.plan.questions for part in checked.parts):
            return _document(path, template, checked.parts, None, findings)
        reason = next((part.result.refused for part in checked.parts if part.result.refused), None)
        if findings.rows_file and not reason:
            findings.rows_file.keep()
        if findings.rejects_file:
            findings.rejects_file.keep()
        if as_report and findings.spool:
            check_name(as_report, checked.parts)
            report(path, template, checked, findings.spool, files.enter_context(OutputFile(as_report)))
        return _document(path, template, checked.parts, reason, findings)


def _checked(
    stream: BinaryIO, template: Template, confirmed: Confirmed, findings: Findings, max_bytes: int
) -> CheckedFile:
    with Upload(stream, template.file, max_bytes) as upload:
        planned = [(source, plan_part(source, template, confirmed)) for source in upload.parts]
        asks = any(plan.questions for _, plan in planned)
        parts = []
        for source, plan in planned:
            before = findings.errors
            if asks:
                result = Validation(count_rows(source, plan), 0, None, [])
            else:
                result = _validated(source, plan, template, findings)
            parts.append(CheckedPart(source.name, plan, result, findings.errors - before))
        return CheckedFile(parts, upload.sha256, upload.size)


def _validated(source: PartSource, plan: ParsePlan, template: Template, findings: Findings) -> Validation:
    return validate(
        source,
        plan,
        template,
        tenant=TENANT,
        at=datetime.now(UTC),
        batch_rows=Settings.batch_rows,
        sink=findings,
    )


def _document(
    path: Path, template: Template, parts: list[CheckedPart], reason: Reason | None, findings: Findings
) -> Document:
    return {
        "job_id": None,
        "status": JobStatus.REJECTED if reason else JobStatus.VALIDATED,
        "counts": total(part.result.counts for part in parts).as_dict(),
        "template": template.name,
        "file_name": path.name,
        "reason": asdict(reason) if reason else None,
        "questions": sum(len(part.plan.questions) for part in parts),
        "parts": [_part_document(number, part, template) for number, part in enumerate(parts)],
        "report": {"errors": findings.errors, "rejected_sample": findings.sample} if parts else EMPTY_REPORT,
        "not_checked": not_checked(template, [part.plan for part in parts]),
    }


def _part_document(number: int, part: CheckedPart, template: Template) -> Document:
    return {
        "part": number,
        "name": part.name,
        "record_type": template.record_type,
        "template": template.name,
        "plan": part.plan.as_dict(),
        "batches": part.result.batches,
        "counts": part.result.counts.as_dict(),
        "questions": [question_document(question) for question in part.plan.questions],
        "warnings": part.result.warnings,
    }


def not_checked(template: Template, plans: Sequence[ParsePlan] = ()) -> list[str]:
    """Return what only a Longshore with its records can tell."""
    unknown = ["whether the same content was imported before (DUPLICATE_FILE)"]
    if template.mode is Mode.INSERT:
        unknown.append("whether records of these keys exist already (RECORD_EXISTS)")
    if template.refers_to:
        unknown.append(f"whether the records referred to exist: {', '.join(template.refers_to)} (REFERENCE_MISSING)")
    if template.rule_function:
        unknown.append(f"what {template.rule_function.function} says of the rows (RULE_FUNCTION)")
    if sensitive_fields(template) and any(plan.is_report for plan in plans):
        unknown.append("what masked cells stand for (MASKED_VALUE_GONE)")
    return unknown
