"""Names of the feature groups that are one file each in `features/added`; the groups are in `recommndr.features.added`."""

from pathlib import Path
from pkgutil import iter_modules

NAMES: tuple[str, ...] = tuple(sorted(module.name for module in iter_modules([str(Path(__file__).parent / "features/added")])))
