"""How a text file of values is written: encoding, delimiter, quotes, header. Pure: first bytes in, the mapping's `file` out."""

import codecs
import csv
import io
import re
from collections import Counter

from recommndr_importing.mapping import TextFile

_DELIMITERS = (",", ";", "\t", "|", "::", "^")
_LINES = 200
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_VALUE = re.compile(r"^[+-]?[0-9][0-9.,:/ T+-]*(Z| ?UTC)?$")


def encoding(head: bytes) -> str:
    """The encoding of a text by its first bytes: what decodes it.

    >>> encoding("Größe".encode()), encoding("Größe".encode("cp1252")), encoding("Größe".encode("utf-16"))
    ('utf-8', 'cp1252', 'utf-16')
    """
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked:
        return marked
    whole = head[: head.rfind(b"\n") + 1] or head
    for name in ("utf-8", "cp1252"):
        try:
            whole.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def dialect(head: bytes) -> TextFile:
    """How a file of values is written. Columns of a file without a header are called column_1, column_2, ..."""
    name = encoding(head)
    text = head.decode(name, errors="replace").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in text.split("\n")[:_LINES] if line.strip()]
    delimiter = _delimiter(lines)
    quoted = _is_quoted(text, delimiter)
    first = _rows(lines[:3], delimiter, quoted)[0] if lines else []
    columns = None if _is_header(first) else tuple(f"column_{place}" for place in range(1, len(first) + 1))
    return TextFile(format="csv", encoding=name, delimiter=delimiter, quoted=quoted, columns=columns)


def _delimiter(lines: list[str]) -> str:
    """The one that gives most rows the same number of values; of equals, the one that gives more values."""
    found: list[tuple[float, int, str]] = []
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in _rows(lines, delimiter, quoted=True))
        width, n_rows = max(widths.items(), key=lambda pair: (pair[0] > 1, pair[1]), default=(1, 0))
        if width > 1:
            found.append((round(n_rows / max(sum(widths.values()), 1), 1), width, delimiter))
    # The pairs of colons of `1::2` are also what a comma in a title of such a file would give: the widest wins among equals.
    return max(found, default=(0.0, 1, ","))[2]


def _rows(lines: list[str], delimiter: str, quoted: bool) -> list[list[str]]:
    if len(delimiter) > 1:
        return [line.split(delimiter) for line in lines]
    text = io.StringIO("\n".join(lines))
    try:
        return list(csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def _is_quoted(text: str, delimiter: str) -> bool:
    """Whether quotes hold values: not if most of them stand within values, as inches or titles do."""
    value = re.escape(delimiter)
    opening = len(re.findall(rf'(?:^|{value})"', text, re.MULTILINE))
    closing = len(re.findall(rf'"(?:$|{value})', text, re.MULTILINE))
    every = text.count('"')
    return every == 0 or opening + closing >= every / 2


def _is_header(first: list[str]) -> bool:
    """Whether a row holds names: they are not numbers or times, and each occurs once."""
    names = [value.strip() for value in first if value.strip()]
    return bool(names) and not any(_VALUE.match(name) for name in names) and len(set(names)) == len(names)
