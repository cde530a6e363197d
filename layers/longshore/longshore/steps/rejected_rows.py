"""The rows of a job that were not loaded, page by page: those the validation rejected, then those the load refused."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from longshore.domain.job import Batch, Part
from longshore.errors import InvalidRequest, UnexpectedFailure
from longshore.steps.ports import Files

SAMPLE_ROWS = 5
NOT_OURS = "cursor: not one of ours; take it from the page before, or leave it out"

Row = dict[str, Any]


class Place(BaseModel):
    """Where a page begins: an object (by part, and batch for a load's rejects), a member's offset in it, a row in that.

    A batch that completes later has a place of its own, so a cursor stays true while a run is on.
    """

    model_config = ConfigDict(frozen=True)

    load: bool = False
    part: NonNegativeInt = 0
    batch: NonNegativeInt = 0
    offset: NonNegativeInt = 0
    row: NonNegativeInt = 0

    @property
    def object(self) -> tuple[bool, int, int]:
        """The order of the objects: all rejects of the validation, then the load's, by part and batch."""
        return self.load, self.part, self.batch

    def cursor(self) -> str:
        """Return the place as an opaque text that is safe in a URL."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        """Read a cursor; raise InvalidRequest for one that is not ours."""
        try:
            return cls.model_validate_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValidationError, binascii.Error, ValueError):
            raise InvalidRequest(NOT_OURS) from None


def rejected_rows(
    files: Files, parts: Sequence[Part], batches: Sequence[Batch], limit: int, cursor: str
) -> tuple[list[Row], str]:
    """Return up to `limit` errors from the cursor on, and the cursor of the next page ("" on the last)."""
    rows: list[Row] = []
    for place, row in _from(files, parts, batches, Place.parse(cursor) if cursor else Place()):
        if len(rows) == limit:
            return rows, place.cursor()
        rows.append(row)
    return rows, ""


def first_rejected_rows(files: Files, parts: Sequence[Part], batches: Sequence[Batch]) -> list[Row]:
    """Return the first few errors of a job."""
    return rejected_rows(files, parts, batches, SAMPLE_ROWS, "")[0]


def _from(files: Files, parts: Sequence[Part], batches: Sequence[Batch], start: Place) -> Iterator[tuple[Place, Row]]:
    for place, key in _objects(parts, batches):
        if place.object < start.object:
            continue
        first = start if place.object == start.object else place
        for offset, errors in _members(files, key, first.offset):
            skipped = first.row if offset == first.offset else 0
            for number, row in enumerate(errors[skipped:], skipped):
                yield place.model_copy(update={"offset": offset, "row": number}), row


def _members(files: Files, key: str, offset: int) -> Iterator[tuple[int, list[Row]]]:
    try:
        for place, errors in files.members(key, offset):
            yield place, cast(list[Row], errors)
    except UnexpectedFailure as error:
        # A member begins at 0 in every object; another offset comes from a cursor, and this one was made up.
        if offset:
            raise InvalidRequest(NOT_OURS) from error
        raise


def _objects(parts: Sequence[Part], batches: Sequence[Batch]) -> Iterator[tuple[Place, str]]:
    for part in parts:
        if part.rejects:
            yield Place(part=part.number), part.rejects.key
    for batch in batches:
        if batch.rejects:
            yield Place(load=True, part=batch.part, batch=batch.number), batch.rejects.key
