"""The body of a request: a JSON object whose first fault is told in one line."""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from longshore.errors import InvalidRequest


class RequestBody(BaseModel):
    """A body as the API takes it; a misspelt property is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def parse(cls, body: object) -> Self:
        """Check a body; raise InvalidRequest with the place and the rule of the first fault."""
        if not isinstance(body, dict):
            needed = " and ".join(name for name, field in cls.model_fields.items() if field.is_required())
            raise InvalidRequest(f"the body must be a JSON object with at least {needed}")
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            first = error.errors()[0]
            place = first["loc"][0] if first["loc"] else "body"
            raise InvalidRequest(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None
