"""Measures latencies, and the ladder steps of the answers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from recommndr_native.shop import Shop


@dataclass(frozen=True, slots=True)
class Latency:
    """Latencies of one run of sequential requests."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    ladder: dict[str, float]  # share of answers per step


def measure(shop: Shop, user_ids: Iterable[str]) -> Latency:
    """Ask once per user id, one after the other."""
    answers = [shop.recommend(user_id) for user_id in user_ids]
    p50, p95, p99 = np.percentile([1_000 * answer.took_s for answer in answers], (50, 95, 99))
    steps = Counter(answer.ladder for answer in answers)
    return Latency(float(p50), float(p95), float(p99), {step: n / len(answers) for step, n in steps.most_common()})
