"""A file of one part read and checked from beginning to end, as ValidateUpload and `longshore check` do it."""

from datetime import UTC, datetime
from types import SimpleNamespace

from longshore.readers.upload import Upload
from longshore.readers.validation import plan_part, validate

AT = datetime(2026, 3, 1, tzinfo=UTC)


def validated(stream, template, sink, *, tenant="demo", batch_rows=1000, max_bytes=10**9):
    """Return what became of the file: plan, counts, batches, refused, warnings, sha256 and size."""
    with Upload(stream, template.file, max_bytes) as upload:
        (part,) = upload.parts
        plan = plan_part(part, template)
        found = validate(part, plan, template, tenant=tenant, at=AT, batch_rows=batch_rows, sink=sink)
        return SimpleNamespace(plan=plan, sha256=upload.sha256, size=upload.size, **vars(found))
