"""Fits of retrievers at earlier cuts, kept on disk, so that another run over the same lines does not fit them again.

A fit is found by what it was made from: the interactions known before its cut, its options, and the source of all modules of
this project that it calls. On grocer the fits of 13 cuts take more than half of the ranker's time and 0.6 GB; whoever changes a
column or a setting of the ranker needs none of them again. A retraining on newer lines finds nothing here, because rows and
weights of its matrices differ.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers import SPECS
from recommndr_training import stage_files
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval.retriever_fit import RetrieverFit

FOLDER = "fits"  # below a profile's folder
_OURS = "recommndr"
_LIBRARIES = ("implicit", "numpy", "scipy")


class KeptFits:
    """A folder of fits; those that a run did not ask for are removed at its end."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def retrievers(
        self, stage: str, fit: RetrieverFit[Any], known: Interactions, cut_s: float, options: object
    ) -> list[Retriever]:
        """The stage's retrievers, read from what was kept or is written now."""
        past = known.before(cut_s)
        folder = self._directory / f"{stage}-{_digest(fit, past, cut_s, options)}"
        if not folder.exists():
            self._write(folder, fit, past, cut_s, options)
        folder.touch()  # asked for
        parameters = stage_files.load_parameters(folder, (stage,))
        specs = [spec for spec in SPECS if spec.stage == stage and spec.file is not None and (folder / spec.file).exists()]
        return [spec.read(folder, parameters) for spec in specs]

    def _write(self, folder: Path, fit: RetrieverFit[Any], past: Interactions, cut_s: float, options: object) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        # Renamed when it is whole: other processes read here, and a process may end in between.
        written = Path(tempfile.mkdtemp(prefix="unfinished-", dir=self._directory))
        fit.write(past, cut_s, options, written)
        try:
            written.rename(folder)
        except OSError:  # another process was first
            shutil.rmtree(written)

    def keep_since(self, began_s: float) -> None:
        """Remove what nobody asked for since this instant of the file system's clock."""
        for folder in self._directory.glob("*"):
            if folder.stat().st_mtime < began_s:
                shutil.rmtree(folder, ignore_errors=True)


def _digest(fit: RetrieverFit[Any], past: Interactions, cut_s: float, options: object) -> str:
    made_from = hashlib.blake2b(digest_size=16)
    names = (past.target, past.kind_names, past.context_names, len(past.user_ids), len(past.item_ids))
    made_from.update(repr((_code(fit.write.__module__), cut_s, options, *names)).encode())
    for values in (getattr(past, field.name) for field in fields(past)):
        if isinstance(values, np.ndarray):
            made_from.update(np.ascontiguousarray(values).data)
    return made_from.hexdigest()


@cache
def _code(module: str) -> str:
    source = hashlib.blake2b(digest_size=16)
    for name in sorted(_reached(sys.modules[module])):
        path = sys.modules[name].__file__
        source.update(name.encode() + (Path(path).read_bytes() if path else b""))
    source.update(repr([version(name) for name in _LIBRARIES]).encode())
    return source.hexdigest()


def _reached(start: ModuleType) -> set[str]:
    """Names of this project's modules from which `start` imports something, itself or through others."""
    reached: set[str] = set()
    coming = [start.__name__]
    while coming:
        if (name := coming.pop()) not in reached:
            reached.add(name)
            coming += _imported(sys.modules[name])
    return reached


def _imported(module: ModuleType) -> Iterator[str]:
    for value in vars(module).values():
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str) and name.split("_")[0].split(".")[0] == _OURS and name in sys.modules:
            yield name
