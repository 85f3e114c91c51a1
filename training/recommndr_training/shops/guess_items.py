"""What a sampled item table means, field by field of its mapping. Pure: a sample in, guesses out."""

from collections.abc import Iterator, Mapping
from typing import Any

from recommndr_training.shops.column_look import ColumnLook
from recommndr_training.shops.guess import Guess, Guesses, Question
from recommndr_training.shops.guess_file import file_guess
from recommndr_training.shops.guess_price import price_guess
from recommndr_training.shops.guess_words import words_guess
from recommndr_training.shops.roles import Role, by_values, roles
from recommndr_training.shops.sample import Sample
from recommndr_training.shops.told import told_role

_MEANINGS = (
    "item_id", "title", "category_path", "brand", "price", "currency", "image_url", "tags", "group_id", "hidden", "published",
)  # fmt: skip
_FIELDS = ("title", "category_path", "brand", "image_url", "tags", "group_id")
_SHOWN_NOT = ["0", "-1", "false", "no"]
_CLEARLY = 5  # times as many as any other column
_SHARED = 0.5  # share of the log's items that a column must know to be its ids


def guess_items(sample: Sample, of_events: ColumnLook | None, told: Mapping[str, str]) -> Guesses:
    """Guess how rows of an item table become items; `of_events` is the log's column of items, whose ids the table must have."""
    known = sample.looks
    chosen = roles(known, _MEANINGS)
    said = told.get("items.item_id")
    found = _ids(known, chosen, of_events) if said is None else told_role(sample, known, "item_id", said)
    if found is None:
        choices = tuple(look.name for look in known)
        return Guesses(
            (), (Question("items", "item_id", "Which column has the items' ids?", "item_id: ANSWER", None, choices),)
        )
    chosen = {meaning: role for meaning, role in chosen.items() if role.name != found.name} | {"item_id": found}
    if sample.written.columns is not None:
        chosen |= _longest_text(known, chosen)
    prices, asked = price_guess("items", chosen, told)
    guesses = [
        *file_guess("items", sample, known),
        Guess("items", "item_id", found.name, found.why, found.confidence),
        *(words_guess(chosen[field]) for field in _FIELDS if field in chosen),
        *prices,
        *_rejects(chosen),
    ]
    return Guesses(tuple(guesses), tuple(asked))


def _ids(known: list[ColumnLook], chosen: Mapping[str, Role], of_events: ColumnLook | None) -> Role | None:
    """The column whose values are the log's items; without a log the one that its name tells."""
    if of_events is None:
        return chosen.get("item_id")
    there = set(of_events.words)
    shared = {look.name: len(there & set(look.words)) / max(len(there), 1) for look in known}
    named = chosen.get("item_id")
    best = max(known, key=lambda look: (round(shared[look.name], 3), named is not None and look is named.look, look.name))
    if shared[best.name] >= _SHARED:
        why = f"{shared[best.name]:.0%} of the items of the log are in {best.name!r}"
        return Role("item_id", best, 1.0 if shared[best.name] > 0.9 else 0.7, why)
    others = max((share for name, share in shared.items() if named is None or name != named.name), default=0.0)
    if named is not None and shared[named.name] > _CLEARLY * others:
        why = f"{named.why}; of all columns it has most items of the log ({shared[named.name]:.0%} in this sample)"
        return Role("item_id", named.look, 0.6, why)
    if named is None:
        return by_values(known, chosen, has_header=True).get("item_id")
    return Role("item_id", named.look, 0.4, f"{named.why}; but it has only {shared[named.name]:.0%} of the items of the log")


def _longest_text(known: list[ColumnLook], chosen: Mapping[str, Role]) -> dict[str, Role]:
    """In a table without names the title is the text with most different values."""
    taken = {role.name for role in chosen.values()}
    texts = [look for look in known if look.name not in taken and look.share(r".*\S \S.*") > 0.3]
    if "title" in chosen or not texts:
        return {}
    best = max(texts, key=lambda look: (len(look.words), look.name))
    return {"title": Role("title", best, 0.5, "there is no header; its values are texts")}


def _rejects(chosen: Mapping[str, Role]) -> Iterator[Guess]:
    rules = list[dict[str, Any]]()
    if (hidden := chosen.get("hidden")) is not None:
        rules.append({"reason": "hidden", "column": hidden.name, "equals": ["true", "1", "yes"]})
    if (published := chosen.get("published")) is not None and published.look.share("0|-1|false|no|FALSE|False") > 0:
        rules.append({"reason": "not_published", "column": published.name, "equals": [*_SHOWN_NOT, "False", "FALSE"]})
    if rules:
        columns = ", ".join(repr(rule["column"]) for rule in rules)
        yield Guess("items", "reject", rules, f"{columns} says which items are not shown", "likely")
