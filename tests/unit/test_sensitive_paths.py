"""Sensitive values inside of others: a column that shows one of them is hidden like its own."""

import pytest
from report_making import again, report, run, template

from longshore.domain.rows.mask import MASK
from longshore.domain.rows.sensitive_paths import sensitive_fields

JOB = "j" + "0" * 24
ID = {"name": "id", "type": "integer", "required": True}
SSN = {"name": "s", "column": "a.ssn", "sensitive": True}
NUMBER = {"name": "n", "type": "integer"}


def of(*fields, **changes):
    return template("id", fields=[ID, *fields, NUMBER], key=["id"], **changes)


def told(data, a_template):
    """Everything of a file that people see, after seeing that something was rejected."""
    parts = run(data, a_template)
    assert parts[0].kept.errors
    return "".join([str([part.kept.errors for part in parts]), report(data, a_template, job_id=JOB).decode()])


@pytest.mark.parametrize(
    ("fields", "record"),
    [
        ([SSN, {"name": "a", "type": "json"}], '{"id":1,"a":{"ssn":"SECRET1"},"n":"x"}'),
        ([SSN, {"name": "a", "type": "integer"}], '{"id":1,"a":{"ssn":"SECRET1"},"n":"x"}'),
        (
            [SSN, {"name": "b", "column": "B", "aliases": ["A"], "type": "json"}],
            '{"id":1,"A":{"ssn":"SECRET1"},"n":0.5}',
        ),
        (
            [{"name": "a", "type": "json", "sensitive": True}, {"name": "s", "column": "a.ssn", "type": "integer"}],
            '{"id":1,"a":{"ssn":"SECRET1"},"n":"x"}',
        ),
    ],
)
def test_what_holds_a_sensitive_value_or_lies_in_one_is_hidden(fields, record):
    shown = told(record.encode(), of(*fields))
    assert "SECRET1" not in shown
    assert MASK in shown


@pytest.mark.parametrize("policy", ["ignore", "keep"])
def test_a_column_of_an_array_where_the_sensitive_value_is_expected_in_an_object_is_hidden(policy):
    records = b'[{"id":1,"a":{"ssn":"7"},"b":"seen"},{"id":2,"a":[{"ssn":"SECRET1"}],"b":"seen","n":"x"}]'
    shown = told(records, of(SSN, unknown_columns=policy))
    assert "SECRET1" not in shown
    assert "seen" in shown


def test_fields_beside_a_sensitive_one_are_shown():
    a_template = of(SSN, {"name": "c", "column": "a.city"}, {"name": "t", "column": "a.ssnext"}, {"name": "as"})
    assert sensitive_fields(a_template) == {"s"}
    assert "Rome" in told(b'{"id":1,"a":{"ssn":"SECRET1","city":"Rome"},"n":"x"}', a_template)


def test_without_sensitive_fields_nothing_is_hidden():
    assert sensitive_fields(of({"name": "a"}, {"name": "s", "column": "a.ssn"})) == frozenset()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_masks_of_such_columns_take_their_originals(kind):
    data = b'[{"id":1,"a":{"ssn":"SECRET1"},"n":"x"},{"id":2,"a":[{"ssn":"SECRET2"}],"n":"x"}]'
    fields = [SSN, {"name": "a", "type": "json"}]
    strict = of(*fields, unknown_columns="ignore")
    (part,) = run(data, strict)
    kept = {f"{JOB}#0#{row}": texts for row, texts in part.kept.kept.items()}
    lenient = template("id", fields=[ID, *fields, {"name": "n"}], key=["id"], unknown_columns="ignore")
    assert again(report(data, strict, kind, JOB), lenient, lambda ids: kept) == [
        {"id": 1, "s": "SECRET1", "a": '{"ssn":"SECRET1"}', "n": "x"},
        {"id": 2, "a": '[{"ssn":"SECRET2"}]', "n": "x"},
    ]


@pytest.mark.parametrize("policy", ["ignore", "keep"])
def test_what_may_be_the_column_of_a_sensitive_field_is_hidden_in_reports_too(policy):
    data = b"id,Social,n\n1,SECRET1,x\n"
    a_template = of({"name": "ssn", "sensitive": True}, unknown_columns=policy)
    shown = told(data, a_template)
    assert "SECRET1" not in shown
    assert MASK in shown
    (part,) = run(data, a_template)
    made = report(data, a_template, job_id=JOB).replace(b",x,", b",7,")
    kept = {f"{JOB}#0#{row}": texts for row, texts in part.kept.kept.items()}
    extra = {"extra": {"Social": "SECRET1"}} if policy == "keep" else {}
    assert again(made, a_template, lambda ids: kept) == [{"id": 1, "n": 7, **extra}]


def test_masks_of_kept_columns_take_their_originals():
    data = b'[{"id":1,"a":[{"ssn":"SECRET1"}],"n":"x"},{"id":2,"a":{"ssn":"SECRET2"},"n":"x"}]'
    strict = of(SSN, unknown_columns="keep")
    (part,) = run(data, strict)
    kept = {f"{JOB}#0#{row}": texts for row, texts in part.kept.kept.items()}
    lenient = template("id", fields=[ID, SSN, {"name": "n"}], key=["id"], unknown_columns="keep")
    assert again(report(data, strict, job_id=JOB), lenient, lambda ids: kept) == [
        {"id": 1, "n": "x", "extra": {"a.0.ssn": "SECRET1"}},
        {"id": 2, "s": "SECRET2", "n": "x"},
    ]


def test_a_late_key_that_may_be_sensitive_is_refused_and_not_shown():
    """Keys after the beginning of the file have no column that could be masked."""
    rows = ['{"id":1,"a":{"ssn":"7"},"n":1}'] * 5000 + ['{"id":2,"a":[{"ssn":"SECRET1"}],"b":"seen","n":1}']
    a_template = of(SSN, unknown_columns="keep")
    data = "\n".join(rows).encode()
    (part,) = run(data, a_template)
    last = part.kept.errors[-1]
    assert (last["row"], last["code"]) == (5001, "UNKNOWN_KEY")
    assert "a.0" in last["message"]
    shown = told(data, a_template)
    assert "SECRET1" not in shown
    assert '""b"":""seen""' in shown
