"""The keys of attribution tokens: the first one signs, all are accepted, so a key can be replaced without a gap."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_MIN_CHARS = 32


@dataclass(frozen=True, slots=True)
class AttributionKeys:
    """Secrets by their ids, in order."""

    by_id: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str, first_id: str) -> "AttributionKeys":
        """One key a line, `<id> <secret>`; a secret alone has the id `first_id`. Raises `ValueError` for one that is too short.

        >>> list(AttributionKeys.from_text("k2 " + "n" * 32 + "\\nk1 " + "o" * 32, "k1").by_id)
        ['k2', 'k1']
        """
        by_id: dict[str, bytes] = {}
        for line in text.split("\n"):
            words = line.split()
            if not words:
                continue
            key_id, secret = (words[0], words[1]) if len(words) == 2 else (first_id, words[0])
            if len(words) > 2 or len(secret) < _MIN_CHARS or key_id in by_id:
                raise ValueError(f"attribution key: expected lines of an id and a secret of {_MIN_CHARS} characters or more")
            by_id[key_id] = secret.encode()
        return cls(by_id)

    @property
    def signing(self) -> tuple[str, bytes] | None:
        """Id and secret of the key that signs; None without keys."""
        return next(iter(self.by_id.items()), None)
