"""Rows kept as columns are the same rows, whatever is taken out, added or cut."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.chunk import Span
from longshore.domain.rows.raw_texts import RawPiece, RawQueue
from longshore.domain.rows.row_batch import RowQueue
from longshore.domain.rows.row_columns import RowColumns

NUMBERS = st.integers(1, 2**53)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, TEXTS, st.none() | st.integers(-(2**53), 2**53)), max_size=40)


def columns_of(rows):
    return RowColumns(*([list(column) for column in zip(*rows, strict=True)][:2] or [[], []]), _values(rows))


def _values(rows):
    return [[row[2] for row in rows], [row[3] for row in rows]]


@given(ROWS, st.sets(st.integers(0, 39)))
def test_rows_left_out_are_gone_and_the_others_stay(rows, positions):
    positions = {at for at in positions if at < len(rows)}
    columns = columns_of(rows)
    columns.leave_out(positions)
    assert list(columns) == [row for at, row in enumerate(rows) if at not in positions]


@given(st.lists(ROWS, max_size=5), st.integers(1, 20), st.integers(1, 30))
def test_queued_rows_come_in_order_in_batches_of_one_size(chunks, size, enough):
    queue, batches = RowQueue(["a", "b"], size, enough), []
    for chunk in chunks:
        batches += queue.add(columns_of(chunk))
    batches += [*queue.rest(), *queue.rest()]
    rows = [row for chunk in chunks for row in chunk]
    assert [list(batch.rows) for batch in batches] == [rows[at : at + size] for at in range(0, len(rows), size)]
    assert [(batch.first_row, batch.size) for batch in batches] == [
        (batch.rows.numbers[0], len(batch.rows)) for batch in batches
    ]


@given(ROWS.filter(bool))
def test_a_document_gives_its_rows_back(rows):
    (batch,) = RowQueue(["a", "b"], len(rows)).add(columns_of(rows))
    document = orjson.loads(orjson.dumps(batch.document()))
    assert document["fields"] == ["a", "b"]
    assert list(RowColumns.of(document)) == rows


@given(ROWS.filter(bool))
def test_documents_from_before_an_upgrade_are_read_too(rows):
    assert list(RowColumns.of({"fields": ["a", "b"], "rows": [list(row) for row in rows]})) == rows
    assert list(RowColumns.of({"fields": ["a", "b"], **columns_of(rows).document()})) == rows


def piece(name, size, left_out=(), at=None):
    span = None if at is None else Span(at, 10, at * 100, at * 200)
    return RawPiece([f"{name}{n}" for n in range(size)], left_out, span)


def test_texts_of_a_batch_come_from_all_its_chunks_without_the_rejected_rows():
    queue = RawQueue()
    for made in (piece("a", 3, {1}), piece("b", 2, {0, 1}), piece("c", 4, {0, 2, 3}), piece("d", 2)):
        queue.add(made)
    assert queue.take(1).texts == ["a0"]
    assert queue.take(3).texts == ["a2", "c1", "d0"]
    assert queue.take(1).texts == ["d1"]


def test_the_texts_of_a_chunk_are_cut_once_however_many_batches_have_some():
    class Cut(list):
        times = 0

        def __iter__(self):
            self.times += 1
            return super().__iter__()

    queue, raw = RawQueue(), Cut("abcdef")
    queue.add(RawPiece(raw, (), None))
    assert [queue.take(2).texts for _ in range(3)] == [["a", "b"], ["c", "d"], ["e", "f"]]
    assert raw.times == 1


def test_the_span_of_a_batch_goes_from_its_first_chunk_to_its_last():
    queue = RawQueue()
    for made in (piece("a", 3, at=5), piece("b", 2, {0, 1}, at=15), piece("c", 4, at=25)):
        queue.add(made)
    assert queue.take(2).span == Span(5, 10, 500, 1000)
    assert queue.take(2).span == Span(5, 30, 500, 1000)
    assert queue.take(1).span == Span(25, 10, 2500, 5000)


def test_a_batch_with_a_chunk_that_cannot_be_read_again_has_no_span():
    queue = RawQueue()
    queue.add(piece("a", 1, at=0))
    queue.add(piece("b", 1))
    batch = queue.take(2)
    assert (batch.span, batch.texts) == (None, ["a0", "b0"])
