"""The price of one piece and its currency, for logs and item tables. Pure."""

from collections.abc import Mapping
from typing import Any

from recommndr_training.shops.column_names import tokens
from recommndr_training.shops.guess import Guess, Question, Section
from recommndr_training.shops.roles import Role

NO_CURRENCY = "XXX"  # ISO 4217's code for no currency
_CODES = {name.lower(): name for name in ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "JPY", "CAD", "AUD")}


def price_guess(section: Section, chosen: Mapping[str, Role], told: Mapping[str, str]) -> tuple[list[Guess], list[Question]]:
    """The price of one piece and its currency, where a column has it."""
    if (role := chosen.get("price")) is None:
        return [], []
    currency, why = _currency(chosen, role, told)
    confidence = "unsure" if currency == NO_CURRENCY else role.confidence
    value = {"column": role.name, "currency": currency}
    guesses = [Guess(section, "price", value, f"{role.why}; {why}", confidence)]
    if currency != NO_CURRENCY or "currency" in told:
        return guesses, []
    line = f"price: {{column: {role.name}, currency: ANSWER}}"
    return guesses, [Question(section, "currency", "In which currency are the prices (such as EUR)?", line, NO_CURRENCY)]


def _currency(chosen: Mapping[str, Role], price: Role, told: Mapping[str, str]) -> tuple[Any, str]:
    if (role := chosen.get("currency")) is not None:
        if len(role.look.words) == 1:
            return role.look.words[0].upper(), f"all rows of {role.name!r} say {role.look.words[0]}"
        return {"column": role.name}, f"the currency is in {role.name!r}"
    named = [_CODES[word] for word in tokens(price.name) if word in _CODES]
    if named:
        return named[0], "the name has the currency"
    if "currency" in told:
        return told["currency"], "the currency is known otherwise"
    return NO_CURRENCY, "no column says the currency; XXX is the code for none"
