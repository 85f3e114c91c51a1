"""The mapping file: what the columns of a shop's files mean, and which rows are not events.

A column may have a list of names. The first one that the file has is used, so that one mapping serves the published file and
a copy with other names. `docs/how-to/import-your-shop.md` is the reference for users.
"""

import codecs
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from recommndr_importing.batch import one_line, tidy

SHIPPED_DIR = Path(__file__).parent / "mappings"


class BadMapping(ValueError):
    """The mapping file does not exist or is invalid."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _as_column(value: object) -> object:
    return {"column": value} if isinstance(value, str | list | tuple) else value


def _tidy(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(tidy(name) for name in names)


Names = Annotated[tuple[str, ...], BeforeValidator(_names), AfterValidator(_tidy), Field(min_length=1)]


class Column(_Frozen):
    """A column by its names, of which the first that the file has is used; `values` translates its values."""

    column: Names
    optional: bool = Field(default=False, description="the file may lack the column")
    values: dict[str, str] | None = Field(default=None, description="translation of values; others become null")


AnyColumn = Annotated[Column, BeforeValidator(_as_column)]


class Time(_Frozen):
    """An instant: ISO text, a number since 1970, or a `strptime` pattern. Timestamp columns need no format."""

    column: Names
    format: str = "iso"
    zone: str = Field(default="UTC", description="time zone of times without one, e.g. Europe/London")
    optional: bool = False

    @field_validator("format")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value not in ("iso", "epoch_s", "epoch_ms", "epoch_us") and "%" not in value:
            raise ValueError("expected iso, epoch_s, epoch_ms, epoch_us or a strptime pattern such as '%d/%m/%Y %H:%M'")
        return value

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("expected a time zone's name such as UTC or Europe/London") from None
        return value


AnyTime = Annotated[Time, BeforeValidator(_as_column)]


class Currency(_Frozen):
    """The currency of all prices, or the column that names the currency of each row."""

    constant: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    column: Names | None = None
    values: dict[str, str] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.constant is None) == (self.column is None):
            raise ValueError("expected a currency code, or a column that holds currency codes")
        return self


def _as_constant(value: object) -> object:
    return {"constant": value} if isinstance(value, str) else value


class Price(_Frozen):
    """The price of one piece in major units (2.55 pounds), in one currency or in the currency of a column."""

    column: Names
    currency: Annotated[Currency, BeforeValidator(_as_constant)]
    decimals: int | None = Field(
        default=None, ge=0, le=4, description="decimals of the minor unit, if not the currency's own (EUR 2, JPY 0)"
    )
    optional: bool = False


class Quantity(Column):
    """The number of pieces."""

    fractional: bool = Field(
        default=False, description="for goods sold by weight or length: a fraction counts as one piece at its whole price"
    )


AnyQuantity = Annotated[Quantity, BeforeValidator(_as_column)]


class Kind(_Frozen):
    """The event kind: always the same, or by the values of a column, or by thresholds of a number."""

    constant: str | None = None
    column: Names | None = None
    values: dict[str, str] | None = None
    at_least: dict[str, float] | None = Field(default=None, description="smallest number of each kind; the highest wins")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.constant is not None, self.values is not None, self.at_least is not None]
        if sum(ways) != 1 or (self.column is None) != (self.constant is not None):
            raise ValueError("expected the name of a kind, or a column with either values or at_least")
        return self

    @property
    def names(self) -> set[str]:
        """All kinds that this column may give."""
        if self.constant is not None:
            return {self.constant}
        return set((self.values or {}).values()) | set(self.at_least or {})


class Rule(_Frozen):
    """Rejects rows that are not events: rows whose column meets the condition are rejected with `reason`."""

    reason: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    column: Names
    equals: tuple[str, ...] | None = None
    starts_with: str | None = None
    matches: str | None = Field(default=None, description="regular expression (RE2)")
    at_most: float | None = None
    missing: Literal[True] | None = None

    @field_validator("matches")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            pc.match_substring_regex(pa.array([""]), value or "")
        except pa.ArrowInvalid as cause:
            raise ValueError(f"expected a regular expression (RE2): {cause}") from None
        return value

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        given = [self.equals, self.starts_with, self.matches, self.at_most, self.missing]
        if sum(condition is not None for condition in given) != 1:
            raise ValueError("expected exactly one of equals, starts_with, matches, at_most, missing")
        return self


Format = Literal["parquet", "json_lines", "csv"]


class TextFile(_Frozen):
    """How a file is written. All settings except `format` and `decimal` are for text files."""

    format: Format | None = Field(default=None, description="the file's format; its ending is then ignored")
    decimal: Literal[".", ","] = Field(default=".", description="the decimal separator")
    delimiter: str = Field(default=",", min_length=1)
    columns: tuple[str, ...] | None = Field(default=None, description="column names of a file without a header")
    encoding: str = "utf-8"
    quoted: bool = Field(default=True, description="whether values may stand in double quotes")

    @field_validator("delimiter")
    @classmethod
    def _between_values(cls, value: str) -> str:
        if set(value) & {'"', "\n", "\r"}:
            raise ValueError("expected a separator of values without quotes and line ends")
        return value

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            codecs.lookup(value)
        except LookupError:
            raise ValueError("expected an encoding such as utf-8, cp1252, latin-1 or utf-16") from None
        return value


class EventsMapping(_Frozen):
    """How a row of the event log becomes a line of an event."""

    file: TextFile = TextFile()
    user_id: AnyColumn
    item_id: AnyColumn
    kind: Annotated[Kind, BeforeValidator(_as_constant)]
    time: AnyTime
    order_id: AnyColumn | None = Field(default=None, description="purchases with one order id are one event")
    session_id: AnyColumn | None = None
    quantity: AnyQuantity | None = None
    price: Price | None = None
    device: AnyColumn | None = None
    os: AnyColumn | None = None
    country: AnyColumn | None = None
    region: AnyColumn | None = None
    reject: tuple[Rule, ...] = ()


class Words(_Frozen):
    """Several words: one column, split at `separator` unless it holds lists, or one column per word."""

    column: Names | None = None
    columns: Annotated[tuple[str, ...], AfterValidator(_tidy)] | None = None
    separator: str | None = Field(default=None, min_length=1)
    optional: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.column is None) == (self.columns is None):
            raise ValueError("expected either column or columns")
        return self


AnyWords = Annotated[Words, BeforeValidator(_as_column)]


class ItemsMapping(_Frozen):
    """How a row of the item table becomes an item of the catalogue."""

    file: TextFile = TextFile()
    from_events: bool = Field(default=False, description="build the items from the columns of the event log")
    repeated: Literal["first", "last", "join"] = Field(
        default="last", description="which row of an item wins; join: the first row with the tags of all"
    )
    item_id: AnyColumn
    title: AnyColumn | None = None
    category_path: AnyWords | None = None
    brand: AnyColumn | None = None
    price: Price | None = None
    image_url: AnyColumn | None = None
    tags: AnyWords | None = None
    group_id: AnyColumn | None = None
    available_from: AnyTime | None = None
    available_until: AnyTime | None = None
    reject: tuple[Rule, ...] = ()


class Mapping(_Frozen):
    """A mapping file."""

    events: EventsMapping
    items: ItemsMapping | None = None


def shipped() -> list[str]:
    """Return the names of the mappings that Recommndr ships."""
    return sorted(path.stem for path in SHIPPED_DIR.glob("*.yaml"))


def load(name_or_path: str) -> Mapping:
    """Read a shipped mapping by its name, or a file by its path; raises `BadMapping`."""
    path = SHIPPED_DIR / f"{name_or_path}.yaml" if name_or_path in shipped() else Path(name_or_path)
    if not path.is_file():
        raise BadMapping(f"no mapping {name_or_path!r}: expected a path, or the name of a shipped one: {', '.join(shipped())}")
    try:
        return parse(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as cause:
        raise BadMapping(f"{path}: cannot be read: {cause}") from cause


def parse(text: str, where: str) -> Mapping:
    """Parse a mapping from YAML; raises `BadMapping` that names `where`, the field, its value and what was expected."""
    try:
        return Mapping.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError) as cause:
        raise BadMapping(f"{where}: not valid YAML: {one_line(cause)}") from cause
    except ValidationError as cause:
        raise BadMapping("\n".join(f"{where}: {_message(error)}" for error in cause.errors())) from cause


def _message(error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"]) or "the whole file"
    value = "" if error["type"] == "missing" else f" {error['input']!r:.80}"
    return f"{field}{value}: {error['msg'].removeprefix('Value error, ')}"
