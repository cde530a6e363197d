"""The grammar of the PartiQL statements that DynamoDB takes, and its parser.

    statement  = insert | update | delete | select
    insert     = INSERT INTO table VALUE map
    update     = UPDATE table { SET path = term , ... | REMOVE path }... WHERE condition [RETURNING what *]
    delete     = DELETE FROM table WHERE condition [RETURNING what *]
    select     = SELECT ( * | path , ... ) FROM table [. index] [WHERE condition]
    condition  = conjunction { OR conjunction }        conjunction = factor { AND factor }
    factor     = NOT factor | ( condition ) | begins_with(path, value) | contains(path, value) | operand test
    test       = IS [NOT] (MISSING | NULL) | comparator operand | BETWEEN operand AND operand | IN [ value , ... ]
    term       = operand [(+ | -) operand]             operand = path | value
    value      = ? | 'text' | number | TRUE | FALSE | NULL | map | [ value , ... ]
    map        = { 'name' : value , ... }              path = name { . name | [ number ] }

Source: Amazon DynamoDB Developer Guide, "PartiQL - a SQL-compatible query language for Amazon DynamoDB". What is
not in this grammar (EXISTS, ORDER BY, set functions) is refused as a statement that is not well formed.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from local.moto_corrections.dynamodb.partiql.conditions import (
    And,
    Between,
    Comparison,
    Condition,
    In,
    Missing,
    Not,
    Or,
    TextTest,
)
from local.moto_corrections.dynamodb.partiql.statements import (
    Delete,
    Insert,
    Removal,
    Select,
    Setting,
    Statement,
    Sum,
    Update,
)
from local.moto_corrections.dynamodb.partiql.tokens import NotWellFormed, tokens
from local.moto_corrections.dynamodb.partiql.values import ListValue, Literal, MapValue, Operand, Parameter, Path, Value

COMPARATORS = {"=", "<>", "!=", "<", "<=", ">", ">="}
MAX_STATEMENT = 8192
T = TypeVar("T")


@lru_cache(maxsize=1024)
def parse(statement: str) -> Statement:
    """The statement as a tree; each text is parsed once. Raises NotWellFormed."""
    if not 1 <= len(statement) <= MAX_STATEMENT:
        raise NotWellFormed(f"a statement has 1 to {MAX_STATEMENT} characters")
    return _Parser(statement).statement()


class _Parser:
    """Recursive descent over the tokens of one statement; one method per rule of the grammar."""

    def __init__(self, statement: str) -> None:
        self.tokens, self.at, self.parameters = tokens(statement), 0, 0

    # -- tokens

    def has(self, *expected: str) -> bool:
        """Take the next tokens if they are exactly these words or signs."""
        for offset, wanted in enumerate(expected):
            token = self.tokens[min(self.at + offset, len(self.tokens) - 1)]
            if token.kind not in ("word", "sign") or token.text.upper() != wanted:
                return False
        self.at += len(expected)
        return True

    def need(self, *expected: str) -> None:
        if not self.has(*expected):
            raise NotWellFormed(f"expected {' '.join(expected)}, found {self.tokens[self.at].text!r}")

    def take(self, *kinds: str) -> str:
        token = self.tokens[self.at]
        if token.kind not in kinds:
            raise NotWellFormed(f"expected a {' or '.join(kinds)}, found {token.text!r}")
        self.at += 1
        return token.text

    def separated(self, rule: Callable[[], T]) -> tuple[T, ...]:
        found = [rule()]
        while self.has(","):
            found.append(rule())
        return tuple(found)

    # -- statements

    def statement(self) -> Statement:
        if self.has("INSERT", "INTO"):
            parsed: Statement = self.insert()
        elif self.has("UPDATE"):
            parsed = self.update()
        elif self.has("DELETE", "FROM"):
            parsed = self.delete()
        elif self.has("SELECT"):
            parsed = self.select()
        else:
            raise NotWellFormed(f"expected INSERT INTO, UPDATE, DELETE FROM or SELECT, found {self.tokens[0].text!r}")
        self.take("end")
        return parsed

    def insert(self) -> Insert:
        table = self.name()
        self.need("VALUE")
        self.need("{")
        attributes = self.map_entries()
        return Insert(table, self.parameters, attributes)

    def update(self) -> Update:
        table = self.name()
        changes: list[Setting | Removal] = []
        while True:
            if self.has("SET"):
                changes.extend(self.separated(self.setting))
            elif self.has("REMOVE"):
                changes.append(Removal(self.path()))
            else:
                break
        self.need("WHERE")
        condition = self.condition()
        returning = self.returning()
        return Update(table, self.parameters, condition, returning, tuple(changes))

    def delete(self) -> Delete:
        table = self.name()
        self.need("WHERE")
        condition = self.condition()
        returning = self.returning()
        return Delete(table, self.parameters, condition, returning)

    def select(self) -> Select:
        paths = () if self.has("*") else self.separated(self.path)
        self.need("FROM")
        table = self.name()
        index = self.name() if self.has(".") else None
        condition = self.condition() if self.has("WHERE") else None
        return Select(table, self.parameters, index, paths, condition)

    def setting(self) -> Setting:
        path = self.path()
        self.need("=")
        left = self.operand()
        if self.has("+"):
            return Setting(path, Sum(left, self.operand(), 1))
        if self.has("-"):
            return Setting(path, Sum(left, self.operand(), -1))
        return Setting(path, left)

    def returning(self) -> str | None:
        if not self.has("RETURNING"):
            return None
        for what in ("ALL OLD", "ALL NEW", "MODIFIED OLD", "MODIFIED NEW"):
            if self.has(*what.split(), "*"):
                return what
        raise NotWellFormed("RETURNING takes ALL OLD *, ALL NEW *, MODIFIED OLD * or MODIFIED NEW *")

    # -- conditions

    def condition(self) -> Condition:
        parts = [self.conjunction()]
        while self.has("OR"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def conjunction(self) -> Condition:
        parts = [self.factor()]
        while self.has("AND"):
            parts.append(self.factor())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def factor(self) -> Condition:
        if self.has("NOT"):
            return Not(self.factor())
        if self.has("("):
            inner = self.condition()
            self.need(")")
            return inner
        for function in ("begins_with", "contains"):
            if self.has(function.upper(), "("):
                path = self.path()
                self.need(",")
                tested = TextTest(function, path, self.value())
                self.need(")")
                return tested
        return self.test(self.operand())

    def test(self, left: Operand) -> Condition:
        if self.has("IS"):
            negated = self.has("NOT")
            found: Condition = Missing(left) if self.has("MISSING") else self.null_test(left)
            return Not(found) if negated else found
        if self.has("BETWEEN"):
            low = self.operand()
            self.need("AND")
            return Between(left, low, self.operand())
        if self.has("IN"):
            close = "]" if self.has("[") else ")"
            if close == ")":
                self.need("(")
            choices = self.separated(self.value)
            self.need(close)
            return In(left, choices)
        comparator = self.take("sign")
        if comparator not in COMPARATORS:
            raise NotWellFormed(f"expected a comparison, found {comparator!r}")
        return Comparison("<>" if comparator == "!=" else comparator, left, self.operand())

    def null_test(self, left: Operand) -> Condition:
        self.need("NULL")
        return Comparison("=", left, Literal({"NULL": True}))

    # -- operands

    def operand(self) -> Operand:
        token = self.tokens[self.at]
        is_name = token.kind == "quoted" or (
            token.kind == "word" and token.text.upper() not in ("TRUE", "FALSE", "NULL")
        )
        return self.path() if is_name else self.value()

    def path(self) -> Path:
        steps: list[str | int] = [self.name()]
        while True:
            if self.has("."):
                steps.append(self.name())
            elif self.has("["):
                steps.append(int(self.take("number")))
                self.need("]")
            else:
                return Path(tuple(steps))

    def name(self) -> str:
        return self.take("word", "quoted")

    def value(self) -> Value:
        if self.has("?"):
            self.parameters += 1
            return Parameter(self.parameters - 1)
        if self.has("{"):
            return MapValue(self.map_entries())
        if self.has("["):
            members = () if self.has("]") else self.separated(self.value)
            if members:
                self.need("]")
            return ListValue(members)
        for word, literal in (("TRUE", {"BOOL": True}), ("FALSE", {"BOOL": False}), ("NULL", {"NULL": True})):
            if self.has(word):
                return Literal(literal)
        if self.has("-"):
            return Literal({"N": "-" + self.take("number")})
        if self.tokens[self.at].kind == "text":
            return Literal({"S": self.take("text")})
        return Literal({"N": self.take("number")})

    def map_entries(self) -> tuple[tuple[str, Value], ...]:
        if self.has("}"):
            return ()
        entries = self.separated(self.map_entry)
        self.need("}")
        return entries

    def map_entry(self) -> tuple[str, Value]:
        name = self.take("text", "quoted")
        self.need(":")
        return name, self.value()
