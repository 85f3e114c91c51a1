"""Reads a text file of any compression and encoding as blocks of whole lines, never all of it at once."""

import codecs
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recommndr_importing.batch import MAX_ROW_BYTES, BadFile

BLOCK_BYTES = 16 << 20
_PIECE_BYTES = 1 << 16
# The limit of what a file may unpack to. Compression shrinks logs 5 to 50 times, a zip bomb 1,000 times and more.
FREE_BYTES, MAX_RATIO = 1 << 30, 250
_PACKED = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x04\x22\x4d\x18", "lz4"))
_UTF8 = ("utf-8", "utf8", "utf-8-sig")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end  # Invalid UTF-8 on purpose: so the line is rejected like one of a UTF-8 file.


codecs.register_error("recommndr-import", _mark)


def packing(head: bytes) -> str | None:
    """Return Arrow's name for the compression of a file with these first bytes."""
    return next((name for magic, name in _PACKED if head.startswith(magic)), None)


def blocks(path: Path, encoding: str = "utf-8") -> Iterator[bytes]:
    """Yield blocks of whole lines, each ended by a line feed, in UTF-8. Bytes invalid in the encoding stay invalid.

    Lines of more than `MAX_ROW_BYTES` are cut to one byte more. Raises `BadFile`, and what reading raises.
    """
    rest, inside_long_line = b"", False
    for part in _line_feeds(_utf8(_parts(path), path, encoding)):
        text = rest + part
        if inside_long_line:
            _, end, text = part.partition(b"\n")
            if not end:
                continue
            inside_long_line = False
        end_of_lines = text.rfind(b"\n") + 1
        whole, rest = text[:end_of_lines], text[end_of_lines:]
        if len(rest) > MAX_ROW_BYTES:
            whole, rest, inside_long_line = whole + rest[: MAX_ROW_BYTES + 1] + b"\n", b"", True
        if whole:
            yield whole
    if rest:
        yield rest + b"\n"


def not_utf8(text: bytes, ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Find which lines of a block, (n,) by the positions of their line feeds, are not UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        suspects = np.unique(np.searchsorted(ends, np.flatnonzero(np.frombuffer(text, np.uint8) >= 0x80)))
        starts = np.r_[0, ends[:-1] + 1]
        return np.array([line for line in suspects if not _is_utf8(text[starts[line] : ends[line]])], np.int64)
    return np.empty(0, np.int64)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = packing(file.read(8))
    n_bytes, most = 0, max(FREE_BYTES, MAX_RATIO * path.stat().st_size)
    with pa.input_stream(str(path), compression=packed) as file:
        for part in _up_to_the_cut(file):
            n_bytes += len(part)
            if packed and n_bytes > most:
                raise BadFile(
                    f"{path}: unpacks to more than {MAX_RATIO} times its size: refused as a zip bomb; unpack it first"
                )
            yield part


def _up_to_the_cut(file: pa.NativeFile) -> Iterator[bytes]:
    """Yield blocks of a file. A truncated file gives all that can be unpacked first, so the error can name the row."""
    pieces, n_bytes = list[bytes](), 0
    try:
        while piece := file.read(min(_PIECE_BYTES, BLOCK_BYTES)):
            pieces.append(piece)
            n_bytes += len(piece)
            if n_bytes >= BLOCK_BYTES:
                yield b"".join(pieces)
                pieces, n_bytes = [], 0
    except OSError:
        if pieces:
            yield b"".join(pieces)
        raise
    if pieces:
        yield b"".join(pieces)


def _utf8(parts: Iterator[bytes], path: Path, encoding: str) -> Iterator[bytes]:
    name = encoding.lower().replace("_", "-")
    if name in _UTF8:
        first = next(parts, b"")
        if first.startswith(_UTF16_MARKS):
            raise BadFile(f"{path}: is UTF-16: set `file: {{encoding: utf-16}}` in the mapping")
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from parts
        return
    decoder = codecs.getincrementaldecoder(name)(errors="recommndr-import")
    for part in parts:
        yield decoder.decode(part).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def _line_feeds(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Replace every kind of line end by a line feed."""
    held = b""
    for part in parts:
        text = held + part
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)]
        yield text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text
    if held:
        yield b"\n"
