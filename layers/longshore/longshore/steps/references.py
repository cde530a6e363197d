"""References of rows to records: those that exist already, and those that the same job brings."""

from collections.abc import Collection, Iterator, Mapping

from longshore.domain.catalogue.row_errors import shown
from longshore.domain.cells.columns import Fault
from longshore.domain.records import record_key
from longshore.domain.rows.judging import Ruling, SoundRows
from longshore.domain.rows.key_check import KEY_BYTES
from longshore.steps.record_port import KnownKeys
from longshore.steps.reference_keys import ReferenceKeys

REMEMBERED = 16 * 1024 * 1024
"""About how many bytes of answers are kept in memory; a file often refers to few records, and to them often."""

ENTRY_BYTES = 150
"""What an answer takes beside its text."""


class KnownRecords:
    """Says which references of one job lead nowhere; each value is looked up once, as long as it is remembered."""

    def __init__(self, tenant: str, accepted: ReferenceKeys, records: KnownKeys) -> None:
        self._tenant = tenant
        self._accepted = accepted
        self._records = records
        self._answers: dict[tuple[str, str], bool] = {}
        self._size = 0

    def missing(self, record_type: str, values: Collection[str]) -> set[str]:
        """Return those values that are the key of no record of the type, and of no accepted row of the job."""
        answers = self._answers
        unknown = [value for value in values if (record_type, value) not in answers]
        if not unknown:
            return {value for value in values if not answers[record_type, value]}
        here = self._accepted.among(record_type, unknown)
        found = here | self.existing(record_type, [value for value in unknown if value not in here])
        missing = {value for value in values if not answers.get((record_type, value), value in found)}
        self._remember(record_type, unknown, found)
        return missing

    def existing(self, record_type: str, values: Collection[str]) -> set[str]:
        """Return those values that are the key of a record of the type."""
        keys = {record_key(self._tenant, record_type, [value]): value for value in values}
        possible = [key for key in keys if len(key.encode()) <= KEY_BYTES]
        return {keys[key] for key in self._records.existing(possible)}

    def _remember(self, record_type: str, values: Collection[str], found: Collection[str]) -> None:
        self._size += sum(map(len, values)) + ENTRY_BYTES * len(values)
        if self._size > REMEMBERED:
            self._answers.clear()
            self._size = 0
            return
        self._answers.update(((record_type, value), value in found) for value in values)


class References:
    """A judge of some fields, each of which holds keys of a record type; a field without a value refers to nothing."""

    def __init__(self, fields: Mapping[str, str], known: KnownRecords) -> None:
        self._fields = fields
        self._known = known

    def judge(self, rows: SoundRows) -> Iterator[Ruling]:
        """Say which references lead nowhere."""
        for field, record_type in self._fields.items():
            column = rows.values.get(field, ())
            values = {str(value) for value in column if value is not None}
            missing = self._known.missing(record_type, values) if values else None
            if missing:
                for at, value in enumerate(column):
                    if value in missing:
                        data = {"record_type": record_type, "value": shown(str(value))}
                        yield Ruling(at, field, Fault("REFERENCE_MISSING", data))
