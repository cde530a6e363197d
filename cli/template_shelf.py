"""The templates that the parts of a file may be read by on this machine, found as an import finds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cli import template_source
from cli.file_flags import overridden
from cli.outcome import UsageProblem
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.header_matching import Confirmed
from longshore.domain.templates.template import Template
from longshore.readers.part_templates import stored_name
from longshore.readers.reader import PartSource


@dataclass(frozen=True)
class Shelved:
    """A template, where it was found, and what was confirmed about headers of its files."""

    template: Template
    place: str
    confirmed: Confirmed


class TemplateShelf:
    """Templates by name: those that were given, the first being the main one, and what is stored beside it.

    A part that is called after one of them is read by it, as in an import. Where the main one is a document, only what
    was given counts; where it is a stored name, so do all that are stored there. `options` override what each says of
    its files. Raises UsageProblem where there is no such template, and Unreachable.
    """

    def __init__(self, given: Sequence[str], options: FileOptions) -> None:
        self._options = options
        self._stored = not template_source.is_path(given[0])
        self._by_name: dict[str, Shelved] = {}
        for name in given:
            found = self._found(name)
            if self._by_name.setdefault(found.template.name, found) is not found:
                raise UsageProblem(f"--template names {found.template.name} twice; give each template once")
        self.main = next(iter(self._by_name.values()))

    def of_parts(self, parts: Iterable[PartSource]) -> list[Shelved]:
        """Return the template of each part: of several, one that is called after a template has that one."""
        sources = list(parts)
        if len(sources) == 1:
            return [self.main]
        titles = self._titles()
        return [self._named(stored_name(source.name, titles) or self.main.template.name) for source in sources]

    def _titles(self) -> dict[str, str]:
        given = {name: shelved.template.title for name, shelved in self._by_name.items()}
        return ({**template_source.titles(), **given}) if self._stored else given

    def _named(self, name: str) -> Shelved:
        if name not in self._by_name:
            self._by_name[name] = self._found(name)
        return self._by_name[name]

    def _found(self, given: str) -> Shelved:
        template, place = template_source.find(given)
        return Shelved(overridden(template, self._options), place, template_source.confirmed(given))
