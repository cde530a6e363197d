"""Judges are asked about sound rows only, and what they say are errors like any other."""

import io

from longshore.domain.cells.columns import Fault
from longshore.domain.rows.judging import Ruling
from longshore.domain.templates.template import parse_template
from longshore.readers.upload import Upload
from longshore.readers.validation import plan_part, validate
from longshore.steps.judges import Remembered
from tests.unit.one_part import AT
from tests.unit.test_validation import Kept

DOCUMENT = {
    "name": "t",
    "record_type": "t",
    "key": ["id"],
    "max_rejected_percent": 100,
    "fields": [
        {"name": "id", "required": True},
        {"name": "n", "type": "integer"},
        {"name": "secret", "sensitive": True},
    ],
}


class KeptWithoutOriginals(Kept):
    """A sink for a template with a sensitive field."""

    def originals(self, originals):
        assert originals["rows"]


class Refusing:
    """Refuses the rows of some ids, and remembers what it was asked."""

    def __init__(self, refused, field="n"):
        self.refused, self.field, self.asked = refused, field, []

    def judge(self, rows):
        self.asked += list(zip(rows.rows, rows.lines, *rows.values.values(), strict=True))
        for at, key in enumerate(rows.values["id"]):
            if key in self.refused:
                yield Ruling(at, self.field, Fault("RULE_FUNCTION", {"function": "f", "message": f"no {key}"}))


def checked(data, judges):
    kept = KeptWithoutOriginals()
    template = parse_template(DOCUMENT)
    with Upload(io.BytesIO(data.encode()), template.file, 10**6) as upload:
        (part,) = upload.parts
        plan = plan_part(part, template)
        result = validate(part, plan, template, tenant="demo", at=AT, batch_rows=2, sink=kept, judges=judges)
    return result, kept


def errors(kept):
    return [(e["row"], e["field"], e["column"], e["message"]) for member in kept.members for e in member]


def test_only_rows_without_a_fault_are_judged_and_all_judges_see_the_same():
    first, second = Refusing({"a"}), Refusing({"a", "c"}, None)
    result, kept = checked("id,n,secret\na,1,x\nb,no,y\nc,3,\n", [first, second])
    assert first.asked == second.asked == [(1, 2, "a", 1, "x"), (3, 4, "c", 3, None)]
    assert errors(kept) == [
        (1, None, None, "f: no a"),
        (1, "n", 2, "f: no a"),
        (2, "n", 2, "n: 'no' is not an integer; write digits only, with a sign if needed"),
        (3, None, None, "f: no c"),
    ]
    assert (result.counts.rejected, result.counts.unprocessed) == (3, 0)


def test_what_is_said_of_a_sensitive_field_is_masked():
    _, kept = checked("id,n,secret\na,1,x\n", [Refusing({"a"}, "secret")])
    assert errors(kept) == [(1, "secret", 3, "f: •••••")]


def test_a_field_that_the_file_lacks_is_the_whole_row():
    _, kept = checked("id,n\na,1\n", [Refusing({"a"}, "secret")])
    assert errors(kept) == [(1, None, None, "f: no a")]


def test_a_judge_that_is_remembered_says_the_same_again_whatever_the_chunks():
    inner = Refusing({"5", "700"})
    judge = Remembered(inner, io.BytesIO())
    data = "id,n,secret\n" + "".join(f"{n},{n},\n" for n in range(1, 1001))
    _, first = checked(data, [judge])
    _, second = checked(data, [judge.again()])
    assert len(inner.asked) == 1000
    assert first.members == second.members
    assert [row for row, *_ in errors(second)] == [5, 700]
