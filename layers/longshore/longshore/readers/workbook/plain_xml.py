"""When XML may be read with patterns: where it has no comments, sections, instructions or declarations.

In such a piece of well-formed XML a `<` begins a tag and nothing else does, so an end tag found by its bytes is one.
"""

import re
from collections.abc import Sequence

_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n")
"""Characters that XML does not have, and the carriage return, which a parser must turn into a line feed."""

_NOT_PLAIN = ((b"!", b"<!"), (b"?", b"<?"), (b"xmlns", b"xmlns"))
"""What makes the difference, each after something that is found sooner where there is none."""

_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
"""The last one is resolved last, or `&amp;lt;` became `<`."""

_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_UTF8 = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*encoding=[\"']utf-8[\"']|<\?xml(?![^>]*encoding)|<(?!\?))", re.I)


def is_utf8(beginning: bytes) -> bool:
    """Whether a document says by its declaration, or by having none, that it is UTF-8."""
    return _UTF8.match(beginning) is not None


def as_plain_text(piece: bytes) -> str | None:
    """Return a piece of a UTF-8 document as text if patterns may read it; None if only a parser may."""
    if len(piece.translate(None, _CONTROL)) != len(piece) or any(
        sign in piece and mark in piece for sign, mark in _NOT_PLAIN
    ):
        return None
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return None
    return None if "&" in text and not _entities_are_known(text) else text


def without_entities(text: str) -> str:
    """Return a text of a plain piece with its entities and character references resolved."""
    if "&#" in text:
        return _ENTITY.sub(_character, text)
    for name, character in _ENTITIES.items():
        text = text.replace(f"&{name};", character)
    return text


def without_entities_each(texts: Sequence[str]) -> Sequence[str]:
    """Return texts of a plain piece likewise, all at once; none of them has a NUL, because XML has none."""
    joined = "\0".join(texts)
    return without_entities(joined).split("\0") if "&" in joined else texts


def _entities_are_known(text: str) -> bool:
    if "&#" not in text:
        return text.count("&") == sum(text.count(f"&{name};") for name in _ENTITIES)
    found = list(_ENTITY.finditer(text))
    return len(found) == text.count("&") and all(match[1] or _is_character(_code(match)) for match in found)


def _code(match: re.Match[str]) -> int:
    return int(match[2]) if match[2] else int(match[3], 16)


def _character(match: re.Match[str]) -> str:
    return _ENTITIES[match[1]] if match[1] else chr(_code(match))


def _is_character(code: int) -> bool:
    return code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
