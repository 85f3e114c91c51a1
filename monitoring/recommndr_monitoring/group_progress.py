"""How long consumer groups have left records unread. Kafka tells it, so a consumer that hangs cannot hide it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from recommndr_monitoring.source import Sample

Offsets = Mapping[tuple[str, int], int]


@dataclass
class GroupProgress:
    """By group and partition the last commit, and since when it has stood still with records behind it. No clock of its own."""

    _seen: dict[tuple[str, str, int], tuple[int, float]] = field(default_factory=dict, init=False)

    def samples(self, ends: Offsets, commits: Mapping[str, Offsets], now_s: float) -> list[Sample]:
        """The lag of each group and topic, and the longest standstill of its partitions, in seconds.

        A partition without a commit has no lag.
        """
        lags: Counter[tuple[str, str]] = Counter()
        stalled_s: dict[tuple[str, str], float] = {}
        seen: dict[tuple[str, str, int], tuple[int, float]] = {}
        for group, committed in commits.items():
            for (topic, partition), offset in committed.items():
                if offset < 0 or (topic, partition) not in ends:
                    continue
                lag = max(ends[topic, partition] - offset, 0)
                since_s = self._since_s((group, topic, partition), offset, lag, now_s)
                seen[group, topic, partition] = offset, since_s
                lags[group, topic] += lag
                stalled_s[group, topic] = max(stalled_s.get((group, topic), 0.0), now_s - since_s)
        self._seen = seen
        return [
            *(Sample("recommndr_kafka_group_lag_records", n, labels) for labels, n in lags.items()),
            *(Sample("recommndr_kafka_group_stalled_seconds", s, labels) for labels, s in stalled_s.items()),
        ]

    def _since_s(self, place: tuple[str, str, int], offset: int, lag: int, now_s: float) -> float:
        before = self._seen.get(place)
        return before[1] if before is not None and before[0] == offset and lag else now_s
