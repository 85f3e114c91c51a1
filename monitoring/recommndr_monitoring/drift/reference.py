"""How far what a slot serves has moved from where the bundle's data end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from recommndr.bundle import MANIFEST
from recommndr.drift.distances import N_BINS, Floats, of_counts
from recommndr.input_reference import REFERENCE_FILE, InputReference


@dataclass(frozen=True, slots=True)
class NamedReference:
    """A bundle's reference with the names of its columns."""

    names: tuple[str, ...]
    reference: InputReference

    def psi(self, inputs: Floats) -> dict[str, float]:
        """By column the population stability index of (n, n_columns) served inputs from the reference.

        Columns that are constant where the data end, as the hour of the day, are left out: they move by themselves.
        """
        found = {}
        for place, name in enumerate(self.names):
            ends = self.reference.ends(place, N_BINS)
            expected = self.reference.shares(place, ends)
            if len(expected) < 2 or expected.max() >= 1.0:
                continue
            values = np.where(np.isnan(inputs[:, place]), np.inf, inputs[:, place])
            served = np.bincount(np.searchsorted(ends, values, side="left"), minlength=len(ends) + 1)
            found[name] = of_counts(served.astype(np.float64), expected * len(inputs))
        return found


@dataclass(slots=True)
class References:
    """References of the bundles that slots keep copies of, by version."""

    folder: Path
    _known: dict[str, NamedReference] = field(default_factory=dict)

    def of(self, version: str) -> NamedReference | None:
        """None while there is no copy, and for a bundle that has no reference; raises `OSError` or `ValueError`."""
        if version not in self._known:
            bundle = self.folder / version
            if not (bundle / REFERENCE_FILE).is_file() or not (bundle / MANIFEST).is_file():
                return None
            reference = InputReference(np.load(bundle / REFERENCE_FILE, allow_pickle=False))
            manifest: Mapping[str, list[dict[str, str]]] = json.loads((bundle / MANIFEST).read_text())
            names = tuple(column["name"] for column in manifest["ranker_columns"])
            if len(names) != len(reference.table):
                raise ValueError(f"{bundle / REFERENCE_FILE}: {len(reference.table)} columns, the manifest has {len(names)}")
            self._known[version] = NamedReference(names, reference)
        return self._known[version]
