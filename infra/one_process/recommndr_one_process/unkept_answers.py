"""A log of answers that keeps none: nobody reads it in one process yet. They are counted as dropped."""

from recommndr.served_answer import ServedAnswer
from recommndr_serving.metrics import Metrics


class UnkeptAnswers:
    """A `ServedLog`."""

    def __init__(self, metrics: Metrics) -> None:
        self._count = metrics.served.labels("dropped")

    def note(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """See `ServedLog.note`."""
        del tenant, user_id, answer
        self._count.inc()
