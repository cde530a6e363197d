"""Which field each column fills: exactly, as confirmed, normalised, by an alias, by likeness, or asked of a person."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from longshore.domain.parse_plan import Column, MatchReason, Question
from longshore.domain.templates.header_similarity import SURE, UNSURE, similarity, words_of
from longshore.domain.templates.template_field import TemplateField

PLAUSIBLE = 0.75
"""From this score on a column may be what a field is called, and a person is asked."""
AHEAD = 0.1
"""How much a match by likeness must be better than any other of its column and of its field."""
CANDIDATES = 5
"""Fields that a question names; the answer may be another one."""
COMPARED = 50_000
"""Pairs of a column and a field that are compared by likeness, some seconds of work; further columns are unknown."""
LONGEST_HEADER = 200
"""Characters of a header that can be asked about or confirmed; a longer one is no header."""

_SEPARATORS = re.compile(r"(\d)[\s_-]+(?=\d)|[\s_-]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def normalised(header: str) -> str:
    """Return the form in which headers are alike: without regard to case, spaces, hyphens and underscores.

    Compatibility forms of Unicode (NFKC) and invisible characters do not count either. Between two digits a separator
    does: Q1-1 is not Q11.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", header).casefold())
    text = _INVISIBLE.sub("", folded).strip()
    return unicodedata.normalize("NFKC", _SEPARATORS.sub(lambda found: f"{found[1]}_" if found[1] else "", text))


@dataclass(frozen=True)
class Confirmation:
    """What a person of a tenant said that a header of a template's files means; no field: the column is ignored."""

    header: str
    field: str | None
    actor: str
    at: datetime


Confirmed = Mapping[str, str | None]
"""The field that each normalised header was confirmed to fill, None for a column to be ignored."""


@dataclass(frozen=True)
class HeaderMatch:
    """The columns with their fields, and what a person must say; a column that fits nothing is still `unmapped`."""

    columns: tuple[Column, ...]
    questions: tuple[Question, ...]

    @property
    def asked_fields(self) -> set[str]:
        """The fields that an answer may fill."""
        return {name for question in self.questions for name, _ in question.candidates}


def match_columns(
    columns: Sequence[Column], fields: Sequence[TemplateField], confirmed: Confirmed | None = None
) -> HeaderMatch:
    """Match `unmapped` columns with fields; a stronger reason comes first, and each field is filled once.

    Where several columns or fields have the same claim, a person is asked. Only columns whose headers are alike fill
    one field together, which the caller must refuse. A confirmed field that no longer exists counts for nothing.
    """
    matching = _Matching(columns, fields)
    matching.by_name("exact", {field.header: [field.name] for field in fields})
    matching.by_confirmation(confirmed or {})
    matching.by_form("normalised", [(field.header, field.name) for field in fields])
    aliases = [(alias, field.name) for field in fields for alias in field.aliases]
    matching.by_name("alias", _listed(aliases))
    matching.by_form("alias", aliases)
    matching.by_likeness()
    return matching.result()


def _listed(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for header, name in named:
        if name not in names[header]:
            names[header].append(name)
    return names


class _Matching:
    """The columns and fields that are open still, and what is settled."""

    def __init__(self, columns: Sequence[Column], fields: Sequence[TemplateField]) -> None:
        self._columns = columns
        self._fields = {field.name: field for field in fields}
        self._settled: dict[int, Column] = {}
        self._filled: set[str] = set()
        self._asked: dict[int, tuple[tuple[str, float], ...]] = {}

    def by_name(self, reason: MatchReason, names: Mapping[str, Sequence[str]]) -> None:
        """Match headers that are written like this."""
        self._claim(reason, {column: names.get(column.header, ()) for column in self._open()})

    def by_form(self, reason: MatchReason, named: Iterable[tuple[str, str]]) -> None:
        """Match headers that are alike; a field whose form is another's too has no better claim than that one."""
        names = _listed((normalised(header), name) for header, name in named)
        self._claim(reason, {column: names.get(normalised(column.header), ()) for column in self._open()})

    def by_confirmation(self, confirmed: Confirmed) -> None:
        """Match or ignore what a person settled before."""
        said = {c: confirmed[form] for c in self._open() if (form := normalised(c.header)) in confirmed}
        for column, field in said.items():
            if field is None:
                self._settled[column.position] = replace(column, reason="confirmed")
        self._claim("confirmed", {column: [field] for column, field in said.items() if field in self._fields})

    def by_likeness(self) -> None:
        """Match what is nearly the same and nothing else is; ask about what may be the same."""
        scores = self._scores()
        best: dict[int | str, list[float]] = defaultdict(list)
        for (position, name), score in scores.items():
            for one in (position, name):
                best[one] = sorted((*best[one], score), reverse=True)[:2]
        for (position, name), score in scores.items():
            rivals = (*best[position][1:], *best[name][1:])
            if score >= SURE and all(rival <= score - AHEAD for rival in rivals) and name not in self._asked_fields():
                self._settle(self._columns[position - 1], name, "fuzzy", score)
        plausible: dict[int, list[tuple[str, float]]] = defaultdict(list)
        for (position, name), score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
            if self._is_open(position) and name not in self._filled:
                plausible[position].append((name, score))
        self._asked |= {position: tuple(found[:CANDIDATES]) for position, found in plausible.items()}

    def result(self) -> HeaderMatch:
        """Return what was found."""
        asked = [
            Question(column.position, column.header, self._asked[column.position])
            for column in self._columns
            if column.position in self._asked
        ]
        scores = {question.position: question.candidates[0][1] for question in asked}
        columns = (
            replace(column, reason="asked", score=scores[column.position])
            if column.position in scores
            else self._settled.get(column.position, column)
            for column in self._columns
        )
        return HeaderMatch(tuple(columns), tuple(asked))

    def _open(self) -> list[Column]:
        return [
            column
            for column in self._columns
            if column.reason == "unmapped" and self._is_open(column.position) and column.header.strip()
        ]

    def _is_open(self, position: int) -> bool:
        return position not in self._settled and position not in self._asked

    def _asked_fields(self) -> set[str]:
        return {name for candidates in self._asked.values() for name, _ in candidates}

    def _settle(self, column: Column, name: str, reason: MatchReason, score: float = 1.0) -> None:
        self._settled[column.position] = replace(column, field=name, reason=reason, score=score)
        self._filled.add(name)

    def _claim(self, reason: MatchReason, claims: Mapping[Column, Sequence[str]]) -> None:
        """Settle the claims to which there is no other; ask about the rest, all of them being as good."""
        free = {column: [name for name in names if name not in self._filled] for column, names in claims.items()}
        claimants: dict[str, list[Column]] = defaultdict(list)
        for column, names in free.items():
            for name in names:
                claimants[name].append(column)
        contested = self._asked_fields()
        for column, names in free.items():
            alone = len(names) == 1 and names[0] not in contested
            twins = _repeated(claimants[names[0]]) if alone else None
            if alone and (len(claimants[names[0]]) == 1 or twins == normalised(column.header)):
                self._settle(column, names[0], reason)
            elif names and twins is None:
                self._asked[column.position] = tuple((name, 1.0) for name in names[:CANDIDATES])

    def _scores(self) -> dict[tuple[int, str], float]:
        """Return the scores from PLAUSIBLE on, by position of an open column and name of an open field."""
        scores = {}
        called = [
            (name, words_of(name), [words_of(header) for header in (field.header, *field.aliases)])
            for name, field in self._fields.items()
            if name not in self._filled
        ]
        columns = [column for column in self._open() if len(column.header) <= LONGEST_HEADER]
        for column in columns[: COMPARED // max(1, len(called))]:
            words = words_of(column.header)
            for name, inside, headers in called:
                # What a field is called inside is a hint, but no header that its author expects in a file.
                hint = min(UNSURE, similarity(words, inside))
                score = max(hint, *(similarity(words, header) for header in headers))
                if score >= PLAUSIBLE:
                    scores[column.position, name] = score
        return scores


def _repeated(columns: Sequence[Column]) -> str | None:
    """Return the first form that several headers have: no answer could tell one of those from the other."""
    counts = Counter(normalised(column.header) for column in columns)
    return next((form for form, count in counts.items() if count > 1), None)
