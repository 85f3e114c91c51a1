"""Stage content: the words of every item as vectors. It reads the catalogue and no events, so it says nothing of the future."""

import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import typer
from scipy import sparse

from recommndr_engine.retrievers.content import N_HASHES, STARTS_FILE, VALUES_FILE, WORDS_FILE, Content
from recommndr_training import params, stage_files, stage_settings
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval.retriever_fit import RetrieverFit

CATALOGUE = "prepared/items.parquet"
PARAMETERS = "content/parameters.json"
_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True, slots=True)
class ContentParams:
    """The catalogue, and the digest of its bytes: fits of another catalogue are other fits."""

    catalogue: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "ContentParams":
        """From a parquet file of items."""
        return cls(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def words(title: str, category_path: tuple[str, ...], brand: str | None) -> set[str]:
    """What an item says of itself.

    >>> sorted(words("Red Mug, large", ("Home", "Mugs"), None))
    ['/Home', '/Home/Mugs', 'large', 'mug', 'red']
    """
    levels = {"/" + "/".join(category_path[:depth]) for depth in range(1, len(category_path) + 1)}
    return {*_WORD.findall(title.lower()), *levels, *([f"brand {brand}"] if brand else [])}


def fit(item_ids: list[str], catalogue: pd.DataFrame) -> sparse.csr_matrix:
    """(n_items, N_HASHES) float32 vectors; zeros for items that the catalogue does not have, and for words of one item only."""
    rows = pd.Index(item_ids, dtype=object).get_indexer(pd.Index(catalogue["item_id"])).tolist()
    found: list[tuple[int, int]] = []
    for row, title, path, brand in zip(rows, catalogue["title"], catalogue["category_path"], catalogue["brand"], strict=True):
        if row >= 0:
            found += [(row, zlib.crc32(word.encode()) % N_HASHES) for word in words(title, tuple(path), brand)]
    places = np.array(found, np.int64).reshape(-1, 2)
    shape = (len(item_ids), N_HASHES)
    vectors = sparse.csr_matrix((np.ones(len(places), np.float32), (places[:, 0], places[:, 1])), shape=shape)
    n_with = np.bincount(vectors.indices, minlength=N_HASHES)
    idf = np.where(n_with > 1, np.log(max(len(item_ids), 1) / np.maximum(n_with, 1)), 0.0)
    vectors.data = idf[vectors.indices].astype(np.float32)
    vectors.eliminate_zeros()
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    vectors.data /= np.repeat(lengths, np.diff(vectors.indptr)).astype(np.float32)
    return vectors


def _options(profile: str) -> ContentParams:
    stage_settings.settings(profile, "content")  # refuses a profile without this section
    return ContentParams.of(params.profile_dir(profile) / CATALOGUE)


def _fit(known: Interactions, options: ContentParams) -> sparse.csr_matrix:
    columns = ["item_id", "title", "category_path", "brand"]
    return fit(known.item_ids, pd.read_parquet(options.catalogue, columns=columns))


def _retrievers(known: Interactions, cut_s: float, options: ContentParams) -> list[Content]:
    return [Content(_fit(known, options))]


def _write(known: Interactions, cut_s: float, options: ContentParams, directory: Path) -> None:
    vectors = _fit(known, options)
    arrays = {STARTS_FILE: vectors.indptr, WORDS_FILE: vectors.indices, VALUES_FILE: vectors.data}
    stage_files.save_arrays(directory, arrays)
    stage_files.save_parameters(directory / PARAMETERS, {})


FIT = RetrieverFit(_options, _retrievers, _write)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Write the vectors of all items that the shop knew before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
