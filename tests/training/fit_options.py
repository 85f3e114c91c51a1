"""Options of every retriever stage, for tests that fit all of them: the defaults, but for what is small and quick."""

from typing import Any

from recommndr_training import als, buy_again, ease, item_neighbours, popularity, seen_together, user_neighbours

OPTIONS: dict[str, Any] = {
    "als": als.AlsParams(n_factors=8),
    "buy_again": buy_again.BuyAgainParams(),
    "ease": ease.EaseParams(),
    "item_neighbours": item_neighbours.ItemNeighboursParams(min_shoppers=1),
    "popularity": popularity.PopularityParams(),
    "seen_together": seen_together.SeenTogetherParams(),
    "user_neighbours": user_neighbours.UserNeighboursParams(),
}
