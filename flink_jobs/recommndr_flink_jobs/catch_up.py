"""Whether a bucket's run has read what there was when it started, and which tenants wait for that before they are shown.

States that begin anew would otherwise write rows of the past over those of the present. The process that watches the job sees
when it has caught up (`main.py`), and says so in the topic of generations, which reaches all buckets.
"""

from dataclasses import dataclass, field

import msgpack

KEY = b"_job|caught-up"  # no tenant has an underscore; the value is the run's id


@dataclass(slots=True)
class CatchUp:
    """One bucket's."""

    run_id: str = ""  # of the newest run that has caught up
    waiting: set[str] = field(default_factory=set)  # tenants whose states are whole

    def to_bytes(self) -> bytes:
        """The bytes in Flink."""
        packed: bytes = msgpack.packb([self.run_id, sorted(self.waiting)])
        return packed

    @classmethod
    def from_bytes(cls, stored: bytes | None) -> "CatchUp":
        """Inverse of `to_bytes`; of a new bucket for None."""
        if stored is None:
            return cls()
        run_id, waiting = msgpack.unpackb(stored)
        return cls(run_id, set(waiting))
