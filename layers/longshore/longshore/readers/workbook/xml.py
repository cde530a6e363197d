"""XML of workbooks, read strictly: no document types, no entities of their own, both namespaces of Office Open XML."""

from collections.abc import Mapping
from typing import Protocol
from xml.parsers import expat

from longshore.domain.catalogue.file_errors import file_rejected

_TRANSITIONAL = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
MAIN = frozenset({f"{_TRANSITIONAL}spreadsheetml/2006/main", f"{_STRICT}spreadsheetml/main"})
RELATIONS = frozenset({f"{_TRANSITIONAL}officeDocument/2006/relationships", f"{_STRICT}officeDocument/relationships"})
PACKAGE_RELATIONS = frozenset({f"{_TRANSITIONAL}package/2006/relationships"})

MAX_DEPTH = 64
"""Elements nest a dozen deep in a workbook; a parser's stack grows with the depth."""


class Handler(Protocol):
    """What is told of a document; elements of foreign namespaces come as "" and their attributes as they are."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element of the expected namespaces begins; attributes of `RELATIONS` come without their namespace."""

    def end(self, name: str) -> None:
        """It ends."""

    def text(self, data: str) -> None:
        """Some of its text, not necessarily all."""


class XmlReader:
    """Feeds a document to a handler piece by piece; raises FileRejected for what is no such document.

    `what` names the document; `namespaces` are those whose elements are told by name.
    """

    def __init__(self, handler: Handler, what: str, namespaces: frozenset[str] = MAIN) -> None:
        self._handler = handler
        self._what = what
        self._names: dict[str, str] = {}
        self._namespaces = namespaces
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = handler.text
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return self._depth

    def feed(self, data: bytes, final: bool = False) -> None:
        """Take the next piece, and at the end of the document the last one."""
        try:
            self._parser.Parse(data, final)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise file_rejected("DAMAGED_WORKBOOK", what=self._what, problem=f"not valid XML ({error})") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            problem = f"elements nest more than {MAX_DEPTH} deep"
            raise file_rejected("DAMAGED_WORKBOOK", what=self._what, problem=problem)
        if attributes and " " in "".join(attributes):
            attributes = {_local(key, RELATIONS): value for key, value in attributes.items()}
        self._handler.start(self._names.get(name) or self._known(name), attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(self._known(name))

    def _known(self, name: str) -> str:
        known = self._names.get(name)
        if known is None:
            space, _, local = name.rpartition(" ")
            known = local if space in self._namespaces else ""
            if len(self._names) < 1000:
                self._names[name] = known
        return known

    def _refuse_document_type(self, *_: object) -> None:
        problem = "it declares a document type (DTD), which no workbook has"
        raise file_rejected("DAMAGED_WORKBOOK", what=self._what, problem=problem)


def _local(name: str, namespaces: frozenset[str]) -> str:
    space, _, local = name.rpartition(" ")
    return local if space in namespaces else name
