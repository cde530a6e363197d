"""Which field a column fills: the strongest reason wins, each field is filled once, and what is unclear is asked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longshore.domain.parse_plan import Column
from longshore.domain.templates.header_matching import COMPARED, LONGEST_HEADER, HeaderMatch, match_columns, normalised
from longshore.domain.templates.template_field import TemplateField


def field(name: str, column: str = "", *aliases: str, required: bool = False) -> TemplateField:
    return TemplateField(name=name, column=column, aliases=list(aliases), required=required)


CUSTOMER = [
    field("id", "Customer number", "Kundennummer", required=True),
    field("email", "E-mail", "Mail", "Electronic mail"),
    field("first_name"),
    field("last_name", "Surname"),
    field("since", "Customer since"),
]


def match(headers: list[str], fields: list[TemplateField] = CUSTOMER, **confirmed: str | None) -> HeaderMatch:
    columns = [Column(at, header, None, "unmapped") for at, header in enumerate(headers, start=1)]
    return match_columns(columns, fields, {normalised(header): name for header, name in confirmed.items()})


def found(headers: list[str], fields: list[TemplateField] = CUSTOMER, **confirmed: str | None) -> list[object]:
    return [(column.field, column.reason) for column in match(headers, fields, **confirmed).columns]


def asked(headers: list[str], fields: list[TemplateField] = CUSTOMER, **confirmed: str | None) -> dict[str, list[str]]:
    questions = match(headers, fields, **confirmed).questions
    return {question.header: [name for name, _ in question.candidates] for question in questions}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("E-mail", "exact"),
        ("e mail", "normalised"),
        ("EMAIL", "normalised"),
        ("\uff25\uff0dmail", "normalised"),
        ("e\u00admail\u200b", "normalised"),
        ("Mail", "alias"),
        ("electronic_MAIL", "alias"),
        ("Electronnic mail", "fuzzy"),
    ],
)
def test_every_reason_names_itself(header: str, reason: str) -> None:
    (column,) = match([header]).columns
    assert (column.field, column.reason) == ("email", reason)
    assert (column.score < 1) is (reason == "fuzzy")


@pytest.mark.parametrize(("one", "other"), [("Q1-1", "Q11"), ("a1 2", "a12"), ("v1.0", "v10")])
def test_numbers_do_not_run_together(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(max_size=20))
def test_a_normalised_header_is_normalised(header: str) -> None:
    once = normalised(header)
    assert normalised(once) == once


def test_a_stronger_reason_leaves_weaker_ones_without_the_field() -> None:
    assert found(["mail", "E-MAIL", "E-mail"]) == [(None, "unmapped"), (None, "unmapped"), ("email", "exact")]
    assert found(["Mail", "e_mail"]) == [(None, "unmapped"), ("email", "normalised")]


def test_two_aliases_of_one_field_are_asked() -> None:
    assert asked(["Mail", "Electronic mail"]) == {"Electronic mail": ["email"]} | {"Mail": ["email"]}
    assert [reason for _, reason in found(["Mail", "Electronic mail"])] == ["asked", "asked"]


def test_the_same_header_twice_is_left_to_be_refused() -> None:
    assert found(["e mail", "E_MAIL"]) == [("email", "normalised")] * 2
    assert found(["Mail", "mail"]) == [("email", "alias"), (None, "unmapped")]


def test_one_header_for_two_fields_is_asked() -> None:
    fields = [field("x", "A-B"), field("y", "a b"), field("z", "Z", "sum"), field("w", "W", "Sum")]
    assert asked(["A_B", "SUM"], fields) == {"A_B": ["x", "y"], "SUM": ["z", "w"]}
    assert found(["a b", "sum"], fields) == [("y", "exact"), ("z", "alias")]


def test_a_field_that_is_asked_about_is_not_given_to_a_weaker_claim() -> None:
    fields = [field("a", "A-B", "Total"), field("b", "a b")]
    assert set(asked(["A_B", "Total"], fields)) == {"A_B", "Total"}


def test_what_may_be_several_fields_is_asked_best_first() -> None:
    (question,) = match(["Name"], [field("first_name"), field("last_name"), field("names")]).questions
    assert (question.position, question.header) == (1, "Name")
    assert question.candidates == (("names", 0.89), ("first_name", 0.8), ("last_name", 0.8))


def test_likeness_in_the_middle_is_asked() -> None:
    assert asked(["E-mail adr."]) == {"E-mail adr.": ["email"]}
    assert match(["E-mail adr."]).columns[0].field is None
    assert match(["E-mail adr."]).asked_fields == {"email"}


def test_a_sure_match_with_a_rival_is_asked() -> None:
    fields = [field("a", "Kundennummer"), field("b", "Kundennummern")]
    assert set(asked(["Kundenummer"], fields)) == {"Kundenummer"}
    assert set(asked(["Kundenummer", "Kundennumer"], fields[:1])) == {"Kundenummer", "Kundennumer"}
    assert found(["Kundenummer"], fields[:1]) == [("a", "fuzzy")]


def test_a_field_that_is_filled_is_no_candidate() -> None:
    assert found(["Kundenummer", "Kundennummer"])[0] == (None, "unmapped")
    assert asked(["Name", "first_name"], [field("first_name")]) == {}


def test_the_name_of_a_field_is_a_hint_only() -> None:
    assert found(["last_name"]) == [(None, "asked")]
    assert asked(["last_name"]) == {"last_name": ["last_name"]}


def test_what_was_confirmed_outranks_all_but_the_exact_header() -> None:
    assert found(["Mail"], Mail="last_name") == [("last_name", "confirmed")]
    assert found(["e mail"], EMAIL=None) == [(None, "confirmed")]
    assert found(["E-mail"], EMAIL=None) == [("email", "exact")]
    assert found(["ORT", "id"], [field("id")], ort=None) == [(None, "confirmed"), ("id", "exact")]


def test_a_confirmed_field_that_is_gone_counts_for_nothing() -> None:
    assert found(["Mail"], Mail="fax") == [("email", "alias")]
    assert found(["Fax"], Fax="fax") == [(None, "unmapped")]


def test_two_columns_confirmed_for_one_field_are_asked_again() -> None:
    assert asked(["Post", "Box"], Post="email", Box="email") == {"Post": ["email"], "Box": ["email"]}
    assert found(["Post", "Box"], Post="email", Box=None) == [("email", "confirmed"), (None, "confirmed")]


def test_a_blank_or_endless_header_is_never_asked_about() -> None:
    endless = "first name " + "x" * LONGEST_HEADER
    assert found(["", " \t", endless]) == [(None, "unmapped")] * 3


def test_columns_of_a_report_are_left_alone() -> None:
    columns = [Column(1, "E-mail", None, "report"), Column(2, "E-mail", None, "unmapped")]
    assert [c.reason for c in match_columns(columns, CUSTOMER).columns] == ["report", "exact"]


def test_more_columns_than_are_compared_are_unknown() -> None:
    fields = [field(f"f{n}", f"Column {n} of the template") for n in range(500)]
    headers = [f"Column {n} of template" for n in range(COMPARED // 500 + 1)]
    assert found(headers, fields)[-1] == (None, "unmapped")
    assert all(reason == "asked" for _, reason in found(headers, fields)[:-1])


TEXTS = st.sampled_from(["id", "ID", "i-d", "name", "Name ", "first name", "first_name", "mail", "e-mail", "Mail", "x"])
FIELDS = st.lists(st.builds(field, st.sampled_from("abcdef"), TEXTS, TEXTS), max_size=4, unique_by=lambda f: f.name)


@example(["ID", "ID", "mail"], [field("a", "id", "id")], {"id": "a", "mail": "a"})
@given(st.lists(TEXTS, max_size=6), FIELDS, st.dictionaries(TEXTS, st.sampled_from([None, *"abcg"]), max_size=3))
def test_whatever_comes_a_field_is_filled_once_or_by_headers_alike(
    headers: list[str], fields: list[TemplateField], confirmed: dict[str, str | None]
) -> None:
    result = match(headers, fields, **confirmed)
    assert [(c.position, c.header) for c in result.columns] == list(enumerate(headers, start=1))
    names = {f.name for f in fields}
    for name in names:
        assert len({normalised(c.header) for c in result.columns if c.field == name}) <= 1
    assert {c.field for c in result.columns} <= {None, *names}
    assert {q.position for q in result.questions} == {c.position for c in result.columns if c.reason == "asked"}
    filled = {c.field for c in result.columns}
    assert all(set(dict(q.candidates)) <= names - filled for q in result.questions)
