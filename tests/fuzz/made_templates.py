"""Templates of every kind, made by chance."""

import random
from contextlib import suppress
from typing import Any

from longshore.domain.templates.template import Template, parse_template
from longshore.errors import InvalidTemplate

WORDS = ["red", "green", "Blue", "ä ö", "007", "x"]
FORMATS = {"date": ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"], "datetime": ["%d/%m/%Y %H:%M"], "time": ["%H.%M"]}
BOUNDS = {
    "integer": ("-5", "50"),
    "decimal": ("-1.5", "99.5"),
    "date": ("2020-01-01", "2030-01-01"),
    "datetime": ("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
    "time": ("01:00", "23:00"),
}
TYPES = (
    *("string", "string", "integer", "decimal", "boolean", "date", "datetime", "time"),
    *("email", "phone", "url", "uuid", "json", "list", "reference"),
)
TRANSFORMS: list[dict[str, Any]] = [
    {"trim": True},
    {"collapse_spaces": True},
    {"case": "upper"},
    {"case": "lower"},
    {"case": "title"},
    {"replace": {"find": "a", "by": "bb"}},
    {"replace": {"pattern": r"([a-z])\d*", "by": r"<\1>"}},
    {"replace": {"pattern": r"\s*", "by": "-"}},
    {"split": {"separator": " ", "take": 1}},
    {"lookup": {"red": "green", "x": ""}},
]
PATTERNS = ["[a-z]+", r".*\d.*", r"(?i)[^x]*", r"\pL+", "a|b|", r"(?s).{0,9}"]
RULES = [
    "f1 is not blank",
    "f1 = f2 or f0 is blank",
    "f1 < f2",
    "length(f1) > 2",
    "f0 not in ('red', '1')",
    "matches(f0, '[^=]*')",
    "f1 * 2 / f2 > 1 - f1",
    "not (lower(f0) = 'x' and f1 is blank)",
    "days_between(f1, f2) >= 0",
]


def made_template(chance: random.Random) -> Template:
    """Return a template that can be stored; the first field is its key."""
    while True:
        with suppress(InvalidTemplate):
            return parse_template(_document(chance))


def _document(chance: random.Random) -> dict[str, Any]:
    fields = [_field(chance, at) for at in range(chance.randint(1, 6))]
    fields[0] |= {"required": True}
    document: dict[str, Any] = {"name": "t", "record_type": "t", "key": ["f0"], "fields": fields}
    document["max_rejected_percent"] = chance.choice([100, 100, 10])
    for name in ("unknown_columns", "extra_cells"):
        document[name] = chance.choice(["reject", "ignore", "keep", "keep"])
    if chance.random() < 0.2:
        document["unique"] = [chance.sample([f["name"] for f in fields], chance.randint(1, min(2, len(fields))))]
    if chance.random() < 0.3:
        expression = chance.choice(RULES)
        document["rules"] = [{"name": "r", "expression": expression, "field": chance.choice([None, "f0"])}]
    document["file"] = _file(chance)
    return document


def _file(chance: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if chance.random() < 0.2:
        options["null_markers"] = ["NULL", "n/a"]
    if chance.random() < 0.1:
        options["footer_rows"] = chance.randint(1, 3)
    if chance.random() < 0.1:
        options["header_row"] = chance.randint(1, 3)
    if chance.random() < 0.1:
        options["quote"] = chance.choice(["'", "", "`"])
    if chance.random() < 0.1:
        options["escape"] = "\\"
    if chance.random() < 0.1:
        options["encoding"] = chance.choice(["cp1252", "utf-16", "latin-1", "shift_jis", "utf-8-sig", "utf-32"])
    if chance.random() < 0.1:
        options["delimiter"] = chance.choice([",", ";", "\t", " ", "\x1f"])
    if chance.random() < 0.05:
        options["format"] = chance.choice(["csv", "xlsx", "json", "ndjson"])
    if chance.random() < 0.05:
        options["path"] = chance.choice(["data", "data.items", ""])
    if chance.random() < 0.05:
        options["sheet"] = chance.choice(["S1", "nowhere"])
    return options


def _field(chance: random.Random, at: int) -> dict[str, Any]:
    kind = chance.choice(TYPES) if at else chance.choice(("string", "string", "integer", "uuid", "decimal", "date"))
    made: dict[str, Any] = {"name": f"f{at}", "type": kind}
    if chance.random() < 0.2:
        made["column"] = chance.choice([f"Column {at}", f"a.b{at}", f"é,{at}"])
    if kind == "reference":
        made["references"] = "other"
    options: list[tuple[float, str, Any]] = [
        (0.2, "required", True),
        (0.15, "sensitive", True),
        (0.1, "unique", True),
        (0.1, "null_markers", ["-", "NULL"]),
        (0.3, "transforms", chance.choices(TRANSFORMS, k=chance.randint(1, 3))),
        (0.1, "default", chance.choice(["1", "red", "2026-01-01", "true"])),
        (0.1, "enum", chance.choice([WORDS, ["1", "2"], ["2026-01-01"]])),
        (0.2, "min", BOUNDS.get(kind, ("",))[0]),
        (0.2, "max", BOUNDS.get(kind, ("",))[-1]),
        (0.1, "min_length", 2),
        (0.2, "max_length", 5),
        (0.2, "pattern", chance.choice(PATTERNS)),
        (0.5, "formats", FORMATS.get(kind, [])),
        (0.8, "zone", chance.choice(["Europe/Berlin", "UTC"])),
        (0.2, "decimal_comma", True),
        (0.3, "true_values", ["ja"]),
        (0.3, "separator", chance.choice([",", " | "])),
    ]
    for share, name, value in options:
        fits = name not in ONLY_FOR or kind in ONLY_FOR[name]
        if fits and value not in ("", []) and chance.random() < share:
            made[name] = value
    return made


ONLY_FOR: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("min", "max"), tuple(BOUNDS)),
    **dict.fromkeys(("min_length", "max_length"), ("string", "email", "list", "json")),
    "pattern": ("string", "email", "url"),
    "formats": tuple(FORMATS),
    "zone": ("datetime",),
    "decimal_comma": ("integer", "decimal"),
    "true_values": ("boolean",),
    "separator": ("list",),
    "enum": ("string", "integer", "date"),
    "default": ("string", "integer", "date", "boolean"),
}
