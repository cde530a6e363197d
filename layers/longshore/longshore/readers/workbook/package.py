"""What a workbook consists of: its sheets, styles and shared strings, found as the package says (ECMA-376 part 2)."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import shown
from longshore.errors import FileRejected
from longshore.readers.archives.archive import Archive
from longshore.readers.workbook.xml import PACKAGE_RELATIONS, XmlReader

PART_BYTES = 32 * 1024 * 1024
MAX_SHEETS = 5000

_OTHERS = (
    ("xl/workbook.bin", "a binary workbook (XLSB)", "save it as XLSX"),
    ("content.xml", "an OpenDocument file", "save it as XLSX or CSV"),
    ("word/document.xml", "a Word document", "save its table as XLSX or CSV"),
    ("ppt/presentation.xml", "a presentation", "save its table as XLSX or CSV"),
    ("Index/Document.iwa", "a Numbers document", "export it as XLSX or CSV"),
)
_NO_WORKBOOK = ("_rels/.rels", "no workbook: it lacks the list of its parts", "save it as XLSX again")


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook lists it; `part` is the name of its XML in the archive."""

    title: str
    visible: bool
    part: str


@dataclass(frozen=True)
class Package:
    """The parts of a workbook; "" where it has none of the kind. Sheets of charts and dialogues are not among them."""

    sheets: tuple[SheetEntry, ...]
    date1904: bool
    styles: str
    strings: str


def read_package(archive: Archive, what: str) -> Package:
    """Find the parts of a workbook; raise FileRejected, naming other formats that come as ZIP archives.

    `what` names the file in messages.
    """
    names = {name.casefold(): name for name in archive.names}
    for mark, kind, advice in _OTHERS:
        if mark.casefold() in names:
            raise file_rejected("UNSUPPORTED_FORMAT", what=what, kind=kind, advice=advice)
    package = _Finder(archive, names)
    main = [target for kind, target in package.relations("").values() if kind == "officeDocument"]
    if not main or main[0] not in names.values():
        raise file_rejected("UNSUPPORTED_FORMAT", what=what, kind=_NO_WORKBOOK[1], advice=_NO_WORKBOOK[2])
    listing = _Listing()
    XmlReader(listing, "the workbook's list of sheets").feed(archive.read(main[0], PART_BYTES), final=True)
    if not listing.is_workbook:
        raise _damaged("its main part is no workbook")
    relations = package.relations(main[0])
    by_kind = dict(relations.values())
    sheets = (_sheet(attributes, relations, names) for attributes in listing.sheets)
    return Package(
        tuple(sheet for sheet in sheets if sheet),
        listing.date1904,
        package.present(by_kind.get("styles", "")),
        package.present(by_kind.get("sharedStrings", "")),
    )


class _Finder:
    """Finds parts by the relations between them; names of parts are alike without regard to case."""

    def __init__(self, archive: Archive, names: Mapping[str, str]) -> None:
        self._archive = archive
        self._names = names

    def present(self, part: str) -> str:
        """Return the name if the archive has it, else ""."""
        return self._names.get(part.casefold(), "")

    def relations(self, source: str) -> dict[str, tuple[str, str]]:
        """Return kind and target of each relation of a part, by id."""
        folder, name = posixpath.split(source)
        part = self.present(posixpath.join(folder, "_rels", f"{name}.rels"))
        if not part:
            return {}
        found = _Relations()
        data = self._archive.read(part, PART_BYTES)
        XmlReader(found, shown(part), PACKAGE_RELATIONS).feed(data, final=True)
        return {
            key: (kind, self.present(target) or target)
            for key, (kind, target) in ((key, (kind, _resolved(folder, to))) for key, kind, to in found.found)
        }


class _Relations:
    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))

    def end(self, name: str) -> None:
        """Nothing ends that matters."""

    def text(self, data: str) -> None:
        """Relations have no text."""


class _Listing:
    def __init__(self) -> None:
        self.is_workbook = False
        self.date1904 = False
        self.sheets: list[Mapping[str, str]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbook":
            self.is_workbook = True
        elif name == "workbookPr":
            self.date1904 = attributes.get("date1904", "") in ("1", "true")
        elif name == "sheet" and len(self.sheets) < MAX_SHEETS:
            self.sheets.append(attributes)

    def end(self, name: str) -> None:
        """Nothing ends that matters."""

    def text(self, data: str) -> None:
        """The list has no text."""


def _sheet(
    attributes: Mapping[str, str], relations: Mapping[str, tuple[str, str]], names: Mapping[str, str]
) -> SheetEntry | None:
    title = attributes.get("name", "")
    kind, part = relations.get(attributes.get("id", ""), ("", ""))
    if kind and kind != "worksheet":
        return None
    if part not in names.values():
        raise _damaged(f"the sheet {shown(title)} is not in the archive")
    return SheetEntry(title, attributes.get("state", "visible") == "visible", part)


def _resolved(folder: str, target: str) -> str:
    path = unquote(target.replace("\\", "/").partition("#")[0])
    return posixpath.normpath(path if path.startswith("/") else posixpath.join(folder, path)).lstrip("/")


def _damaged(problem: str) -> FileRejected:
    return file_rejected("DAMAGED_WORKBOOK", what="the workbook", problem=problem)
