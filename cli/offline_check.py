"""Reading and checking a file on this machine, by the code that ValidateUpload runs, and writing what it finds."""

from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import orjson

from cli.not_checked import not_checked
from cli.offline_parts import read_parts
from cli.offline_report import KIND_OF, CheckedFile, CheckedPart, check_name, report
from cli.outcome import Document
from cli.output_files import DocumentsFile, OutputFile
from cli.template_shelf import TemplateShelf
from longshore.domain.counts import total
from longshore.domain.job import Reason
from longshore.domain.rows.raw_texts import RawTexts
from longshore.domain.rows.row_batch import RowBatch
from longshore.domain.status import JobStatus
from longshore.errors import FileRejected
from longshore.steps.api_view import question_document

SAMPLE_ERRORS = 20
"""How many errors are shown; --rejects writes all of them."""

EMPTY_REPORT = {"errors": 0, "rejected_sample": []}
"""Of a file that could not be read: what was found before that does not count."""


@dataclass
class Findings:
    """A Sink: counts and samples the errors, and writes rows and errors where they are wanted."""

    rows_file: DocumentsFile | None = None
    rejects_file: DocumentsFile | None = None
    spool: BinaryIO | None = None
    sample: list[dict[str, object]] = field(default_factory=list)
    errors: int = 0
    _place: dict[str, str] = field(default_factory=dict)
    _written: int = 0

    def begin(self, name: str, record_type: str) -> int:
        """Let what follows be of this part, and name it there if it has a name; return where its errors begin."""
        self._place = {"part": name, "record_type": record_type} if name else {}
        return self._written

    def rows(self, batch: RowBatch, _raw: RawTexts) -> None:
        """Take accepted rows."""
        if self.rows_file:
            for row, line, *values in batch.rows:
                data = dict(zip(batch.fields, values, strict=True))
                self.rows_file.write({**self._place, "row": row, "line": line, "data": data})

    def rejects(self, rejects: list[dict[str, object]]) -> None:
        """Take row errors."""
        rejects = [{**self._place, **error} for error in rejects]
        self.sample += rejects[: SAMPLE_ERRORS - len(self.sample)]
        self.errors += len(rejects)
        for error in rejects:
            if self.rejects_file:
                self.rejects_file.write(error)
            if self.spool:
                self._written += self.spool.write(orjson.dumps(error) + b"\n")

    def originals(self, _originals: dict[str, object]) -> None:
        """Keep no sensitive cells: whoever has the file has them."""


def check(path: Path, shelf: TemplateShelf, rows: Path | None, rejects: Path | None, max_bytes: int) -> Document:
    """Check a file and return it as the job that it would be: status, counts, reason, parse plan, first errors.

    Where it asks what columns are, no row is checked, as in an import. Rows are written unless the file is refused;
    rejects also where there are too many of them. Raises UsageProblem where a file cannot be opened.
    """
    as_report = rejects if rejects and rejects.suffix in KIND_OF else None
    with ExitStack() as files:
        findings = Findings(
            rows_file=files.enter_context(DocumentsFile(rows)) if rows else None,
            rejects_file=files.enter_context(DocumentsFile(rejects)) if rejects and not as_report else None,
            spool=files.enter_context(TemporaryFile()) if as_report else None,
        )
        try:
            checked = read_parts(path, shelf, findings, max_bytes)
        except FileRejected as refusal:
            return _document(path, shelf, None, Reason(refusal.code, str(refusal), refusal.detail), findings)
        if any(part.plan.questions for part in checked.parts):
            return _document(path, shelf, checked, None, findings)
        reason = next((_reason(part) for part in checked.parts if part.result.refused), None)
        if findings.rows_file and not reason:
            findings.rows_file.keep()
        if findings.rejects_file:
            findings.rejects_file.keep()
        if as_report and findings.spool:
            check_name(as_report, checked.parts)
            out = files.enter_context(OutputFile(as_report))
            report(path, shelf.main.template.file, checked, findings.spool, out)
        return _document(path, shelf, checked, reason, findings)


def _reason(part: CheckedPart) -> Reason | None:
    """Return why a part is refused, named as in an import."""
    refused = part.result.refused
    return replace(refused, message=f"{part.name}: {refused.message}") if refused and part.name else refused


def _document(
    path: Path, shelf: TemplateShelf, checked: CheckedFile | None, reason: Reason | None, findings: Findings
) -> Document:
    parts = checked.parts if checked else []
    main = shelf.main.template
    return {
        "job_id": None,
        "status": JobStatus.REJECTED if reason else JobStatus.VALIDATED,
        "counts": total(part.result.counts for part in parts).as_dict(),
        "template": main.name,
        "file_name": path.name,
        "reason": asdict(reason) if reason else None,
        "questions": sum(len(part.plan.questions) for part in parts),
        "parts": list(map(_part_document, parts)),
        "report": {"errors": findings.errors, "rejected_sample": findings.sample} if parts else EMPTY_REPORT,
        "not_checked": not_checked(main, checked),
    }


def _part_document(part: CheckedPart) -> Document:
    return {
        "part": part.number,
        "name": part.name,
        "record_type": part.template.record_type,
        "template": part.template.name,
        "plan": part.plan.as_dict(),
        "batches": part.result.batches,
        "counts": part.result.counts.as_dict(),
        "questions": [question_document(question) for question in part.plan.questions],
        "warnings": part.result.warnings,
    }
