"""The passes over a batch's rows: look, decide, journal, write, and decide again what was not answered with success."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from longshore.domain.decide import Decision, Row, Stamp, decide, write_for
from longshore.domain.job import Mode
from longshore.domain.records import Record, WriteOutcome
from longshore.errors import ServiceUnavailable
from longshore.steps.ports import Clock, Files, Sleep
from longshore.steps.record_port import Records

LOOK = 100
"""Keys read before choosing: one BatchGetItem call. None there means that the file is most likely new."""

PASSES = 8
"""How often unanswered rows are read and decided again before the attempt is given up."""

LONGEST_WAIT = 5.0
"""Seconds; the wait after a pass with uncertain answers doubles from 0.2 s up to this, with full jitter."""


@dataclass
class Result:
    """What became of the rows of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    existing: list[Row] = field(default_factory=list)
    conflicts: list[Row] = field(default_factory=list)


@dataclass
class Loading:
    """One claim at work. `until` (epoch ms) is its deadline: no write starts after it.

    `wrote` says whether a write was ever sent, `uncertain` whether the last pass had an answer not to be believed;
    `journal_key` is this claim's own, each pass that overwrites adds its number.
    """

    records: Records
    files: Files
    mode: Mode
    stamp: Stamp
    until: int
    clock: Clock
    sleep: Sleep
    journal_key: str
    wrote: bool = False
    uncertain: bool = False
    result: Result = field(default_factory=Result)

    def load(self, rows: Sequence[Row]) -> Result:
        """Load every row; raise ServiceUnavailable where some stay unanswered at the end."""
        keys = [row.key for row in rows]
        looked = dict(self.records.read(keys[:LOOK]))
        if looked:
            looked |= self.records.read(keys[LOOK:])
        left = self._pass(rows, looked, 0) if looked else self._write(rows, {})
        for number in range(1, PASSES):
            if not left:
                return self.result
            if self.uncertain:
                self.sleep(random.uniform(0, min(LONGEST_WAIT, 0.2 * 2**number)))
            self._in_time(left)
            left = self._pass(left, self.records.read([row.key for row in left]), number)
        if left:
            raise ServiceUnavailable(f"{len(left)} rows of the batch were not answered in {PASSES} passes")
        return self.result

    def _in_time(self, left: Sequence[Row]) -> None:
        if self.clock().timestamp() * 1000 >= self.until:
            raise ServiceUnavailable(f"the claim's deadline passed with {len(left)} rows unanswered")

    def _pass(self, rows: Sequence[Row], current: Mapping[str, Record], number: int) -> list[Row]:
        to_write = [row for row in rows if self._counted(row, current.get(row.key)) is None]
        before = [current[row.key] for row in to_write if row.key in current]
        if before:
            # Before the first overwrite: without it an undo could not give these records back.
            self.files.put_once(f"{self.journal_key}.{number}", [asdict(record) for record in before])
        return self._write(to_write, current)

    def _counted(self, row: Row, current: Record | None) -> Decision | None:
        """Count a row that needs no write; return None for one that does."""
        decision = decide(row, current, self.mode, self.stamp)
        match decision:
            case Decision.CREATE | Decision.UPDATE:
                return None
            case Decision.UNCHANGED:
                self.result.unchanged += 1
            case Decision.DONE_CREATED:
                self.result.created += 1
            case Decision.DONE_UPDATED:
                self.result.updated += 1
            case Decision.EXISTS:
                self.result.existing.append(row)
            case Decision.CONFLICT:
                self.result.conflicts.append(row)
        return decision

    def _write(self, rows: Sequence[Row], current: Mapping[str, Record]) -> list[Row]:
        """Write what was decided, count what was done, and return the rows to be decided again."""
        if not rows:
            return []
        self.wrote = True
        outcomes = self.records.write([write_for(row, current.get(row.key), self.stamp) for row in rows], self.until)
        self.uncertain = WriteOutcome.UNCERTAIN in outcomes
        again = []
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome is not WriteOutcome.DONE:
                again.append(row)
            elif row.key in current:
                self.result.updated += 1
            else:
                self.result.created += 1
        return again
