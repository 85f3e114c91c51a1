"""The record format of `recommndr.dead-letter.v1`: records that could not be read.

A job that cannot parse or fold a record writes it here with the reason and goes on. The key is the record's position
(`topic:partition:offset`), so a job that reads it again after a crash writes the same key again.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime

# People read the reason; nested validation errors can be longer than the record itself.
MAX_REASON_CHARS = 2_000
# A producer sends at most 1 MiB by default, and base64 adds a third: a longer letter would be refused for ever.
MAX_VALUE_BYTES = 512 * 1024
MAX_KEY_BYTES = 4 * 1024


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One unreadable record: its position, its bytes and the reason; `key` and `value` are None when the record had none."""

    reason: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: datetime

    def record_key(self) -> bytes:
        """The Kafka key.

        >>> DeadLetter("why", "events", 3, 41, None, b"", datetime.now(UTC)).record_key()
        b'events:3:41'
        """
        return f"{self.topic}:{self.partition}:{self.offset}".encode()

    def to_bytes(self) -> bytes:
        """The Kafka value: JSON, key and value in base64; what exceeds the limits above is cut, as the reason says."""
        reason, value = self.reason, self.value
        if value is not None and len(value) > MAX_VALUE_BYTES:
            reason, value = f"(the first {MAX_VALUE_BYTES} of {len(value)} bytes) {reason}", value[:MAX_VALUE_BYTES]
        return json.dumps(
            {
                "reason": reason[:MAX_REASON_CHARS],
                "topic": self.topic,
                "partition": self.partition,
                "offset": self.offset,
                "key_b64": _b64(None if self.key is None else self.key[:MAX_KEY_BYTES]),
                "value_b64": _b64(value),
                "at": self.at.astimezone(UTC).isoformat(),
            },
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_bytes(cls, value: bytes) -> "DeadLetter":
        """Inverse of `to_bytes`; raises `ValueError` for anything else."""
        try:
            fields = json.loads(value)
            return cls(
                reason=fields["reason"],
                topic=fields["topic"],
                partition=fields["partition"],
                offset=fields["offset"],
                key=_unb64(fields["key_b64"]),
                value=_unb64(fields["value_b64"]),
                at=datetime.fromisoformat(fields["at"]),
            )
        except (ValueError, KeyError, TypeError) as cause:
            raise ValueError(f"dead letter of {len(value)} bytes cannot be read: {cause!r}") from cause


def _b64(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()


def _unb64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
