"""A file that is read again when it changes, so that keys and policies change without restarts."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from recommndr.settings import Settings

_log = logging.getLogger(__name__)

Content = TypeVar("Content")


class WatchedFile(Generic[Content]):
    """The content of a file as it was last read. Calling it does no I/O; `refresh` reads the file again if it changed."""

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
        """Read the file again if it changed. Invalid content is logged once, and the last valid content stays in use."""
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
    """A secret of the settings; it is read again if it comes from a file. Raises what `parse` raises."""
    path = settings.secret_file(name)
    return Fixed(parse(getattr(settings, name).get_secret_value())) if path is None else WatchedFile(path, parse)


def refresh(*files: WatchedFile[Any] | Fixed[Any]) -> Callable[[], None]:
    """Step of a background loop: read the files that changed."""

    def step() -> None:
        for file in files:
            file.refresh()

    return step
