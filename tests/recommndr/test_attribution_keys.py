"""Keys of attributions as a set: one signs, all are accepted."""

import pytest

from recommndr.attribution_keys import AttributionKeys

OLD, NEW = "o" * 32, "n" * 40


def test_the_first_one_signs_and_all_are_accepted() -> None:
    keys = AttributionKeys.from_text(f"k2 {NEW}\nk1 {OLD}\n", "k1")
    assert keys.signing == ("k2", NEW.encode())
    assert dict(keys.by_id) == {"k2": NEW.encode(), "k1": OLD.encode()}


def test_a_secret_alone_has_the_id_of_the_setting() -> None:
    assert AttributionKeys.from_text(f"{OLD}\n", "first").signing == ("first", OLD.encode())


def test_without_keys_nothing_is_signed() -> None:
    assert AttributionKeys.from_text("\n", "k1").signing is None


@pytest.mark.parametrize("text", ["short", f"k1 {OLD}\nk1 {NEW}", f"k1 {OLD} {NEW}"])
def test_what_is_no_set_of_keys_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="32 characters"):
        AttributionKeys.from_text(text, "k1")
