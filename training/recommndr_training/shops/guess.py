"""A guess about a shop's files: one line of its mapping, with the reason; and what could not be guessed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Section = Literal["events", "items"]
Confidence = Literal["sure", "likely", "unsure"]


@dataclass(frozen=True, slots=True)
class Guess:
    """One field of the mapping. `value` is what stands in the mapping file."""

    section: Section
    field: str
    value: Any
    why: str
    confidence: str  # one of `Confidence`


@dataclass(frozen=True, slots=True)
class Question:
    """What the files do not tell. `line` cures it: a line of the mapping, with `ANSWER` where the answer stands."""

    section: Section
    field: str
    text: str
    line: str
    default: str | None = None  # what is taken if nobody answers; None: nothing can be taken
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guesses:
    """All guesses of one file, in the mapping's order."""

    guesses: tuple[Guess, ...]
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def content(self) -> dict[str, Any]:
        """The mapping as its file would give it."""
        found: dict[str, Any] = {}
        for guess in self.guesses:
            found.setdefault(guess.section, {})[guess.field] = guess.value
        return found

    def joined(self, others: Iterable["Guesses"]) -> "Guesses":
        """These and those of other files."""
        every = [self, *others]
        return Guesses(
            tuple(guess for one in every for guess in one.guesses),
            tuple(question for one in every for question in one.questions),
            tuple(note for one in every for note in one.notes),
        )
