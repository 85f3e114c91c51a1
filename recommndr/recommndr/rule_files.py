"""The shops' business rules in a folder, one `<tenant>.json` each, as the release records are kept."""

from pathlib import Path

from recommndr.business_rules import RuleBook
from recommndr.identity import check_tenant
from recommndr.record_files import replace_durably, swapped


class RuleFiles:
    """Records in a directory that may be shared by processes of one machine; readers need no lock."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, tenant: str) -> RuleBook | None:
        """The shop's record, None before its first rule; raises `ValueError` or `OSError` for one that cannot be read."""
        try:
            text = self._path(tenant).read_bytes()
        except FileNotFoundError:
            return None
        book = RuleBook.model_validate_json(text)
        if book.tenant != tenant:
            raise ValueError(f"{self._path(tenant)}: names tenant {book.tenant!r}, expected {tenant!r}")
        return book

    def stamp(self, tenant: str) -> tuple[int, int] | None:
        """What changes whenever the shop's record does; None without a record."""
        try:
            found = self._path(tenant).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def save(self, book: RuleBook) -> RuleBook:
        """Save what was loaded at `book.record_version`, return it with the next; raises `StaleRecord` or `OSError`."""
        lock = self._directory / ".lock"
        return swapped(book, lambda: self.load(book.tenant), self._path(book.tenant), lock, f"rules of {book.tenant!r}")

    def keep(self, book: RuleBook) -> None:
        """Replace the record by a copy of one that another folder holds."""
        self._directory.mkdir(parents=True, exist_ok=True)
        replace_durably(self._path(book.tenant), book.model_dump_json().encode())

    def _path(self, tenant: str) -> Path:
        return self._directory / f"{check_tenant(tenant)}.json"
