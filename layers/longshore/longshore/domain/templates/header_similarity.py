"""How much alike two headers are, from 0 to 1, judged by their words.

A score of SURE or more means that every word of one is that much alike a word of the other, whatever their order,
accents and punctuation. That is one slip in a word of eight letters or more; county and country have 0.92.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

SURE = 0.93
UNSURE = 0.92
"""The highest score of headers that a person would not call the same without looking."""
CONTAINED = 0.8
"""The least score where the words of one stand together in the other, name in first name, or shorten its words."""

ALIKE_AT_ALL = 0.7
"""Headers whose letters, in any order, are less alike than this have the score 0."""

LONGEST_TEXT = 60
"""Letters of a header beyond which only equal ones are compared, for the time that it takes."""
SHORTEST_WORD = 2
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PIECE = re.compile(r"\d+|[^\d\s]+")
_ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True)
class Words:
    """A header taken apart: its words, and its numbers, in which headers must not differ."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        """All words in one."""
        return "".join(self.words)

    @cached_property
    def runs(self) -> frozenset[str]:
        """What words that stand together make, such as email of e mail address."""
        places = range(len(self.words) + 1)
        runs = ("".join(self.words[start:end]) for start in places for end in places[start + 1 :])
        return frozenset(run for run in runs if len(run) >= SHORTEST_WORD)

    @cached_property
    def letters(self) -> Counter[str]:
        """How often each letter occurs."""
        return Counter(self.text)


def words_of(header: str) -> Words:
    """Take a header apart; case, accents of the Latin, Greek and Cyrillic letters, and punctuation do not count."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", _HUMP.sub(" ", header)))
    spaced = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain.casefold())
    pieces = _PIECE.findall(unicodedata.normalize("NFKC", spaced))
    return Words(
        tuple(piece for piece in pieces if not piece.isdigit()), tuple(sorted(p for p in pieces if p.isdigit()))
    )


def similarity(one: Words, other: Words) -> float:
    """Return the score of two headers, the same whichever comes first."""
    if not one.words or not other.words or (one.numbers and other.numbers and one.numbers != other.numbers):
        return 0.0
    score = _score(one, other)
    return round(score if one.numbers == other.numbers else min(score, UNSURE), 2)


def _score(one: Words, other: Words) -> float:
    if one.text == other.text:
        return 1.0
    within = one.text in other.runs or other.text in one.runs or _abbreviated(one.words, other.words)
    contained = CONTAINED if within else 0.0
    if not _may_be_alike(one, other):
        return contained
    if len(one.words) == len(other.words):
        return max(contained, _word_by_word(one.words, other.words))
    # One of them may write in two words what is one word of the other, or leave a word out.
    return max(contained, min(UNSURE, _alike(one.text, other.text)))


def _abbreviated(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each word of one is a word of the other or its beginning, as in cust no for customer number."""
    return len(one) == len(other) and all(
        a == b or (min(len(a), len(b)) >= SHORTEST_WORD and (a.startswith(b) or b.startswith(a)))
        for a, b in zip(one, other, strict=True)
    )


def _may_be_alike(one: Words, other: Words) -> bool:
    """Whether the letters in any order are alike: most headers are not, and need no closer look."""
    shorter, longer = sorted((len(one.text), len(other.text)))
    if longer > LONGEST_TEXT or 2 * shorter < ALIKE_AT_ALL * (shorter + longer):
        return False
    theirs = other.letters
    shared = sum(min(count, theirs[letter]) for letter, count in one.letters.items() if letter in theirs)
    return 2 * shared >= ALIKE_AT_ALL * (shorter + longer)


def _word_by_word(one: Sequence[str], other: Sequence[str]) -> float:
    in_order = [_alike(*pair) for pair in zip(one, other, strict=True)]
    sorted_out = [_alike(*pair) for pair in zip(sorted(one), sorted(other), strict=True)]
    best = max(in_order, sorted_out, key=min)
    if min(best) >= SURE:
        return min(best)
    return min(UNSURE, max(sum(in_order), sum(sorted_out)) / len(one))


@lru_cache(maxsize=1 << 16)
def _alike(one: str, other: str) -> float:
    """Return 2 × the letters they share in order / the letters of both (Ratcliff and Obershelp)."""
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
