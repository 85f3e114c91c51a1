"""Which items have a word: an index in memory, of SQLite's full-text search, over titles and what else describes items."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from recommndr.catalog import CatalogItem
from recommndr_engine.arrays import Rows
from recommndr_serving.search.words import is_wide, words

Costs = npt.NDArray[np.uint8]

# What a match costs, for each of the two columns; the search adds up the costs of all its words.
_WHOLE, _BEGINS, _INSIDE, _TYPO = 0, 2, 4, 6
_IN_OTHERS = 1
_COLUMNS = (("title", 0), ("others", _IN_OTHERS))
_MIN_BEGINNING = 2  # letters, but for the last word; one letter begins too many words
_MIN_INSIDE = 3  # letters, in scripts with spaces
_TWO_TYPOS = 8  # letters of a word that may have two typos
_ONE_TYPO = 4  # and one
_MAX_SIMILAR = 50  # words of the index that stand for a word of the query

# The words come apart by spaces already, so the simplest tokenizer has nothing left to decide.
_CREATE = """
CREATE VIRTUAL TABLE items USING fts5(title, others, tokenize = 'ascii', detail = 'column');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(items, 'row');
"""


class Matches(NamedTuple):
    """The items that have a word, each once."""

    rows: Rows  # (n,)
    costs: Costs  # (n,) 0: the word is in the title as it stands


class WordIndex:
    """The words of items by live row. Not safe for several threads at once."""

    def __init__(self) -> None:
        # A query comes from any thread of a pool; the owner of the index lets in one at a time.
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._db.executescript(_CREATE)
        self._known: list[str] | None = None  # all words; None: to be read again
        self._spelled: list[str] = []  # those of them without digits

    def update(self, items: Mapping[int, CatalogItem | None]) -> None:
        """Put items in the place of what the index has of their rows; None takes a row out."""
        texts = [(row, *_texts(item)) for row, item in items.items() if item is not None]
        self._db.execute("BEGIN")
        self._db.executemany("DELETE FROM items WHERE rowid = ?", [(row,) for row in items])
        self._db.executemany("INSERT INTO items (rowid, title, others) VALUES (?, ?, ?)", texts)
        self._db.execute("COMMIT")
        self._known = None

    def matches(self, word: str, *, is_last: bool) -> Matches:
        """Items with the word, or with a word that begins with it; if there are none, that contains it; else with a typo.

        The last word of a query is perhaps still being typed: its typos are also looked for in the beginnings of words.
        """
        found = [self._rows(f'"{word}"', _WHOLE)]
        if is_last or len(word) >= _MIN_BEGINNING:
            found.append(self._rows(f'"{word}" *', _BEGINS))
        if is_wide(word) or (len(word) >= _MIN_INSIDE and not _any(found)):
            found.append(self._rows(_one_of([known for known in self._vocabulary() if word in known]), _INSIDE))
        if not _any(found):
            found.append(self._rows(_one_of(self._similar(word, is_last=is_last)), _TYPO))
        return _cheapest([matches for of_kind in found for matches in of_kind])

    def _rows(self, expression: str, cost: int) -> list[Matches]:
        """For each column: the rows that match an expression of FTS5."""
        if not expression:
            return []
        found = []
        for column, more in _COLUMNS:
            cursor = self._db.execute("SELECT rowid FROM items WHERE items MATCH ?", [f"{column} : ({expression})"])
            rows = np.fromiter((row for (row,) in cursor), np.int32)
            found.append(Matches(rows, np.full(len(rows), cost + more, np.uint8)))
        return found

    def _vocabulary(self) -> list[str]:
        if self._known is None:
            self._known = [word for (word,) in self._db.execute("SELECT term FROM vocabulary")]
            self._spelled = [word for word in self._known if not _has_digit(word)]
        return self._known

    def _similar(self, word: str, *, is_last: bool) -> list[str]:
        """Words of the index that `word` may have been meant to be, nearest first. Another number is another thing."""
        n_typos = 2 if len(word) >= _TWO_TYPOS else int(len(word) >= _ONE_TYPO)
        if not n_typos or _has_digit(word) or not self._vocabulary():
            return []
        known = self._spelled
        near = _nearest(word, known, n_typos)
        if is_last:
            near |= _nearest(word, [each[: len(word)] for each in known], n_typos)
        return [known[place] for place in sorted(near, key=lambda place: (near[place], known[place]))]


def _nearest(word: str, known: Sequence[str], n_typos: int) -> dict[int, int]:
    """Place of each known word with at most this many typos: its number of typos; two letters exchanged are one typo."""
    found = process.extract(word, known, scorer=OSA.distance, score_cutoff=n_typos, limit=_MAX_SIMILAR)
    return {place: int(distance) for _, distance, place in found}


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _texts(item: CatalogItem) -> tuple[str, str]:
    """The words of the two columns."""
    others = (item.brand or "", *item.category_path, *item.tags, item.item_id)
    return " ".join(words(item.title)), " ".join(words(" ".join(others)))


def _one_of(known: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in known[:_MAX_SIMILAR])


def _any(found: Sequence[Sequence[Matches]]) -> bool:
    return any(len(matches.rows) for of_kind in found for matches in of_kind)


def _cheapest(found: Sequence[Matches]) -> Matches:
    """Each row once, with the least of its costs."""
    rows = np.concatenate([matches.rows for matches in found])
    costs = np.concatenate([matches.costs for matches in found])
    order = np.argsort(costs, kind="stable")
    rows, first = np.unique(rows[order], return_index=True)
    return Matches(rows, costs[order][first])
