"""The shapes in which shop systems export: folders of small files in `shop_exports/`, all made up, with what they mean."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "shop_exports"
_EXPECTED = "expected.yaml"
_ITEMS = ("products", "items", "movies", "catalog")


@dataclass(frozen=True)
class Export:
    """Files of one shape, and what they mean."""

    folder: Path

    @property
    def name(self) -> str:
        """The shape's name."""
        return self.folder.name

    @property
    def events(self) -> Path:
        """The log."""
        return next(path for path in self._files if path != self.items)

    @property
    def items(self) -> Path | None:
        """The item table."""
        return next((path for path in self._files if path.name.startswith(_ITEMS)), None)

    @property
    def _files(self) -> list[Path]:
        return [path for path in sorted(self.folder.iterdir()) if path.name != _EXPECTED]

    @cached_property
    def expected(self) -> dict[str, Any]:
        """The mapping, without `file` and `reject`, and the deeds."""
        found: dict[str, Any] = yaml.safe_load((self.folder / _EXPECTED).read_text())
        return found


EVERY = tuple(Export(folder) for folder in sorted(_FOLDER.iterdir()))


def named(name: str) -> Export:
    """The export of a shape."""
    return Export(_FOLDER / name)
