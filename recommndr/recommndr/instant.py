"""Instants: how events, catalogue and lake read times.

ISO 8601 with a zone, or time since 1970-01-01 UTC: seconds up to 2e10 (the year 2603), milliseconds above. Numbers may come as
numbers or as texts; both mean the same. Kept is UTC, to the microsecond. Files of an import say their unit (`epoch_s`,
`epoch_ms`), because one of their columns holds one kind of time; there, too, a text of digits is the number.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, TypeAdapter, ValidationError, WithJsonSchema

_LAX: TypeAdapter[datetime] = TypeAdapter(datetime)  # ISO 8601, or digits
_EXPECTED = "expected ISO 8601 with a zone (2026-03-01T12:00:00Z), or seconds or milliseconds since 1970"
_MAX_NUMBER = 1e15  # milliseconds: beyond the year 9999; Python would not write some larger integers


def _read(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value  # pydantic refuses what is no datetime
    if not isinstance(value, str):
        if not abs(value) < _MAX_NUMBER:
            raise ValueError(_EXPECTED)
        value = repr(value)  # a number is what its digits say: a float of seconds would lose microseconds on the way
    try:
        return _LAX.validate_python(value)
    except ValidationError:
        raise ValueError(_EXPECTED) from None


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:  # the first hours of year 1 east of Greenwich have no UTC
        raise ValueError(f"{at.isoformat()}: expected an instant within the years 1-9999 of UTC") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_read), AfterValidator(_utc)]
# What the collector writes is ISO 8601, and read a million times: without the step above.
StampedInstant = Annotated[AwareDatetime, AfterValidator(_utc)]
# The same in the schema of what clients send.
SentInstant = Annotated[Instant, WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]})]
