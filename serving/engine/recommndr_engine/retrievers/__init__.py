"""Every retriever there is, loaded from a bundle's folder."""

from pathlib import Path

from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers.als import Als
from recommndr_engine.retrievers.buy_again import BuyAgain
from recommndr_engine.retrievers.item_neighbours import CoVisits, Neighbours
from recommndr_engine.retrievers.popularity import FirstPurchases, Popularity
from recommndr_engine.retrievers.recent import Recent

Parameters = dict[str, float | int | str]


def for_bundle(directory: Path, parameters: Parameters) -> list[Retriever]:
    """The retrievers of a bundle, in the order of their bits in `Candidates.sources`; arrays stay on disk until touched."""
    return [
        BuyAgain.read(directory, parameters),
        Neighbours.read(directory, parameters),
        CoVisits.read(directory, parameters),
        Als.read(directory, parameters),
        Popularity.read(directory, parameters),
        FirstPurchases.read(directory, parameters),
        Recent.read(directory, parameters),
    ]
