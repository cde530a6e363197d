"""Files checked, reported and imported again, without any AWS."""

import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace

from longshore.domain.templates.template import parse_template
from longshore.readers.reports.reject_report import write_report
from longshore.readers.reports.reject_rows import RejectedPart
from longshore.readers.upload import Upload
from longshore.readers.validation import plan_part, validate

AT = datetime(2026, 3, 1, tzinfo=UTC)
REFUSED = {"enum": ["\x01 no cell is this"], "required": True}


class Kept:
    """A Sink that keeps all: accepted rows as fields and values, errors, and the originals by row and field."""

    def __init__(self):
        self.accepted, self.errors, self.kept = [], [], {}

    def rows(self, batch, raw):
        self.accepted += [dict(zip(batch.fields, row[2:], strict=True)) for row in batch.rows]

    def rejects(self, rejects):
        self.errors += rejects

    def originals(self, originals):
        for row, *texts in originals["rows"]:
            self.kept[row] = dict(zip(originals["fields"], texts, strict=True))


def template(*columns, last=None, **changes):
    """A template of text fields f0, f1, …; `last` changes the last one."""
    fields = [{"name": f"f{at}", "column": column} for at, column in enumerate(columns)]
    fields[0]["required"] = True
    fields[-1] |= last or {}
    document = {"name": "t", "record_type": "t", "key": ["f0"], "fields": fields, "max_rejected_percent": 100}
    return parse_template(document | changes)


def run(data, a_template, originals=None):
    """Check a file of any number of parts; return a Kept, a plan and a name for each."""
    found = []
    with Upload(io.BytesIO(data), a_template.file, 10**9) as upload:
        for part, plan in [(part, plan_part(part, a_template)) for part in upload.parts]:
            kept = Kept()
            validate(part, plan, a_template, tenant="demo", at=AT, batch_rows=1000, sink=kept, originals=originals)
            found.append(SimpleNamespace(kept=kept, plan=plan, name=part.name))
    return found


def report(data, a_template, kind="csv", job_id="j1", originals=None):
    """Return the report of a file."""
    parts = [
        RejectedPart(number, part.name, part.plan, a_template, part.kept.errors)
        for number, part in enumerate(run(data, a_template, originals))
    ]
    out = io.BytesIO()
    with Upload(io.BytesIO(data), a_template.file, 10**9) as upload:
        write_report(upload.parts, parts, job_id, kind, out)
    return out.getvalue()


def again(data, a_template, originals=None):
    """Import the only part of a file; return what was accepted, blanks left out, after seeing that nothing else was."""
    (part,) = run(data, a_template, originals)
    assert part.kept.errors == []
    return [{name: value for name, value in row.items() if value is not None} for row in part.kept.accepted]


def as_csv(rows, delimiter=","):
    """Write rows as CSV with every cell in quotes."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()
