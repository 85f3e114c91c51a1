"""Guesses as the text of a mapping file: the importer's own format, with the reason of each line as a comment. Pure."""

from collections.abc import Iterator
from typing import Any

import yaml

from recommndr_training.shops.guess import Guess, Guesses, Question

_HEAD = """\
# What the columns of {files} mean, as `recommndr shop add` guessed it.
# Correct what is wrong and run the command again: it reads this file instead of guessing.
# docs/how-to/import-your-shop.md explains every line.
"""
_WIDTH = 126


def mapping_text(guesses: Guesses, files: str) -> str:
    """The mapping file; what could not be guessed stands in it as a comment that says what to write."""
    lines = [_HEAD.format(files=files)]
    for section in ("events", "items"):
        of_section = [guess for guess in guesses.guesses if guess.section == section]
        asked = [question for question in guesses.questions if question.section == section and question.default is None]
        if of_section or asked:
            lines += [f"{section}:\n", *(_asked(question) for question in asked), *(_said(guess) for guess in of_section)]
    return "".join(lines)


def _said(guess: Guess) -> str:
    comment = "".join(f"  # {line}\n" for line in _folded(f"{guess.confidence}: {guess.why}"))
    if isinstance(guess.value, list):
        return comment + f"  {guess.field}:\n" + "".join(f"    - {_flow(each)}\n" for each in guess.value)
    return f"{comment}  {guess.field}: {_flow(guess.value)}\n"


def _asked(question: Question) -> str:
    choices = f": {', '.join(question.choices)}" if question.choices else ""
    text = "".join(f"  # {line}\n" for line in _folded(f"not known: {question.text} Write here one of{choices}"))
    return f"{text}  # {question.line}\n"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000).strip()
    return text.removesuffix("...").strip()


def _folded(text: str) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + len(word) + 5 > _WIDTH:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    yield line
