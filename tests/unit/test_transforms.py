"""Transforms: what each does to a text, that a column fares like its cells, and what is refused in a template."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from longshore.domain.cells.transforms import CELL_LIMIT, Substitution, Transform, Transforms
from longshore.domain.cells.value_types import BadValue


def compiled(*transforms):
    return Transforms([Transform.model_validate(transform) for transform in transforms])


@pytest.mark.parametrize(
    ("transform", "text", "becomes"),
    [
        ({"trim": True}, "\u00a0 a b\t\n", "a b"),
        ({"collapse_spaces": True}, " a \t b\u00a0\u00a0c", " a b c"),
        ({"case": "lower"}, "ÀB", "àb"),
        ({"case": "upper"}, "straße", "STRASSE"),
        ({"case": "title"}, "ana-maria o'neil's VON'T", "Ana-Maria O'neil's Von't"),
        ({"replace": {"find": ".", "by": ""}}, "1.2.3", "123"),
        ({"replace": {"find": "ab", "by": r"\1"}}, "xab", r"x\1"),
        ({"replace": {"pattern": r"(\d+)-(\d+)", "by": r"\2/\1"}}, "a 12-34, 5-6", "a 34/12, 6/5"),
        ({"replace": {"pattern": "^0+"}}, "000120", "120"),
        ({"replace": {"pattern": "é", "by": r"<\0>\\"}}, "née", "n<é>\\e"),
        ({"replace": {"pattern": "(a)|(b)", "by": r"[\1\2]"}}, "ab", "[a][b]"),
        ({"split": {"separator": "/"}}, "a/b", "a"),
        ({"split": {"separator": "/", "take": 2}}, "a/b/c", "b"),
        ({"split": {"separator": "/", "take": 3}}, "a/b", ""),
        ({"split": {"separator": ";;", "take": 2}}, "a;", ""),
        ({"lookup": {"DE": "Germany"}}, "DE", "Germany"),
        ({"lookup": {"DE": "Germany"}}, "de", "de"),
    ],
)
def test_what_a_transform_does(transform, text, becomes):
    assert compiled(transform).one(text) == becomes
    assert compiled(transform).column([text, "", text]) == ([becomes, "", becomes], [])


def test_transforms_are_applied_in_their_order():
    steps = compiled({"trim": True}, {"split": {"separator": "-", "take": 2}}, {"lookup": {"7": "seven"}})
    assert steps.one(" x-7 ") == "seven"
    assert bool(steps)
    assert not compiled()


STEPS = st.one_of(
    st.just({"trim": True}),
    st.just({"collapse_spaces": True}),
    st.sampled_from(["lower", "upper", "title"]).map(lambda case: {"case": case}),
    st.builds(
        lambda find, by: {"replace": {"find": find, "by": by}},
        st.text("ab \n", min_size=1, max_size=2),
        st.text("abc\n", max_size=3),
    ),
    st.builds(
        lambda pattern, by: {"replace": {"pattern": pattern, "by": by}},
        st.sampled_from(
            ["a", "a*", "^a", "b$", r"(\w)", "[ab]+", "é", "(a)|(b)", ".", r"\b", "(?s).", "a|", "[^a]", r"\s"]
        ),
        st.sampled_from(["", "x", r"\0\0", "é", "\n", "ab"]),
    ),
    st.builds(
        lambda separator, take: {"split": {"separator": separator, "take": take}},
        st.sampled_from([" ", "a", "aa", "ab"]),
        st.integers(1, 3),
    ),
    st.just({"lookup": {"a": "b", "b": "", "ab": "A"}}),
)
TEXTS = st.lists(st.text("aAbB'é ß\t\n\u00a0\x000ǅİ", max_size=8), min_size=1, max_size=10)


@settings(max_examples=600)
@given(st.lists(STEPS, max_size=4), TEXTS)
def test_a_column_fares_like_each_of_its_cells_and_blank_stays_blank(steps, texts):
    transforms = compiled(*steps)
    done, too_long = transforms.column(texts)
    assert list(done) == [transforms.one(text) for text in texts]
    assert too_long == []
    assert transforms.one("") == ""


@given(st.sampled_from(["a", "[ab]+", "(a)(b)", r"\d", "é+", "(?s)a.b"]), st.sampled_from(["", r"\0x", r"-\\-"]), TEXTS)
def test_substitution_is_that_of_python_where_both_know_the_syntax(pattern, by, texts):
    in_python = by.replace(r"\0", r"\g<0>")
    assert Substitution(pattern, by).column(texts) == [re.sub(pattern, in_python, text) for text in texts]


def test_a_cell_that_grows_beyond_every_record_is_refused_and_the_others_are_not():
    steps = compiled(*[{"replace": {"find": "a", "by": "a" * 200}}] * 3)
    with pytest.raises(BadValue, match="TRANSFORMED_TOO_LONG"):
        steps.one("a")
    done, too_long = steps.column(["b", "a", "bb"])
    assert (done, too_long) == (["b", "", "bb"], [1])


def test_a_long_cell_that_does_not_grow_is_left_alone():
    text = "x" * (CELL_LIMIT + 1)
    assert compiled({"replace": {"find": "a", "by": "aa"}}).column([text]) == ([text], [])


def test_a_substitution_takes_linear_time():
    assert compiled({"replace": {"pattern": "(a+)+b", "by": ""}}).one("a" * 20_000) == "a" * 20_000


@pytest.mark.parametrize(
    ("transform", "named"),
    [
        ({}, "exactly one"),
        ({"trim": True, "case": "lower"}, "exactly one"),
        ({"trim": False}, "True"),
        ({"replace": {}}, "find or pattern"),
        ({"replace": {"find": "a", "pattern": "a"}}, "not both"),
        ({"replace": {"pattern": "(?=a)"}}, "RE2"),
        ({"replace": {"pattern": "(a)", "by": r"\2"}}, "1 groups"),
        ({"replace": {"pattern": "a", "by": "\\"}}, "backslash"),
        ({"replace": {"pattern": "a", "by": r"\n"}}, "backslash"),
        ({"replace": {"pattern": r"\C"}}, r"\\C"),
        ({"replace": {"find": "a", "by": "x" * 201}}, "200"),
        ({"split": {"separator": ""}}, "separator"),
        ({"split": {"separator": ",", "take": 0}}, "take"),
        ({"lookup": {}}, "lookup"),
        ({"lookup": {"": "x"}}, "default"),
    ],
)
def test_a_wrong_transform_is_refused(transform, named):
    with pytest.raises(ValidationError, match=named):
        Transform.model_validate(transform)
