"""Reading and checking a whole file: every row is accounted for, whatever the bytes."""

import hashlib
import io

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_part import validated

from longshore.domain.rows.row_columns import RowColumns
from longshore.domain.templates.template import parse_template
from longshore.errors import FileRejected
from longshore.readers.validation import REJECTS_MEMBER

DOCUMENT = {
    "name": "t",
    "record_type": "t",
    "key": ["id"],
    "fields": [{"name": "id", "required": True}, {"name": "n", "type": "integer"}],
}


class Kept:
    """A sink that keeps everything as it comes back from JSON."""

    def __init__(self):
        self.batches, self.raw, self.members = [], [], []

    def rows(self, batch, raw):
        assert (batch.size, batch.first_row) == (len(raw.texts), batch.rows.numbers[0])
        self.batches.append(orjson.loads(orjson.dumps(batch.document())))
        self.raw += raw.texts

    def rejects(self, rejects):
        self.members.append(orjson.loads(orjson.dumps(rejects)))

    @property
    def row_numbers(self):
        return [row for batch in self.batches for row in RowColumns.of(batch).numbers]

    @property
    def rejected_numbers(self):
        return sorted({reject["row"] for member in self.members for reject in member})


def run(data, batch_rows=1000, max_bytes=10**9, **changes):
    kept = Kept()
    stream = io.BytesIO(data if isinstance(data, bytes) else data.encode())
    template = parse_template(DOCUMENT | changes)
    return validated(stream, template, kept, batch_rows=batch_rows, max_bytes=max_bytes), kept


def test_rows_go_to_batches_and_errors_to_members_of_rejects():
    rows = [f"k{n},{n if n % 3 else 'x'}" for n in range(1, 4001)]
    data = "id,n\n" + "\n".join(rows) + "\n"
    result, kept = run(data, batch_rows=300, max_rejected_percent=50)
    assert [len(RowColumns.of(batch)) for batch in kept.batches] == [300] * 8 + [267]
    assert result.batches == 9
    assert [len(member) for member in kept.members] == [REJECTS_MEMBER, 333]
    assert kept.batches[0]["fields"] == ["id", "n"]
    assert list(RowColumns.of(kept.batches[0]))[:2] == [(1, 2, "k1", 1), (2, 3, "k2", 2)]
    assert kept.raw[:2] == ["k1,1", "k2,2"]
    assert (result.counts.rows, result.counts.rejected, result.counts.unprocessed) == (4000, 1333, 2667)
    assert result.counts.balanced
    assert kept.members[0][0] == {
        "row": 3,
        "line": 4,
        "column": 2,
        "field": "n",
        "error_type": "validation",
        "code": "NOT_AN_INTEGER",
        "message": "n: 'x' is not an integer; write digits only, with a sign if needed",
        "raw_data": "k3,x",
        "timestamp": "2026-03-01T00:00:00.000Z",
    }


def test_the_hash_and_size_are_those_of_all_bytes():
    data = ("id,n\n" + "".join(f"{n},1\n" for n in range(50_000))).encode()
    result, _ = run(data)
    assert result.sha256 == hashlib.sha256(data).hexdigest()
    assert result.size == len(data)
    assert result.refused is None


def test_too_many_rejected_rows_refuse_the_file_but_keep_the_rejects():
    result, kept = run("id,n\na,1\nb,x\n")
    assert result.refused.code == "TOO_MANY_REJECTED"
    assert "1 of 2 rows" in result.refused.message
    assert kept.rejected_numbers == [2]


def test_too_many_rejected_rows_refuse_a_file_of_which_they_are_a_small_part():
    data = "id,n\n" + "".join(f"{n},{'x' if n < 3 else n}\n" for n in range(100))
    assert run(data, max_rejected_rows=3)[0].refused is None
    refused = run(data, max_rejected_rows=2)[0].refused
    assert "3 of 100 rows" in refused.message
    assert "more than the 2 rows the template allows" in refused.message
    assert "more than the 1 row the template allows" in run(data, max_rejected_rows=1)[0].refused.message


@pytest.mark.parametrize(
    ("data", "code"), [("id,n\n", "HEADER_ONLY"), ("id,n\n\n\r\n", "HEADER_ONLY"), ("", "EMPTY_FILE")]
)
def test_a_file_without_rows_is_refused(data, code):
    with pytest.raises(FileRejected) as refusal:
        run(data)
    assert refusal.value.code == code


def test_a_file_beyond_the_size_limit_is_refused():
    with pytest.raises(FileRejected) as refusal:
        run("id,n\na,1\n", max_bytes=8)
    assert refusal.value.code == "FILE_TOO_LARGE"
    assert run("id,n\na,1\n", max_bytes=9)[0].size == 9


def test_an_absent_optional_column_is_left_out_and_a_blank_cell_is_none():
    assert run("id\na\n")[1].batches[0]["fields"] == ["id"]
    assert list(RowColumns.of(run("id,n\na,\n")[1].batches[0])) == [(1, 2, "a", None)]


@settings(max_examples=500)
@given(
    st.binary(max_size=80)
    | st.text(st.sampled_from('a1,;"\n\r\0é|\t '), max_size=80).map(str.encode)
    | st.text(st.sampled_from('a1,;"\n\r\0é|\t '), max_size=80).map(lambda text: b"id,n\n" + text.encode())
)
def test_any_bytes_at_all_are_refused_or_every_row_is_accounted_for(data):
    try:
        result, kept = run(data, batch_rows=2, max_rejected_percent=100)
    except FileRejected as refusal:
        message = str(refusal)
    else:
        message = "-"
        numbers = sorted(kept.row_numbers + kept.rejected_numbers)
        assert numbers == list(range(1, result.counts.rows + 1))
        assert len(kept.row_numbers) == result.counts.unprocessed
        assert result.counts.balanced
    assert message
    assert "\n" not in message
