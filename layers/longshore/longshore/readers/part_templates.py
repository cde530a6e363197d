"""Which template each part of an upload is read by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from longshore.domain.templates.template import Template
from longshore.readers.header import normalised


@dataclass(frozen=True)
class Pinned:
    """A template and the version of it that a part is read by for good."""

    template: Template
    version: int


def stored_name(part: str, titles: Mapping[str, str]) -> str | None:
    """Return the name of the stored template that a part is called after, None if there is no such one.

    A part is called after a template where its name without folders and suffix is alike its name or title (without
    regard to case, spaces, hyphens and underscores). `titles` are the titles of a tenant's templates by name.
    """
    called = {normalised(title): name for name, title in titles.items() if title}
    called |= {normalised(name): name for name in titles}
    for form in _forms(part):
        if form in called:
            return called[form]
    return None


def _forms(part: str) -> Sequence[str]:
    last = part.rsplit("/", 1)[-1]
    return [normalised(last), normalised(last.split(".", 1)[0])]
