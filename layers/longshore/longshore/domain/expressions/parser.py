"""From the text of an expression to its tree, by precedence climbing; what the tree means is not looked at here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, cast

from longshore.domain.cells.value_types import BadValue, FieldType
from longshore.domain.cells.values import parse_value
from longshore.domain.expressions.tokens import ExpressionError, Token, tokens_of

Type = Literal["number", "text", "boolean", "date", "datetime", "time", "list", "json"]
Constant = Decimal | str | bool
_Moment = Literal["date", "datetime", "time"]

MAX_DEPTH = 100
"""How deep a tree may be; all that is joined by `and`, or all by `or`, is one level."""

_BINDING = {"or": 1, "and": 2, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "is": 4, "in": 4, "not": 4}
_BINDING |= {"+": 5, "-": 5, "*": 6, "/": 6}
_NOT, _NEGATE = 3, 7

NEGATION = "minus sign"


@dataclass(frozen=True)
class Literals:
    """One literal, or all those after `in`; `at` is the place in the text, counted from 0."""

    at: int
    type: Type
    values: tuple[Constant, ...]
    depth: int = 1


@dataclass(frozen=True)
class FieldValue:
    """The value of a field."""

    at: int
    name: str
    depth: int = 1


@dataclass(frozen=True)
class Operation:
    """An operator or a function, and what it is applied to; a minus sign in front of something is NEGATION."""

    at: int
    name: str
    operands: tuple["Node", ...]
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", 1 + max((operand.depth for operand in self.operands), default=0))
        if self.depth > MAX_DEPTH:
            raise ExpressionError(self.at, f"too deep; at most {MAX_DEPTH} operations may stand inside each other")


Node = Literals | FieldValue | Operation


def parse(text: str) -> Node:
    """Return the tree of an expression; raise ExpressionError."""
    parser = _Parser(tokens_of(text))
    tree = parser.expression(0)
    parser.take("end")
    return tree


class _Parser:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def expression(self, binding: int) -> Node:
        """Read on until an operator that binds no tighter than `binding`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(
                self._token.at, f"too deep; at most {MAX_DEPTH} operations may stand inside each other"
            )
        left = self._operand()
        while _BINDING.get(self._token.text, 0) > binding and self._token.kind in ("sign", "keyword"):
            left = self._operation(left, self._advance())
        self._depth -= 1
        return left

    def take(self, kind: str, text: str = "") -> Token:
        """Go past the token that must come next."""
        token = self._token
        if token.kind != kind or token.text != text:
            wanted = repr(text) if text else "the end of the expression"
            raise ExpressionError(token.at, f"expected {wanted}, not {token}")
        return self._advance()

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _advance(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _comes(self, text: str) -> bool:
        if self._token.text != text or self._token.kind not in ("sign", "keyword"):
            return False
        self._next += 1
        return True

    def _operand(self) -> Node:
        token = self._advance()
        match token.kind, token.text:
            case "keyword", "not":
                return Operation(token.at, "not", (self.expression(_NOT),))
            case "sign", "-":
                return _negated(token.at, self.expression(_NEGATE))
            case "sign", "(":
                inner = self.expression(0)
                self.take("sign", ")")
                return inner
            case "word", name if self._comes("("):
                return Operation(token.at, name, self._list())
            case ("word", name):
                return FieldValue(token.at, name)
            case ("quoted", name):
                return FieldValue(token.at, name[1:-1])
        return _literal(token)

    def _operation(self, left: Node, operator: Token) -> Node:
        match operator.text:
            case "is":
                name = "is not blank" if self._comes("not") else "is blank"
                self.take("keyword", "blank")
                return Operation(operator.at, name, (left,))
            case "not":
                self.take("keyword", "in")
                return Operation(operator.at, "not", (self._membership(left, operator),))
            case "in":
                return self._membership(left, operator)
            case "and" | "or":
                operands = [left, self.expression(_BINDING[operator.text])]
                while self._comes(operator.text):
                    operands.append(self.expression(_BINDING[operator.text]))
                return Operation(operator.at, operator.text, tuple(operands))
        return Operation(operator.at, operator.text, (left, self.expression(_BINDING[operator.text])))

    def _membership(self, left: Node, operator: Token) -> Node:
        opening = self.take("sign", "(")
        items = self._list()
        if not items:
            raise ExpressionError(opening.at, "the list after in is empty")
        literals = [item for item in items if isinstance(item, Literals)]
        for item in items:
            if not isinstance(item, Literals):
                raise ExpressionError(item.at, "only literals can be listed after in")
            if item.type != literals[0].type:
                raise ExpressionError(item.at, f"a {item.type} among values of type {literals[0].type}")
        values = tuple(value for item in literals for value in item.values)
        return Operation(operator.at, "in", (left, Literals(opening.at, literals[0].type, values)))

    def _list(self) -> tuple[Node, ...]:
        """Read operands between commas up to the closing parenthesis."""
        if self._comes(")"):
            return ()
        items = [self.expression(0)]
        while self._comes(","):
            items.append(self.expression(0))
        self.take("sign", ")")
        return tuple(items)


def _negated(at: int, operand: Node) -> Node:
    if isinstance(operand, Literals) and isinstance(operand.values[0], Decimal):
        return Literals(at, "number", (operand.values[0].copy_negate(),))
    return Operation(at, NEGATION, (operand,))


def _literal(token: Token) -> Literals:
    match token.kind, token.text:
        case ("keyword", "true" | "false"):
            return Literals(token.at, "boolean", (token.text == "true",))
        case ("text", quoted):
            return Literals(token.at, "text", (quoted[1:-1].replace("''", "'"),))
        case ("number", digits):
            return Literals(token.at, "number", (Decimal(_canonical("decimal", digits, token)),))
        case ("moment", moment):
            kind, _, value = moment[:-1].partition("'")
            return Literals(token.at, cast(_Moment, kind), (_canonical(cast(_Moment, kind), value, token),))
        case ("keyword", "blank"):
            raise ExpressionError(token.at, "write is blank, or is not blank")
    raise ExpressionError(token.at, f"expected a field, a literal or a function, not {token}")


def _canonical(field_type: FieldType, text: str, token: Token) -> str:
    try:
        value = parse_value(field_type, text)
    except BadValue:
        value = None
    if not isinstance(value, str):
        raise ExpressionError(token.at, f"{token.text} is no {field_type}")
    return value
