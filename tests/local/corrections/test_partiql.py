"""PartiQL statements: their grammar, their conditions, and an outcome for each of a batch."""

import pytest
from botocore.exceptions import ClientError

INSERT = "INSERT INTO \"{}\" VALUE {{'pk': ?, 'sk': ?, 'rev': ?, 'token': ?, 'data': ?}}"
UPDATE = 'UPDATE "{}" SET data = ?, rev = ? WHERE pk = ? AND sk = ? AND rev = ? AND (token IS MISSING OR token <= ?)'
DELETE = 'DELETE FROM "{}" WHERE pk = ? AND sk = ? AND rev = ?'


def s(text):
    return {"S": text}


def n(number):
    return {"N": str(number)}


def key(pk, sk="0"):
    return {"pk": s(pk), "sk": s(sk)}


@pytest.fixture
def batch(ddb, table):
    """Run statements; each given as (text, parameters); the answer is the list of error codes or None."""

    def run(*statements, **options):
        sent = [{"Statement": text.format(table), "Parameters": given, **options} for text, given in statements]
        answers = ddb.batch_execute_statement(Statements=sent)["Responses"]
        return [answer.get("Error", {}).get("Code") for answer in answers]

    return run


def insert(pk, rev="r1", token=5, data=None):
    nested = {"M": {"name": s("x"), "n": n("3.50"), "l": {"L": [{"NULL": True}, {"BOOL": False}]}}}
    return INSERT, [s(pk), s("0"), s(rev), n(token), data or nested]


def update(pk, rev, token=5, to="r2"):
    return UPDATE, [{"M": {"name": s("y")}}, s(to), s(pk), s("0"), s(rev), n(token)]


def test_insert_writes_maps_and_refuses_what_exists(batch, get):
    assert batch(insert("a"), insert("b")) == [None, None]
    assert batch(insert("a", data={"M": {}}), insert("c")) == ["DuplicateItem", None]
    assert get("a")["data"]["M"] == {"name": s("x"), "n": n("3.50"), "l": {"L": [{"NULL": True}, {"BOOL": False}]}}


def test_update_changes_only_what_meets_its_conditions(batch, get):
    batch(insert("a"), insert("b"), insert("c", token=9))
    assert batch(update("a", "r1"), update("b", "other"), update("c", "r1", token=8), update("gone", "r1")) == [
        None,
        "ConditionalCheckFailed",
        "ConditionalCheckFailed",
        "ConditionalCheckFailed",
    ]
    assert (get("a")["rev"], get("a")["data"], get("a")["token"]) == (s("r2"), {"M": {"name": s("y")}}, n(5))
    assert (get("b")["rev"], get("c")["rev"], get("gone")) == (s("r1"), s("r1"), None)


def test_delete_needs_its_condition_but_not_the_item(batch, get):
    batch(insert("a"), insert("b"))
    parameters = [[s("a"), s("0"), s("r1")], [s("b"), s("0"), s("other")], [s("gone"), s("0"), s("r1")]]
    assert batch(*((DELETE, given) for given in parameters)) == [None, "ConditionalCheckFailed", None]
    assert (get("a"), get("b")["rev"]) == (None, s("r1"))


@pytest.mark.parametrize(
    ("condition", "given", "holds"),
    [
        ("num = ?", n("1.0"), True),
        ("num = ?", s("1"), False),
        ("num <> ?", n(2), True),
        ("num < ?", n(1), False),
        ("num >= ?", n(1), True),
        ("num > ? OR num = 1", n(7), True),
        ("NOT num = ?", n(1), False),
        ("none IS MISSING AND num = ?", n(1), True),
        ("num IS NOT MISSING AND (num = ? OR num = 3)", n(2), False),
        ("none IS NULL OR num BETWEEN 0 AND ?", n(1), True),
        ("num IN [5, ?]", n(1), True),
        ("data.name = ?", s("x"), True),
        ("data.l[1] = ?", {"BOOL": False}, True),
        ("begins_with(txt, ?)", s("it's"), True),
        ("contains(txt, ?) AND txt = 'it''s \"so\"'", s("so"), True),
        ("none < ?", n(1), False),
    ],
)
def test_conditions(batch, put, condition, given, holds):
    put("a", num=n(1), txt=s('it\'s "so"'), data={"M": {"name": s("x"), "l": {"L": [n(1), {"BOOL": False}]}}})
    text = "UPDATE \"{}\" SET seen = 1 WHERE pk = 'a' AND sk = '0' AND (" + condition + ")"
    assert batch((text, [given])) == [None if holds else "ConditionalCheckFailed"]


def test_set_and_remove_reach_into_attributes_and_read_the_item_as_it_was(batch, get, put):
    put("a", x=n(1), y=n(2), gone=n(0), data={"M": {"k": s("v"), "drop": s("v")}})
    text = "UPDATE \"{}\" SET x = y, y = x + ?, data.k = ? REMOVE gone REMOVE data.drop WHERE pk = 'a' AND sk = '0'"
    assert batch((text, [n("0.5"), s("w")])) == [None]
    assert get("a") == {**key("a"), "x": n(2), "y": n("1.5"), "data": {"M": {"k": s("w")}}}


def test_a_batch_is_refused_as_a_whole_when_it_is_wrong_as_a_whole(ddb, table, batch, get):
    select = ('SELECT * FROM "{}" WHERE pk = ? AND sk = ?', [s("a"), s("0")])
    for statements in ([insert("a"), update("a", "r1")], [insert("a"), select], [insert(str(i)) for i in range(26)]):
        with pytest.raises(ClientError, match="ValidationException"):
            batch(*statements)
    assert get("a") is None


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("INSERT INTO \"{}\" VALUE {{'pk': ?}}", [s("a")]),
        ("INSERT INTO \"{}\" VALUE {{'pk': ?, 'sk': ?}}", [s("a"), n(1)]),
        ('INSERT INTO "{}" VALUE ?', [{"M": key("a")}]),
        ('UPDATE "{}" SET x = 1 WHERE pk = ?', [s("a")]),
        ('UPDATE "{}" SET x = 1 WHERE pk = ? OR sk = ?', [s("a"), s("0")]),
        ("UPDATE \"{}\" SET sk = '1' WHERE pk = ? AND sk = ?", [s("a"), s("0")]),
        ('UPDATE "{}" SET x = 1 WHERE pk = ? AND sk = ?', [s("a")]),
        ('UPDATE "{}" SET x = nothere WHERE pk = ? AND sk = ?', [s("a"), s("0")]),
        ('UPDATE "{}" SET big = ? WHERE pk = ? AND sk = ?', [s("x" * 410_000), s("a"), s("0")]),
        ('SELECT * FROM "{}" WHERE pk = ?', [s("a")]),
        ("UPSERT ?", [n(1)]),
    ],
)
def test_a_wrong_statement_fails_alone_and_changes_nothing(batch, put, get, text, given):
    put("a")
    assert batch((text, given)) == ["ValidationError"]
    assert get("a") == key("a")


def test_a_statement_on_an_unknown_table_fails_alone(batch):
    assert batch(("DELETE FROM nothere WHERE pk = ?", [s("a")]), insert("a")) == ["ResourceNotFound", None]


def test_a_failed_condition_returns_the_old_item_on_request(ddb, table, put):
    put("a", rev=s("r1"))
    wanted = {"Statement": DELETE.format(table), "Parameters": [s("a"), s("0"), s("other")]}
    asked = {**wanted, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    [answer] = ddb.batch_execute_statement(Statements=[asked])["Responses"]
    assert answer["Error"]["Item"] == {**key("a"), "rev": s("r1")}
    with pytest.raises(ddb.exceptions.ConditionalCheckFailedException) as refused:
        ddb.execute_statement(**asked)
    assert refused.value.response["Item"] == {**key("a"), "rev": s("r1")}


def test_single_statements_raise_and_return(ddb, table, put, get):
    run = lambda text, *given: ddb.execute_statement(Statement=text.format(table), Parameters=list(given))["Items"]  # noqa: E731
    put("a", "1", v=n(1))
    put("a", "0", v=n(0))
    put("b", "0", v=n(5))
    assert [item["sk"] for item in run('SELECT * FROM "{}" WHERE pk = ?', s("a"))] == [s("0"), s("1")]
    assert run('SELECT v FROM "{}" WHERE v > ?', n(1)) == [{"v": n(5)}]
    assert run("UPDATE \"{}\" SET v = 9 WHERE pk = 'b' AND sk = ? RETURNING ALL OLD *", s("0"))[0]["v"] == n(5)
    assert run("DELETE FROM \"{}\" WHERE pk = 'b' AND sk = ? RETURNING ALL OLD *", s("0"))[0]["v"] == n(9)
    with pytest.raises(ddb.exceptions.DuplicateItemException):
        run("INSERT INTO \"{}\" VALUE {{'pk': ?, 'sk': '0'}}", s("a"))


def test_a_transaction_of_statements_is_all_or_nothing(ddb, table, put, get):
    put("a", rev=s("r1"))
    good, bad = insert("b"), update("a", "other")
    sent = [{"Statement": text.format(table), "Parameters": given} for text, given in (good, bad)]
    with pytest.raises(ddb.exceptions.TransactionCanceledException) as refused:
        ddb.execute_transaction(TransactStatements=sent)
    codes = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
    assert (codes, get("b")) == (["None", "ConditionalCheckFailed"], None)


def test_statements_appear_in_the_stream(batch, stream):
    batch(insert("a"))
    batch(update("a", "r1"))
    batch((DELETE, [s("a"), s("0"), s("r2")]))
    assert stream() == [("INSERT", "a"), ("MODIFY", "a"), ("REMOVE", "a")]
