"""Samples of the shoppers who judge, the same ones each time."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from recommndr_engine.arrays import Rows


def of_lines(lines: pd.DataFrame, n: int, known: Collection[str]) -> pd.DataFrame:
    """The lines of `n` known and `n` other shoppers drawn at random, of all if there are no more.

    Drawn apart: where most shoppers are new, few known ones would be left to judge by.
    """
    is_known = lines["user_id"].isin(known)
    kept = [
        np.random.default_rng(0).permutation(np.sort(lines.loc[which, "user_id"].unique()))[:n]
        for which in (is_known, ~is_known)
    ]
    return lines[lines["user_id"].isin(np.concatenate(kept))]


def of_relevant(relevant: Mapping[str, Rows], n: int) -> dict[str, Rows]:
    """The relevant items of at most `n` of the shoppers, the same ones each time."""
    user_ids = sorted(relevant)
    chosen = np.random.default_rng(0).permutation(len(user_ids))[:n]
    return {user_ids[place]: relevant[user_ids[place]] for place in np.sort(chosen)}
