"""What a reader of JSON has found in a block of the file: sound records, and broken ones between them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from longshore.domain.catalogue.row_errors import RAW_LIMIT, shown
from longshore.readers.json.values import MAX_DEPTH, NotRead, kind_of, nests_too_deeply

CHUNK_CHARACTERS = 128 * 1024
"""About as much of a file becomes one chunk; memory stays flat."""


class BrokenRecord(NamedTuple):
    """A record that cannot be read; `after` says how many sound ones of the block came before it."""

    after: int
    line: int
    raw: str
    code: str
    data: dict[str, Any]


@dataclass
class Found:
    """Sound records as parallel lists, their texts cut after RAW_LIMIT characters; none was longer than `longest`."""

    values: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    longest: int = 0
    broken: list[BrokenRecord] = field(default_factory=list)
    characters: int = 0

    def __bool__(self) -> bool:
        return bool(self.values or self.broken)

    def take_all(self, values: list[Any], lines: Iterable[int], texts: list[str]) -> None:
        """Add values that could be read, with their lines and texts."""
        lengths = list(map(len, texts))
        joined = "".join(texts)
        nothing_deep = joined.count("{") + joined.count("[") <= MAX_DEPTH + len(values)
        if set(map(type, values)) == {dict} and nothing_deep:
            self.values += values
            self.lines += lines
            self.raw += texts if max(lengths) <= RAW_LIMIT else [text[:RAW_LIMIT] for text in texts]
            self.longest = max(self.longest, *lengths)
            self.characters += len(joined)
        else:
            for value, line, text in zip(values, lines, texts, strict=True):
                self.take(value, line, text)

    def take(self, value: Any, line: int, text: str) -> None:
        """Add a value that could be read, as a record if it is one."""
        if not isinstance(value, dict):
            self.refuse(line, text, "NOT_AN_OBJECT", {"kind": kind_of(value)})
        elif nests_too_deeply(text):
            self.refuse(line, text, "NESTED_TOO_DEEPLY", {"limit": MAX_DEPTH})
        else:
            self.values.append(value)
            self.lines.append(line)
            self.raw.append(text[:RAW_LIMIT])
            self.longest = max(self.longest, len(text))
            self.characters += len(text)

    def refuse(self, line: int, text: str, code: str, data: dict[str, Any]) -> None:
        """Add a record that cannot be read."""
        self.broken.append(BrokenRecord(len(self.values), line, text[:RAW_LIMIT], code, data))
        self.characters += len(text)

    def fault(self, line: int, text: str, why: NotRead, place: tuple[int, int]) -> None:
        """Add a record that cannot be read for a reason that was found at a line and column."""
        data: dict[str, dict[str, Any]] = {
            "MALFORMED_RECORD": {"problem": why.problem, "at_line": place[0], "at_column": place[1]},
            "REPEATED_KEY": {"key": shown(why.problem)},
            "NESTED_TOO_DEEPLY": {"limit": MAX_DEPTH},
        }
        self.refuse(line, text, why.code, data[why.code])
