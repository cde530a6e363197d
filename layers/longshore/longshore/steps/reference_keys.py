"""The keys that rows of a job may refer to, kept on disk: memory stays flat however many there are."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from contextlib import closing
from types import TracebackType
from typing import Self

AT_ONCE = 1000
"""Values in one statement or one question."""

CACHE_KIB = 8 * 1024

Existing = Callable[[Collection[str]], Set[str]]
"""Says which of some keys have a record."""


class ReferenceKeys:
    """Keys of accepted rows, by record type; use as a context manager."""

    def __init__(self) -> None:
        self._database = _scratch("CREATE TABLE accepted (type TEXT, key TEXT, PRIMARY KEY (type, key)) WITHOUT ROWID")

    def add(self, record_type: str, keys: Iterable[str]) -> None:
        """Let rows refer to these keys."""
        rows = ((record_type, key) for key in keys)
        self._database.executemany("INSERT OR IGNORE INTO accepted VALUES (?, ?)", rows)

    def among(self, record_type: str, keys: Collection[str]) -> set[str]:
        """Return those of the keys that were added."""
        found: set[str] = set()
        for some in _pieces(list(keys)):
            places = ", ".join("?" * len(some))
            query = f"SELECT key FROM accepted WHERE type = ? AND key IN ({places})"
            found.update(key for (key,) in self._database.execute(query, (record_type, *some)))
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()


class SelfReferences:
    """The rows of one record type that refer to others of it, in whatever order they come.

    All of them are added first, with the keys that they refer to; no two have the same key. Use as a context manager.
    """

    def __init__(self) -> None:
        self._database = _scratch(
            "CREATE TABLE entry (row INTEGER PRIMARY KEY, key TEXT)",
            "CREATE TABLE link (ref TEXT, row INTEGER)",
            "CREATE TABLE there (key TEXT PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE gone (key TEXT PRIMARY KEY) WITHOUT ROWID",
        )
        self._rows = 0

    def add(self, rows: Sequence[tuple[str, Collection[str]]]) -> None:
        """Add rows: the key of each, and the keys that it refers to."""
        numbered = list(enumerate(rows, self._rows))
        self._rows += len(rows)
        self._database.executemany("INSERT INTO entry VALUES (?, ?)", ((row, key) for row, (key, _) in numbered))
        links = ((ref, row) for row, (_, refs) in numbered for ref in refs)
        self._database.executemany("INSERT INTO link VALUES (?, ?)", links)

    def settled(self, existing: Existing) -> Iterator[str]:
        """Yield every key that may be referred to: of records, and of rows that refer to such keys alone.

        A row whose reference leads nowhere is rejected, so that one which refers to it is rejected too, and so on; but
        what a record has already stays there whatever becomes of the row. Rows that refer to each other in a circle are
        accepted. `existing` is asked only where it matters: about what no row has, and about what may be rejected.
        """
        self._database.execute("CREATE INDEX by_key ON entry (key)")
        self._database.execute("CREATE INDEX by_ref ON link (ref, row)")
        self._ask(existing, _LOST)
        self._follow(_LOST)
        self._ask(existing, _DOUBTFUL)
        self._database.execute("DELETE FROM gone")
        self._follow(_LOST)
        yield from (key for (key,) in self._database.execute("SELECT key FROM there"))
        # In order, because whoever keeps them in order then writes one page after the other.
        kept = "SELECT key FROM entry WHERE key NOT IN (SELECT key FROM gone) ORDER BY key"
        yield from (key for (key,) in self._database.execute(kept))

    def _ask(self, existing: Existing, which: str) -> None:
        """Keep which of the selected keys have a record; no statement is open while others are waited for."""
        self._database.execute(f"CREATE TEMP TABLE asked AS {which}")
        with closing(self._database.execute("SELECT key FROM asked")) as asked:
            while some := [key for (key,) in asked.fetchmany(AT_ONCE)]:
                found = ((key,) for key in existing(some))
                self._database.executemany("INSERT OR IGNORE INTO there VALUES (?)", found)
        self._database.execute("DROP TABLE asked")

    def _follow(self, lost: str) -> None:
        """Fill `gone` with the lost keys, and with those of all rows that refer to them, directly or not."""
        self._database.execute(
            f"""WITH RECURSIVE following (key) AS (
                {lost}
                UNION
                SELECT entry.key FROM following
                JOIN link ON link.ref = following.key JOIN entry ON entry.row = link.row
                WHERE NOT EXISTS (SELECT 1 FROM there WHERE there.key = entry.key)
            ) INSERT INTO gone SELECT key FROM following"""
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()


_LOST = """SELECT DISTINCT ref AS key FROM link
    WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.key = ref)
    AND NOT EXISTS (SELECT 1 FROM there WHERE there.key = ref)"""
"""Keys that are referred to, and that neither a row nor a record has."""


_DOUBTFUL = """SELECT key FROM gone
    WHERE EXISTS (SELECT 1 FROM link WHERE link.ref = gone.key)
    AND EXISTS (SELECT 1 FROM entry WHERE entry.key = gone.key)"""
"""Keys that are referred to, and whose row may be rejected."""


def _scratch(*tables: str) -> sqlite3.Connection:
    """Open a database in a file that goes with it; nothing in it outlives a crash, so nothing is made safe."""
    database = sqlite3.connect("", isolation_level=None)
    for statement in (f"PRAGMA cache_size = -{CACHE_KIB}", "PRAGMA journal_mode = OFF", "BEGIN", *tables):
        database.execute(statement)
    return database


def _pieces(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
