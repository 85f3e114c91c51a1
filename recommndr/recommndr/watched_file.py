"""A file that is read again when it changes: keys and policies come and go while the processes run."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from recommndr.settings import Settings

_log = logging.getLogger(__name__)

Content = TypeVar("Content")


class WatchedFile(Generic[Content]):
    """The content of a file as it was last read; calling it costs nothing, `refresh` looks at the file."""

    def __init__(self, path: Path, parse: Callable[[str], Content], missing: Content | None = None) -> None:
        """Read the file. Raise `OSError`, or what `parse` raises; a file that is not there is `missing` where that is given."""
        self.path = path
        self._parse = parse
        self._missing = missing
        self._state = self._look()
        self._content = self._read()

    def __call__(self) -> Content:
        """The content."""
        return self._content

    def refresh(self) -> None:
        """Read the file again if it changed. What cannot be used is logged once, and the last good content stays."""
        try:
            state = self._look()
            if state == self._state:
                return
            self._state = state
            self._content = self._read()
        except (OSError, ValueError) as cause:
            _log.error("%s: cannot be read; the version read before stays in use: %s", self.path, cause)
        else:
            _log.info("%s: read again", self.path)

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> Content:
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            if self._missing is None:
                raise
            return self._missing
        return self._parse(text)


class Fixed(Generic[Content]):
    """A content that is in no file, and so stays."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def __call__(self) -> Content:
        """The content."""
        return self._content

    def refresh(self) -> None:
        """There is nothing to look at."""


def watched_secret(settings: Settings, name: str, parse: Callable[[str], Content]) -> WatchedFile[Content] | Fixed[Content]:
    """A secret of the settings: read again where a file was named, else as it is. Raises what `parse` raises."""
    path = settings.secret_file(name)
    return Fixed(parse(getattr(settings, name).get_secret_value())) if path is None else WatchedFile(path, parse)


def refresh(*files: WatchedFile[Any] | Fixed[Any]) -> Callable[[], None]:
    """A step of a background loop: reads those of the files again that changed."""

    def step() -> None:
        for file in files:
            file.refresh()

    return step
