"""Instants: how times in events, catalogue and lake are read.

ISO 8601 with a zone, or time since 1970-01-01 UTC: seconds up to 2e10 (the year 2603), milliseconds above. Numbers may be JSON
numbers or texts; both mean the same. Stored is UTC, to the microsecond. Import mappings name the unit (`epoch_s`, `epoch_ms`),
because a column holds one kind of time; there, too, a text of digits is a number.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, TypeAdapter, ValidationError, WithJsonSchema

_LAX: TypeAdapter[datetime] = TypeAdapter(datetime)  # ISO 8601, or digits
_EXPECTED = "expected ISO 8601 with a zone (2026-03-01T12:00:00Z), or seconds or milliseconds since 1970"
_MAX_NUMBER = 1e15  # milliseconds: beyond the year 9999; Python would not write some larger integers


def _read(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value  # pydantic refuses values that are not a datetime
    if not isinstance(value, str):
        if not abs(value) < _MAX_NUMBER:
            raise ValueError(_EXPECTED)
        # By its digits, because a float of seconds would lose microseconds; without an exponent, which pydantic does not read.
        value = format(Decimal(repr(value)), "f")
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
# The collector writes ISO 8601, which is read a million times, so this skips the step above.
StampedInstant = Annotated[AwareDatetime, AfterValidator(_utc)]
# The same type in the schema for clients.
SentInstant = Annotated[Instant, WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]})]
