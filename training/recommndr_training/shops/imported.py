"""What an added shop was imported from: its mapping and files, so that a run knows what is new and loses nothing."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from recommndr_importing.mapping import Mapping
from recommndr_training.shops.shop_files import ShopFiles


class OtherMapping(ValueError):
    """Files were imported by another mapping and are not given now; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A mapping's digest, and by path the size and time of change of files."""

    mapping: str
    files: dict[str, list[int]]

    @classmethod
    def of(cls, files: ShopFiles, mapping: Mapping) -> Self:
        """What is given now."""
        paths = [path.resolve() for path in (*files.events, *filter(None, (files.items,)))]
        known = {str(path): [path.stat().st_size, path.stat().st_mtime_ns] for path in paths}
        return cls(hashlib.sha256(mapping.model_dump_json().encode()).hexdigest(), known)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` gave."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self))

    def covers(self, given: "Imported") -> bool:
        """Whether all that is given was imported as it is now."""
        return self.mapping == given.mapping and self.files.items() >= given.files.items()

    def replaces(self, before: "Imported", mapping: Path) -> bool:
        """Whether all earlier rows have to go, because the mapping is another one.

        Raises `OtherMapping` where that would lose the rows of a file that is not given.
        """
        if self.mapping == before.mapping:
            return False
        lost = [path for path in before.files if path not in self.files]
        if lost:
            raise OtherMapping(
                f"{mapping}: is another mapping than {', '.join(lost)} was imported by: give these files, too (--events may be "
                "repeated), or use the mapping from beside them"
            )
        return True

    def beside(self, before: "Imported") -> "Imported":
        """Both together, after more files were imported by the same mapping."""
        return Imported(self.mapping, before.files | self.files)
