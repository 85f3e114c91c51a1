"""Options of every retriever stage, for tests that fit all of them: the defaults, but for what is small and quick."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pandas as pd

from recommndr_training.retrieval import (
    als,
    buy_again,
    content,
    ease,
    item_neighbours,
    popularity,
    seen_together,
    segment_popularity,
    session_neighbours,
    user_neighbours,
)


def _catalogue() -> Path:
    """A few items of which every one says a word that another one says too."""
    ids = [f"{prefix}{n:0{width}d}" for prefix, width in (("i", 1), ("i", 2)) for n in range(40)]
    items = {"item_id": sorted(set(ids)), "title": "thing", "category_path": None, "brand": None}
    frame = pd.DataFrame(items)
    frame["title"] = [f"thing {n % 2}odd {n % 3}third" for n in range(len(frame))]
    frame["category_path"] = [["food"] for _ in range(len(frame))]
    path = Path(mkdtemp()) / "items.parquet"
    frame.to_parquet(path)
    return path


OPTIONS: dict[str, Any] = {
    "als": als.AlsParams(n_factors=8),
    "buy_again": buy_again.BuyAgainParams(),
    "content": content.ContentParams.of(_catalogue()),
    "ease": ease.EaseParams(),
    "item_neighbours": item_neighbours.ItemNeighboursParams(min_shoppers=1),
    "popularity": popularity.PopularityParams(),
    "seen_together": seen_together.SeenTogetherParams(),
    "segment_popularity": segment_popularity.SegmentPopularityParams(min_shoppers=1),
    "session_neighbours": session_neighbours.SessionNeighboursParams(),
    "user_neighbours": user_neighbours.UserNeighboursParams(),
}
