"""Partial: the outcomes of a label on one day of lists, summed over the shoppers of one bucket of the stream.

It is the value of `recommndr.outcomes.v1`, JSON, overwritten by key: a record that is written twice changes nothing. The key is
`tenant|day|generation|bucket|list|arm|release`. A rebuild of the stream's states is a new generation. It sums again only the
days of which the log still has every event; the sums of older days stay those of the generations before it.

Beside sums there are, per measure, the sum over shoppers of squares, and of products with the shopper's impressions: with these
the variance of a mean or of a ratio such as clicks per impression can be computed with the shopper as unit (delta method: Deng,
Knoblich, Lu, "Applying the delta method in metric analytics", KDD 2018). They are of the shopper's counts over all days: the
part of one day is what they grew by on its lists, and only their sum over days has a meaning.
"""

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from recommndr.identity import TenantId, check_tenant, entity_key, split_key
from recommndr.outcomes.act import Label
from recommndr.outcomes.shopper import Change

_FORMAT_VERSION = 1
_PER_IMPRESSION = "impressions"


class Sums(NamedTuple):
    """Sums over shoppers of a measure, of its square, and of its product with the shopper's impressions."""

    n: int = 0
    squares: int = 0
    with_impressions: int = 0


_NO_SUMS = Sums()


class PartialKey(NamedTuple):
    """What a partial is of."""

    tenant: TenantId
    label: Label
    day: int
    generation: int
    bucket: int

    def to_bytes(self) -> bytes:
        """The Kafka key; the release is last because its name may contain anything."""
        release, arm, list_name = self.label
        parts = (self.day, self.generation, self.bucket, list_name, arm, release)
        return entity_key(self.tenant, "|".join(map(str, parts)))

    @classmethod
    def from_bytes(cls, key: bytes) -> "PartialKey":
        """Inverse of `to_bytes`; raises `ValueError` for any other key.

        >>> PartialKey.from_bytes(b"grocer|20000|7|3|recommend|stable|v1|a").label.release
        'v1|a'
        """
        tenant, rest = split_key(key)
        parts = rest.split("|", 5)
        if len(parts) != 6:
            raise ValueError(f"key {key!r}: expected tenant|day|generation|bucket|list|arm|release")
        day, generation, bucket, list_name, arm, release = parts
        return cls(check_tenant(tenant), Label(release, arm, list_name), int(day), int(generation), int(bucket))


@dataclass(slots=True)
class Partial:
    """The sums; `add` changes them in place."""

    n_shoppers: int = 0
    sums: dict[str, Sums] = field(default_factory=dict)  # by measure

    def add(self, change: Change) -> None:
        """Replace a shopper's counts by newer ones."""
        before, after = change.before, change.after
        self.n_shoppers += bool(after) - bool(before)
        shown_before, shown_after = before.get(_PER_IMPRESSION, 0), after.get(_PER_IMPRESSION, 0)
        for measure in {**before, **after}:
            old, new = before.get(measure, 0), after.get(measure, 0)
            if old == new and shown_before == shown_after:
                continue
            n, squares, with_impressions = self.sums.get(measure, _NO_SUMS)
            self.sums[measure] = Sums(
                n + new - old,
                squares + new * new - old * old,
                with_impressions + new * shown_after - old * shown_before,
            )

    def to_bytes(self) -> bytes:
        """The Kafka value. JSON, because sums of squared amounts need more than 64 bits."""
        fields = {"version": _FORMAT_VERSION, "shoppers": self.n_shoppers, "sums": self.sums}
        return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, value: bytes) -> "Partial":
        """Inverse of `to_bytes`; raises `ValueError` for any other bytes."""
        try:
            fields = json.loads(value)
            version, n_shoppers, sums = fields["version"], fields["shoppers"], fields["sums"]
            found = cls(int(n_shoppers), {str(measure): Sums(*map(int, three)) for measure, three in sums.items()})
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise ValueError(f"partial of {len(value)} bytes cannot be read: {cause!r}") from cause
        if version != _FORMAT_VERSION:
            raise ValueError(f"partial of format {version}: expected {_FORMAT_VERSION}")
        return found
