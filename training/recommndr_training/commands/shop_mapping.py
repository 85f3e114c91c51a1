"""The mapping of a shop's files: the one that lies beside them, or the one guessed, asked and written there."""

from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from recommndr_importing import mapping as mapping_module
from recommndr_importing.mapping import Mapping
from recommndr_training.shops.guess import Guesses, Question
from recommndr_training.shops.mapping_text import mapping_text
from recommndr_training.shops.shop_files import ShopFiles, not_known


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person said on the command line."""

    name: str
    events: Path  # the first of the given paths
    zone: str | None
    currency: str | None
    yes: bool  # ask nothing

    @property
    def mapping_path(self) -> Path:
        """The mapping lies beside the shop's files, where people look for it."""
        return (self.events if self.events.is_dir() else self.events.parent) / f"{self.name}.mapping.yaml"

    @property
    def told(self) -> dict[str, str]:
        """What need not be asked."""
        return {field: said for field, said in (("zone", self.zone), ("currency", self.currency)) if said is not None}


def mapping_of(files: ShopFiles, wanted: Wanted, out: Console) -> tuple[Mapping, Path]:
    """The mapping in the file if there is one, else the one guessed, which is written there; raises `NotKnown`."""
    path = wanted.mapping_path
    if path.exists():
        out.print(f"mapping: {path} (delete it to guess anew)", markup=False)
        return mapping_module.load(str(path)), path
    guesses = _asked(files, wanted, out)
    text = mapping_text(guesses, files.names)
    path.write_text(text)
    out.print(text, markup=False)
    for note in guesses.notes:
        out.print(f"look at this: {note}", markup=False)
    unknown = [question for question in guesses.questions if question.default is None]
    if unknown:
        raise not_known(unknown[0], files, path)
    for question in {question.text: question for question in guesses.questions}.values():
        out.print(f"not known: {question.text} Taken: {question.default}; to change it write `{question.line}`", markup=False)
    out.print(f"mapping: {path}", markup=False)
    return mapping_module.parse(text, str(path)), path


def _asked(files: ShopFiles, wanted: Wanted, out: Console) -> Guesses:
    """Guesses after all questions were asked, if any may be."""
    told = wanted.told
    guesses = files.guesses(told)
    while not wanted.yes and guesses.questions:
        told[_key(guesses.questions[0])] = _answer(guesses.questions[0], out)
        guesses = files.guesses(told)
    return guesses


def _key(question: Question) -> str:
    return "items.item_id" if (question.section, question.field) == ("items", "item_id") else question.field


def _answer(question: Question, out: Console) -> str:
    if question.choices:
        out.print(f"one of: {', '.join(question.choices)}", markup=False)
    answer: str = typer.prompt(question.text, default=question.default)
    return answer.strip()
