"""How a job is shown: the document that the API and `longshore --json` answer with (design section 13)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from longshore.domain.counts import Counts, total
from longshore.domain.job import Batch, Job, Part
from longshore.domain.parse_plan import Question
from longshore.domain.status import RUNNING

Document = dict[str, object]


def moment(at: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def job_summary(job: Job) -> Document:
    """Return a job as it stands in its item: what a list shows."""
    return {
        "job_id": job.job_id,
        "status": job.status,
        "counts": job.counts.as_dict(),
        "template": job.template,
        "template_version": job.template_version or None,
        "file_name": job.file_name,
        "mode": job.mode,
        "priority": job.priority,
        "force": job.force,
        "preview": job.preview,
        "questions": job.questions,
        "actor": job.actor,
        "run": job.run,
        "reason": asdict(job.reason) if job.reason else None,
        "created_at": moment(job.created_at),
        "updated_at": moment(job.updated_at),
        "start_at": moment(job.not_before),
        "queued_at": moment(job.queued_at),
        "started_at": moment(job.started_at),
        "ended_at": moment(job.ended_at),
    }


def job_document(
    job: Job, parts: Sequence[Part], batches: Sequence[Batch], questions: Mapping[int, Sequence[Question]]
) -> Document:
    """Return a job with its parts; while a run is on, its counts are the sum over the batches as they stand.

    The totals of a running job are not in its item: workers never write it (design section 6). `questions` are the
    open ones, by part.
    """
    by_part = {part.number: _part_counts(part, [b for b in batches if b.part == part.number]) for part in parts}
    counts = total(by_part.values()) if job.status in RUNNING else job.counts
    return {
        **job_summary(job),
        "counts": counts.as_dict(),
        "questions": sum(map(len, questions.values())),
        "parts": [_part_document(part, by_part[part.number], questions.get(part.number, ())) for part in parts],
        "report": None,
    }


def _part_counts(part: Part, batches: Sequence[Batch]) -> Counts:
    if not batches:
        return part.counts
    rejected_before_loading = Counts(rows=part.counts.rejected, rejected=part.counts.rejected)
    return total([rejected_before_loading, *(batch.standing for batch in batches)])


def _part_document(part: Part, counts: Counts, questions: Sequence[Question]) -> Document:
    return {
        "part": part.number,
        "name": part.name,
        "record_type": part.record_type,
        "template": part.template,
        "template_version": part.template_version,
        "plan": part.plan,
        "mode": part.mode,
        "level": part.level,
        "warnings": list(part.warnings),
        "batches": part.batches,
        "counts": counts.as_dict(),
        "questions": [question_document(question) for question in questions],
    }


def question_document(question: Question) -> Document:
    """Return a question about a column: what it may be, best first; the answer may be any other field, or null."""
    candidates = [{"field": field, "score": score} for field, score in question.candidates]
    return {"position": question.position, "header": question.header, "candidates": candidates}
