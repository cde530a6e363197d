"""What a caller may ask of a new import, checked before anything is created."""

import hashlib
import re
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from longshore.domain.job import Mode
from longshore.errors import InvalidRequest

FILE_NAME_BYTES = 255
UNSAFE_IN_A_NAME = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _file_name(name: str) -> str:
    if not name.strip() or name in {".", ".."} or UNSAFE_IN_A_NAME.search(name):
        raise ValueError("must be a plain file name: no folders, no control characters")
    # S3 replaces this variable in the key of a POST by whatever name the uploading client sends.
    if "${" in name:
        raise ValueError("must not contain ${")
    if len(name.encode()) > FILE_NAME_BYTES:
        raise ValueError(f"must not be longer than {FILE_NAME_BYTES} bytes in UTF-8")
    return name


def _text(value: object) -> object:
    if not isinstance(value, str | datetime):
        raise ValueError("must be a text such as 2027-01-31T06:00:00+01:00")
    return value


class ImportRequest(BaseModel):
    """The body of a request for an import; `start_at` carries an offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str
    file_name: Annotated[str, AfterValidator(_file_name)]
    mode: Mode | None = None
    priority: Annotated[int, Field(strict=True, ge=1, le=10)] = 5
    force: Annotated[bool, Field(strict=True)] = False
    preview: Annotated[bool, Field(strict=True)] = False
    start_at: Annotated[AwareDatetime, BeforeValidator(_text)] | None = None

    @classmethod
    def parse(cls, body: object) -> Self:
        """Check a body; raise InvalidRequest with the place and the rule of the first fault."""
        if not isinstance(body, dict):
            raise InvalidRequest("the body must be a JSON object with at least template and file_name")
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            first = error.errors()[0]
            place = first["loc"][0] if first["loc"] else "body"
            raise InvalidRequest(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None

    @property
    def digest(self) -> str:
        """SHA-256 of the request in its canonical form, defaults spelt out: what "the same body" means."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def check_start(self, now: datetime) -> None:
        """Raise InvalidRequest where `start_at` has passed; not asked again when a request is repeated."""
        if self.start_at is not None and self.start_at <= now:
            raise InvalidRequest(f"start_at: {self.start_at.isoformat()} has passed; leave it out to start at once")
