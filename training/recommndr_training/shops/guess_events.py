"""What a sampled event log means, field by field of its mapping. Pure: a sample in, guesses out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recommndr_training.shops.column_look import ColumnLook
from recommndr_training.shops.column_names import tokens
from recommndr_training.shops.guess import Guess, Guesses, Question
from recommndr_training.shops.guess_file import file_guess
from recommndr_training.shops.guess_price import price_guess
from recommndr_training.shops.guess_words import words_guess
from recommndr_training.shops.kind_words import GUESTS, NOT_BOUGHT, kind_in, kind_of
from recommndr_training.shops.roles import Role, by_values, roles
from recommndr_training.shops.sample import Sample
from recommndr_training.shops.told import told_role

_MEANINGS = (
    "user_id", "item_id", "time", "kind", "rating", "order_id", "session_id", "quantity", "price", "total", "currency",
    "country", "device", "os", "region", "status", "title", "category_path", "brand", "image_url",
)  # fmt: skip
_WHO = {"user_id": "who the shopper is", "item_id": "which item it is", "time": "when it happened"}
_PLAIN = ("order_id", "session_id", "device", "os", "country", "region")
_ITEM_FIELDS = ("title", "category_path", "brand", "image_url")
_FRACTIONS = 0.01  # share of a column's values, from which on they are no slips of the keyboard


def meanings(sample: Sample, told: Mapping[str, str]) -> dict[str, Role]:
    """The columns of an event log by their meaning; `told` are columns that a person named. Raises `BadFile`."""
    found = sample.looks
    said = {meaning: told_role(sample, found, meaning, name) for meaning, name in told.items() if meaning in _WHO}
    others = [look for look in found if look.name not in {role.name for role in said.values()}]
    chosen = said | roles(others, [meaning for meaning in _MEANINGS if meaning not in said])
    if "item_id" not in chosen and (title := chosen.get("title")) is not None:
        chosen["item_id"] = Role("item_id", title.look, 0.5, f"no column has ids of items, but {title.name!r} names them")
    return by_values(found, chosen, has_header=sample.written.columns is None)


def guess_events(sample: Sample, chosen: Mapping[str, Role], told: Mapping[str, str]) -> Guesses:
    """Guess how rows of a log become events; `chosen` as `meanings` gives it; `told`: kind, zone, currency."""
    known = sample.looks
    guesses, questions = list[Guess](), list[Question]()
    guesses += file_guess("events", sample, known)
    for field in ("user_id", "item_id"):
        if field in chosen:
            guesses.append(_plain(chosen[field]))
        else:
            questions.append(_asked(field, known, chosen))
    for said in (_kind(sample, chosen, told), *_when(chosen, known, told)):
        if isinstance(said, Question):
            questions.append(said)
        else:
            guesses.append(said)
    guesses += [_plain(chosen[field]) for field in _PLAIN if field in chosen]
    guesses += _quantity(chosen)
    price, asked = price_guess("events", chosen, told)
    guesses += [*price, *_rejects(chosen)]
    questions += asked
    return Guesses(tuple(guesses), tuple(questions), tuple(_notes(chosen)))


def _plain(role: Role) -> Guess:
    look = role.look
    values = f"{len(look.words):,} different values" + ("" if look.filled > 0.999 else f", {1 - look.filled:.0%} empty")
    return Guess("events", role.meaning, role.name, f"{role.why}; {values}", role.confidence)


def _asked(field: str, known: Sequence[ColumnLook], chosen: Mapping[str, Role]) -> Question:
    taken = {role.name for role in chosen.values()}
    choices = tuple(look.name for look in known if look.name not in taken) or tuple(look.name for look in known)
    return Question("events", field, f"Which column says {_WHO[field]}?", f"{field}: ANSWER", None, choices)


def _kind(sample: Sample, chosen: Mapping[str, Role], told: Mapping[str, str]) -> Guess | Question:
    if "kind" in told:
        return Guess("events", "kind", told["kind"], "you said so", "sure")
    if (role := chosen.get("kind")) is not None:
        return _kind_of_words(role)
    is_order = [name for name in ("order_id", "quantity", "price") if name in chosen]
    if "rating" in chosen and not is_order:
        return _kind_of_rating(chosen["rating"])
    if is_order:
        columns = ", ".join(repr(chosen[name].name) for name in is_order)
        return Guess("events", "kind", "purchase", f"rows of orders: there are {columns}", "likely")
    if (named := kind_in(sample.path.name)) is not None:
        return Guess("events", "kind", named, f"the file's name {sample.path.name!r}", "likely")
    text = "What did shoppers do in these rows? No column says it"
    return Question("events", "kind", text, "kind: ANSWER", None, ("view", "purchase", "like"))


def _kind_of_words(role: Role) -> Guess:
    values = {word: kind for word in role.look.words if (kind := kind_of(word)) is not None}
    others = [word for word in role.look.words if word not in values]
    why = f"{role.why}; its words are {', '.join(role.look.words[:6])}"
    if others:
        why += f"; rows with {', '.join(others[:6])} are left out: add them to values if they are about an item"
    return Guess("events", "kind", {"column": role.name, "values": values}, why, role.confidence)


def _kind_of_rating(role: Role) -> Guess:
    top = role.look.highest
    if top <= 1:
        bounds = {"like": 1, "dislike": 0}
    else:
        scale = next(each for each in (5, 10, 100) if top <= each)
        bounds = {"like": scale * 4 // 5, "view": scale * 3 // 5, "dislike": 0}
    why = f"{role.why}; ratings up to {top:g}: {bounds['like']} and more is a like, the lowest are dislikes"
    return Guess("events", "kind", {"column": role.name, "at_least": bounds}, why, role.confidence)


def _when(chosen: Mapping[str, Role], known: Sequence[ColumnLook], told: Mapping[str, str]) -> Iterator[Guess | Question]:
    role = chosen.get("time")
    if role is None or role.look.time is None:
        yield _asked("time", known, chosen)
        return
    written = role.look.time
    value: dict[str, Any] = {"column": role.name}
    if written.format not in (None, "iso"):
        value["format"] = written.format
    why = f"{role.why}; {written.why}"
    confidence = role.confidence
    if "zone" in told and not written.has_zone:
        value["zone"] = told["zone"]
    elif not written.has_zone and not {"utc", "gmt"} & set(tokens(role.name)):
        value["zone"], confidence = "UTC", "unsure"
        why += "; the file does not say its time zone"
        line = "time: {..., zone: ANSWER}"
        yield Question("events", "zone", "In which time zone are the times (such as Europe/Berlin)?", line, "UTC")
    if written.doubt:
        why, confidence = f"{why}; {written.doubt}", "unsure"
    yield Guess("events", "time", value if len(value) > 1 else role.name, why, confidence)


def _quantity(chosen: Mapping[str, Role]) -> Iterator[Guess]:
    if (role := chosen.get("quantity")) is None:
        return
    if role.look.whole < 1 - _FRACTIONS:
        why = f"{role.why}; fractions: goods by weight or length"
        yield Guess("events", "quantity", {"column": role.name, "fractional": True}, why, role.confidence)
    else:
        yield Guess("events", "quantity", role.name, f"{role.why}; whole numbers", role.confidence)


def _rejects(chosen: Mapping[str, Role]) -> Iterator[Guess]:
    rules, why = list[dict[str, Any]](), list[str]()
    status = chosen.get("status")
    if status is not None and status.look.share(NOT_BOUGHT) > 0:
        rules.append({"reason": "not_bought", "column": status.name, "matches": NOT_BOUGHT})
        why.append(f"{status.name!r} tells of cancelled and returned orders")
    quantity = chosen.get("quantity")
    if quantity is not None and quantity.look.negative > 0:
        rules.append({"reason": "quantity_not_positive", "column": quantity.name, "at_most": 0})
        why.append(f"{quantity.look.negative:.1%} of {quantity.name!r} are 0 or below: returns and corrections")
    user = chosen.get("user_id")
    guests = [] if user is None or len(user.look.words) < 2 else [word for word in user.look.words if word.lower() in GUESTS]
    if user is not None and guests:
        rules.append({"reason": "guest", "column": user.name, "equals": guests})
        why.append(f"{', '.join(map(repr, guests))} in {user.name!r} stand for unknown shoppers")
    if rules:
        yield Guess("events", "reject", rules, "; ".join(why), "likely")


def _notes(chosen: Mapping[str, Role]) -> Iterator[str]:
    if "total" in chosen and "price" not in chosen:
        yield f"{chosen['total'].name!r} looks like a sum of several pieces; the price of one piece is not in the file"


def items_in_events(chosen: Mapping[str, Role], told: Mapping[str, str]) -> Guesses:
    """The catalogue made from the log itself, where there is no item table."""
    if "item_id" not in chosen:
        return Guesses(())
    guesses = [
        Guess("items", "from_events", True, "there is no item table: items are made from the log", "sure"),
        Guess("items", "item_id", chosen["item_id"].name, "as in events", "sure"),
    ]
    guesses += [words_guess(chosen[field]) for field in _ITEM_FIELDS if field in chosen]
    guesses += price_guess("items", chosen, told)[0]
    return Guesses(tuple(guesses))
