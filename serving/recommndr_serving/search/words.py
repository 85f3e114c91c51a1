"""Text as words that can be compared: capitals, accents and punctuation do not matter."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart into a plain letter and an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "\N{LATIN SMALL LETTER DOTLESS I}": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_FIRST_WIDE = "\u2e80"  # Chinese and Japanese letters begin here; there are no spaces between their words


def words(text: str) -> list[str]:
    """The words of a text.

    >>> words("Crème brûlée, 2x100g / Straßen-Øl")
    ['creme', 'brulee', '2x100g', 'strassen', 'ol']
    """
    folded = text.casefold()
    if not folded.isascii():
        apart = unicodedata.normalize("NFKD", folded).translate(_PLAIN)
        folded = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _WORD.findall(folded)


def is_wide(word: str) -> bool:
    """Whether a word may be a whole sentence, in a script without spaces.

    >>> is_wide("牛乳"), is_wide("milk")
    (True, False)
    """
    return word >= _FIRST_WIDE
