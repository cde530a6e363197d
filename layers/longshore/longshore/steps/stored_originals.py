"""What masked cells of a report stand for: found by row id in the objects that earlier imports of this tenant left."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import cast

from longshore.errors import DataGone, JobNotFound
from longshore.steps.ports import Files, Services

ROW_ID = re.compile(r"(j[0-9a-f]{24})#([0-9]{1,2})#([0-9]{1,10})")
"""`{job_id}#{part}#{row}`: of an import of this tenant, for the tenant of the job that asks is put in here."""

MAX_SOURCES = 100
"""Parts of earlier imports that one report may come from; each costs two reads of the Jobs table."""

Texts = Mapping[str, str]
Source = tuple[str, int]


class StoredOriginals:
    """Finds the sensitive cells of reported rows; an Originals of domain/rows/returned_cells.py.

    Rows in the order of their ids are found in one pass over each object, in the memory of one of its members; any
    other order costs more passes. A row id leads only to imports of the tenant.
    """

    def __init__(self, tenant: str, services: Services) -> None:
        self._tenant = tenant
        self._services = services
        self._sources: dict[Source, _KeptRows | None] = {}
        self._latest: _KeptRows | None = None

    def __call__(self, ids: Collection[str]) -> Mapping[str, Texts]:
        """Return the texts of the sensitive cells by row id and field; rows that are gone are left out."""
        wanted: defaultdict[Source, dict[int, str]] = defaultdict(dict)
        for row_id in ids:
            if match := ROW_ID.fullmatch(row_id):
                wanted[match[1], int(match[2])][int(match[3])] = row_id
        found: dict[str, Texts] = {}
        for source in sorted(wanted):
            if kept := self._source(source):
                rows = wanted[source]
                found.update((rows[row], texts) for row, texts in kept.find(sorted(rows)))
        return found

    def _source(self, source: Source) -> "_KeptRows | None":
        if source not in self._sources:
            full = len(self._sources) >= MAX_SOURCES
            self._sources[source] = None if full else self._opened(*source)
        kept = self._sources[source]
        if self._latest is not None and self._latest is not kept:
            self._latest.let_go()
        self._latest = kept
        return kept

    def _opened(self, job_id: str, number: int) -> "_KeptRows | None":
        try:
            job = self._services.jobs.get(self._tenant, job_id)
        except JobNotFound:
            return None
        parts = self._services.jobs.parts(job) if job.attempt else []
        pointer = next((part.originals for part in parts if part.number == number), None)
        return _KeptRows(self._services.files, pointer.key) if pointer else None


class _KeptRows:
    """The sensitive cells of one part: members `{"fields", "rows"}` with ascending rows, read as they are asked for."""

    def __init__(self, files: Files, key: str) -> None:
        self._files = files
        self._key = key
        self._first_rows: list[int] = []
        self._offsets: list[int] = []
        self._members: Iterator[tuple[int, object]] | None = None
        self._rows: dict[int, Sequence[str]] = {}
        self._fields: Sequence[str] = ()
        self._first = self._last = 0

    def find(self, rows: Sequence[int]) -> Iterator[tuple[int, Texts]]:
        """Yield rows, which are ascending, with their cells; those that are not there are left out."""
        try:
            for row in rows:
                if self._reach(row) and row in self._rows:
                    yield row, dict(zip(self._fields, self._rows[row], strict=True))
        except DataGone:
            return

    def let_go(self) -> None:
        """Give back the connection and the memory; what is asked later is read again."""
        self._members, self._rows, self._first, self._last = None, {}, 0, 0

    def _reach(self, row: int) -> bool:
        """Read on, or go back, to the member that would hold a row; say whether there is one."""
        if row < self._first or self._members is None:
            known = bisect_right(self._first_rows, row) - 1
            self._members = self._files.members(self._key, self._offsets[known] if known >= 0 else 0)
            self._last = 0
        while self._last < row:
            try:
                offset, member = next(self._members)
            except StopIteration:
                self.let_go()
                return False
            self._take(offset, cast(Mapping[str, list[list[str]]], member))
        return row >= self._first

    def _take(self, offset: int, member: Mapping[str, list[list[str]]]) -> None:
        self._fields = cast(Sequence[str], member["fields"])
        self._rows = {int(row): texts for row, *texts in member["rows"]}
        self._first, self._last = min(self._rows), max(self._rows)
        if not self._first_rows or self._first > self._first_rows[-1]:
            self._first_rows.append(self._first)
            self._offsets.append(offset)
