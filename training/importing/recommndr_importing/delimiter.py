"""Text files as Arrow's CSV reader takes them: UTF-8, one character between values."""

import pyarrow as pa

from recommndr_importing.mapping import TextFile

_UNIT_SEPARATOR = "\x1f"  # made for this by ASCII, and in no shop's data


def single_character(raw: pa.NativeFile, written: TextFile) -> tuple[pa.NativeFile, str]:
    """The stream as UTF-8 with a delimiter of one character (MovieLens' oldest files have `::`), and that delimiter."""
    encoding = written.encoding.lower().replace("_", "-")
    stream = raw if encoding in ("utf-8", "utf8") else pa.transcoding_input_stream(raw, encoding, "utf-8")
    if len(written.delimiter) == 1:
        return stream, written.delimiter
    return pa.TransformInputStream(stream, _Replacing(written.delimiter.encode())), _UNIT_SEPARATOR


class _Replacing:
    """Replaces a delimiter in a stream of buffers, also where two of them meet inside it."""

    def __init__(self, delimiter: bytes) -> None:
        self._delimiter = delimiter
        self._held = b""

    def __call__(self, buffer: pa.Buffer) -> bytes:
        text = self._held + bytes(buffer)
        at_end = len(buffer) == 0
        n_held = 0 if at_end else self._torn(text)
        self._held = text[len(text) - n_held :]
        return text[: len(text) - n_held].replace(self._delimiter, _UNIT_SEPARATOR.encode())

    def _torn(self, text: bytes) -> int:
        """How many bytes at the end may be the beginning of a delimiter."""
        whole = text.replace(self._delimiter, b"")
        lengths = range(len(self._delimiter) - 1, 0, -1)
        return next((n for n in lengths if whole.endswith(self._delimiter[:n])), 0)
