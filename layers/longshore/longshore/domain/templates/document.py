"""What every part of a template document shares: immutable, and strict about its properties."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]


class Document(BaseModel):
    """Part of a template document; a misspelt property is an error, never ignored.

    A validator is built when it is first used: that of the whole template has those of its parts in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
