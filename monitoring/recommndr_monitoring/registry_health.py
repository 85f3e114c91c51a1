"""Checks whether MLflow is healthy: answers do not need it, but the next release does."""

import httpx

from recommndr_monitoring.source import Sample, SourceUnavailable


class RegistryHealth:
    """The model registry."""

    name = "mlflow"

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url

    def samples(self) -> list[Sample]:
        """See `Source.samples`; none, because only whether MLflow answers counts."""
        try:
            self._client.get(f"{self._url}/health").raise_for_status()
        except httpx.HTTPError as cause:
            raise SourceUnavailable(f"MLflow at {self._url}: {cause!r}") from cause
        return []
