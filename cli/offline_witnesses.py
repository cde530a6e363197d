"""What judges ask on this machine, where there are no records and no Lambdas: what is not known is written down."""

from collections import Counter, defaultdict
from collections.abc import Collection, Set
from datetime import UTC, datetime

from longshore.domain.records import KEY_SEPARATOR
from longshore.errors import RuleFunctionFailed
from longshore.steps.reference_keys import ReferenceKeys

SHOWN = 3
"""Keys of each record type that are named."""


class AssumedRecords:
    """Takes every record that rows refer to and the file does not bring for an existing one, and counts them.

    `counts` are by record type, `samples` the first keys.
    """

    def __init__(self, asked: ReferenceKeys) -> None:
        self._asked = asked
        self.counts: Counter[str] = Counter()
        self.samples: dict[str, list[str]] = defaultdict(list)

    def existing(self, keys: Collection[str]) -> Set[str]:
        """Return all of the keys."""
        for key in set(keys) - self._asked.among("", keys):
            _, record_type, value = map(_unescaped, key.split(KEY_SEPARATOR, 2))
            self.counts[record_type] += 1
            if len(self.samples[record_type]) < SHOWN:
                self.samples[record_type].append(value)
        self._asked.add("", keys)
        return set(keys)


class NoRuleFunctions:
    """Lambdas that cannot be called from here: templates are read as if they named none."""

    def call(self, function: str, payload: bytes, seconds: int) -> bytes:
        """Raise RuleFunctionFailed."""
        raise RuleFunctionFailed(function, "is not called by a check on this machine")


class OfflineWitnesses:
    """The witnesses of a file that is read on this machine."""

    def __init__(self, records: AssumedRecords) -> None:
        self.records = records
        self.rule_functions = NoRuleFunctions()

    def clock(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC)


def _unescaped(part: str) -> str:
    return part.replace("%23", KEY_SEPARATOR).replace("%25", "%")
