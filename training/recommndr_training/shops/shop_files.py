"""The files of a shop: samples of them, and what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from recommndr_importing.batch import BadFile
from recommndr_training.shops.guess import Guesses, Question
from recommndr_training.shops.guess_events import guess_events, items_in_events, meanings
from recommndr_training.shops.guess_items import guess_items
from recommndr_training.shops.guess_price import NO_CURRENCY
from recommndr_training.shops.sample import Sample, take

_NOT_LOGS = (".yaml", ".yml", ".md")


class NotKnown(ValueError):
    """The files do not tell something that an import needs; the message says what, and which line of the mapping cures it."""


@dataclass(frozen=True)
class ShopFiles:
    """A shop's log and, if there is one, its item table, with a sample of each."""

    events: tuple[Path, ...]
    items: Path | None
    log: Sample  # of the first file
    table: Sample | None

    @classmethod
    def look(cls, events: Sequence[Path], items: Path | None) -> Self:
        """Sample the files; a folder stands for the files in it. Raises `BadFile`."""
        files = tuple(each for path in events for each in _inside(path))
        if not files:
            raise BadFile("no file of events: name one with --events")
        return cls(files, items, take(files[0]), None if items is None else take(items))

    def guesses(self, told: Mapping[str, str]) -> Guesses:
        """What the files mean; `told` is what a person said: a column by its meaning, kind, zone, currency."""
        chosen = meanings(self.log, told)
        found = guess_events(self.log, chosen, told)
        if self.table is None:
            return found.joined([items_in_events(chosen, told)])
        item = chosen.get("item_id")
        price = found.content().get("events", {}).get("price", {}).get("currency")
        if isinstance(price, str) and price != NO_CURRENCY:
            told = {"currency": price} | dict(told)
        return found.joined([guess_items(self.table, None if item is None else item.look, told)])

    @property
    def names(self) -> str:
        """The files' names, for people."""
        more = f" and {len(self.events) - 1} more" if len(self.events) > 1 else ""
        return f"{self.events[0].name}{more}" + ("" if self.items is None else f" and {self.items.name}")


def _inside(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [each for each in sorted(path.iterdir()) if each.is_file() and not each.name.startswith(".")]
    found = [each for each in found if each.suffix not in _NOT_LOGS]
    if not found:
        raise BadFile(f"{path}: the folder has no files")
    return found


def not_known(question: Question, files: ShopFiles, mapping: Path) -> NotKnown:
    """The error of a question that nobody answered."""
    of_events = question.section == "events"
    path = files.log.path if of_events else files.items
    columns = files.log.names if of_events or files.table is None else files.table.names
    return NotKnown(
        f"{path}: {question.text} The file has {', '.join(columns)}. Write `{question.line}` under `{question.section}:` in "
        f"{mapping}, with the answer for ANSWER, and run the command again"
    )
