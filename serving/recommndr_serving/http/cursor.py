"""Cursors of pages: where the next page begins, as letters that need no escape in an address."""

import base64
import binascii

from recommndr_http.problem import Problem, refused_field


def written(text: str) -> str:
    """A text as a cursor.

    >>> read(written("a|ü"))
    'a|ü'
    """
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read(cursor: str) -> str:
    """Inverse of `written`; raises `Problem` for anything else."""
    try:
        return base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise _refused(cursor) from None


def written_place(n_before: int, last_id: str) -> str:
    """How many items there were, and the id of the last.

    >>> read_place(written_place(20, "a|ü"))
    (20, 'a|ü')
    """
    return written(f"{n_before}|{last_id}")


def read_place(cursor: str) -> tuple[int, str]:
    """Inverse of `written_place`; raises `Problem` for anything else."""
    n_before, mark, last_id = read(cursor).partition("|")
    if not mark or not (n_before.isascii() and n_before.isdecimal()):
        raise _refused(cursor)
    return int(n_before), last_id


def _refused(cursor: str) -> Problem:
    return refused_field("cursor", cursor, "next_cursor of the previous page")
