"""Content: items that say the same of themselves as the shopper's items do, so that items without any event are found.

Each item is a bag of words: those of its title, each level of its category path, its brand. A word counts by idf, vectors have
length 1, and words are hashed, so that no vocabulary has to be kept. The score is the cosine, summed over the shopper's items.
NDCG@10 of new items alone, on tuning cuts: Online Retail, whose items have titles only, .067 (co-visits .077); RetailRocket,
which has categories only, .021 (co-visits .008); grocer, whose titles are those of its categories, .005 (co-visits .025).
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import DenseScores
from recommndr_engine.shopper import Shopper
from recommndr_engine.shopper_matrix import interest_roots, sum_of_rows

STARTS_FILE, WORDS_FILE, VALUES_FILE = (f"content/{part}.npy" for part in ("starts", "words", "values"))
N_HASHES = 1 << 15


class Content:
    """Items like the shopper's own."""

    name = "content"

    def __init__(self, vectors: sparse.csr_matrix) -> None:
        self.vectors = vectors  # (n_items, N_HASHES) float32, of length 1 or 0
        self._distinct, self._place = _distinct(vectors)

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Content":
        """From a bundle's folder."""
        starts, words, values = (
            np.load(directory / name, allow_pickle=False) for name in (STARTS_FILE, WORDS_FILE, VALUES_FILE)
        )
        return cls(sparse.csr_matrix((values, words, starts), shape=(len(starts) - 1, N_HASHES)))

    def open(self, shopper: Shopper, items: ItemView) -> DenseScores:
        """See `Retriever`."""
        rows, roots = interest_roots(shopper)
        if not len(rows):
            return DenseScores(np.zeros(self.vectors.shape[0], np.float32))
        taste = sum_of_rows(self.vectors, rows, roots)
        return DenseScores((self._distinct @ taste).take(self._place))


def _distinct(vectors: sparse.csr_matrix) -> tuple[sparse.csr_matrix, npt.NDArray[np.intp]]:
    """The rows that differ, and the place of each item's row among them: often many items say the same of themselves."""
    places: dict[bytes, int] = {}
    first: list[int] = []
    place = np.empty(vectors.shape[0], np.intp)
    for row, (start, end) in enumerate(pairwise(vectors.indptr.tolist())):
        said = vectors.indices[start:end].tobytes() + vectors.data[start:end].tobytes()
        place[row] = places.setdefault(said, len(places))
        if place[row] == len(first):
            first.append(row)
    return vectors[np.array(first, np.int32)], place


SPECS = (
    RetrieverSpec(
        name=Content.name,
        place=100,
        read=Content.read,
        stage="content",
        file=STARTS_FILE,
        quota=60,
        blend_weight=0.25,
        reason="Similar to what you like",
        cost_ms=2.4,
        discovers=True,
        from_actions=True,
    ),
)
