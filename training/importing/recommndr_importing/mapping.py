"""The mapping file: which columns of a shop's files say what, and which rows are no events.

Names of columns may be a list: the first one that the file has is meant, so that one mapping serves the published file and
a renamed copy. `docs/how-to/import-your-shop.md` is the reference for people.
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
    """A column by its name or names, the first that is there; `values` renames what it holds."""

    column: Names
    optional: bool = Field(default=False, description="the file may lack the column")
    values: dict[str, str] | None = Field(default=None, description="what is not in here becomes null")


AnyColumn = Annotated[Column, BeforeValidator(_as_column)]


class Time(_Frozen):
    """An instant: ISO text, a number since 1970, or a pattern of `strptime`; columns of timestamps need no format."""

    column: Names
    format: str = "iso"
    zone: str = Field(default="UTC", description="of times that do not name theirs, as Europe/London")
    optional: bool = False

    @field_validator("format")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value not in ("iso", "epoch_s", "epoch_ms") and "%" not in value:
            raise ValueError("expected iso, epoch_s, epoch_ms or a strptime pattern such as '%d/%m/%Y %H:%M'")
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
    """The currency of all prices, or the column that names each one's."""

    constant: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    column: Names | None = None
    values: dict[str, str] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.constant is None) == (self.column is None):
            raise ValueError("expected a currency's code, or a column that names it")
        return self


def _as_constant(value: object) -> object:
    return {"constant": value} if isinstance(value, str) else value


class Price(_Frozen):
    """The price of one piece in major units, as 2.55 pounds; in one currency, or in that which a column names."""

    column: Names
    currency: Annotated[Currency, BeforeValidator(_as_constant)]
    decimals: int | None = Field(
        default=None, ge=0, le=4, description="of the minor unit, where it is not the currency's: 2 for EUR, 0 for JPY"
    )
    optional: bool = False


class Quantity(Column):
    """How many pieces."""

    fractional: bool = Field(
        default=False, description="goods by weight or length: a fraction is one piece at the price of all of it"
    )


AnyQuantity = Annotated[Quantity, BeforeValidator(_as_column)]


class Kind(_Frozen):
    """The event kind: always the same, by the words of a column, or by how high a number is."""

    constant: str | None = None
    column: Names | None = None
    values: dict[str, str] | None = None
    at_least: dict[str, float] | None = Field(default=None, description="kind: smallest number of it; the highest that fits")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.constant is not None, self.values is not None, self.at_least is not None]
        if sum(ways) != 1 or (self.column is None) != (self.constant is not None):
            raise ValueError("expected a kind's name, or a column with either values or at_least")
        return self

    @property
    def names(self) -> set[str]:
        """All kinds this may give."""
        if self.constant is not None:
            return {self.constant}
        return set((self.values or {}).values()) | set(self.at_least or {})


class Rule(_Frozen):
    """Rows that are no events: those whose column fulfils the one condition are rejected for `reason`."""

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
    """How a file is written; but for `format` and `decimal` this is about text."""

    format: Format | None = Field(default=None, description="what the file is, whatever its ending")
    decimal: Literal[".", ","] = Field(default=".", description="what stands before the decimals of a number")
    delimiter: str = Field(default=",", min_length=1)
    columns: tuple[str, ...] | None = Field(default=None, description="names, when the first line is data already")
    encoding: str = "utf-8"
    quoted: bool = Field(default=True, description="whether values may stand in double quotes")

    @field_validator("delimiter")
    @classmethod
    def _between_values(cls, value: str) -> str:
        if set(value) & {'"', "\n", "\r"}:
            raise ValueError("expected what stands between two values: no quote and no line end")
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
    order_id: AnyColumn | None = Field(default=None, description="purchases of one order are one event")
    session_id: AnyColumn | None = None
    quantity: AnyQuantity | None = None
    price: Price | None = None
    device: AnyColumn | None = None
    os: AnyColumn | None = None
    country: AnyColumn | None = None
    region: AnyColumn | None = None
    reject: tuple[Rule, ...] = ()


class Words(_Frozen):
    """Several words: a column split at `separator` (lists need none), or one column each."""

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
    from_events: bool = Field(default=False, description="items are what the event log says of them")
    repeated: Literal["first", "last", "join"] = Field(
        default="last", description="of rows of one item, whose word counts; join: the first's, and the tags of all"
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
    """Names of the mappings that come with Recommndr."""
    return sorted(path.stem for path in SHIPPED_DIR.glob("*.yaml"))


def load(name_or_path: str) -> Mapping:
    """A shipped mapping by its name, or any by its path; raises `BadMapping`."""
    path = SHIPPED_DIR / f"{name_or_path}.yaml" if name_or_path in shipped() else Path(name_or_path)
    if not path.is_file():
        raise BadMapping(f"no mapping {name_or_path!r}: expected a file, or one that ships: {', '.join(shipped())}")
    try:
        return parse(path.read_text(), str(path))
    except (OSError, UnicodeDecodeError) as cause:
        raise BadMapping(f"{path}: cannot be read: {cause}") from cause


def parse(text: str, where: str) -> Mapping:
    """A mapping out of YAML; raises `BadMapping` naming `where`, field, value and expectation."""
    try:
        return Mapping.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError) as cause:
        raise BadMapping(f"{where}: no YAML: {one_line(cause)}") from cause
    except ValidationError as cause:
        raise BadMapping("\n".join(f"{where}: {_told(error)}" for error in cause.errors())) from cause


def _told(error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"]) or "the whole"
    value = "" if error["type"] == "missing" else f" {error['input']!r:.80}"
    return f"{field}{value}: {error['msg'].removeprefix('Value error, ')}"
