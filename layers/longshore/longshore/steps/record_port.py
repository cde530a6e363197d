"""What the steps need of the destination, implemented in storage/records.py."""

from collections.abc import Collection, Mapping, Sequence, Set
from typing import Protocol

from longshore.domain.records import Record, Write, WriteOutcome


class KnownKeys(Protocol):
    """What is asked about records before anything is loaded."""

    def existing(self, keys: Collection[str]) -> Set[str]:
        """Return those of any number of distinct keys that have a record; eventually consistent."""


class Records(KnownKeys, Protocol):
    """The destination."""

    def read(self, keys: Sequence[str]) -> Mapping[str, Record]:
        """Read records consistently, any number of distinct keys; absent ones are left out."""

    def write(self, writes: Sequence[Write], until: int) -> list[WriteOutcome]:
        """Try each write once, in calls of 25; return an outcome for each, in order.

        No call starts after `until` (epoch ms): what is left is UNCERTAIN.
        """
