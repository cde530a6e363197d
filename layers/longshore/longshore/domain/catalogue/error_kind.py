"""What an entry of the catalogues of errors and warnings is made of."""

from dataclasses import dataclass
from typing import Literal

ErrorType = Literal["validation", "parse", "duplicate", "reference", "system"]


@dataclass(frozen=True)
class ErrorKind:
    """One entry of the catalogue; `message` is a format string over the data of an error, one line when filled."""

    code: str
    error_type: ErrorType
    title: str
    message: str
    help: str
