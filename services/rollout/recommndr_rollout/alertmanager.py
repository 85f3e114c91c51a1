"""Asks Alertmanager which alerts it keeps quiet: somebody silenced them, or they follow from another alert."""

import logging
from collections.abc import Mapping
from typing import Literal, NamedTuple

import httpx

_log = logging.getLogger(__name__)

Mute = Literal["silence", "other_alert"]


class Muted(NamedTuple):
    """An alert that nobody is told of."""

    labels: Mapping[str, str]  # those of Prometheus, and its external labels
    by: Mute


class Alertmanager:
    """An Alertmanager behind its URL, which asks for a login (user and password)."""

    def __init__(self, client: httpx.Client, url: str, login: tuple[str, str]) -> None:
        self._client = client
        self._url = url
        self._login = login

    def muted(self) -> list[Muted]:
        """The alerts that are kept quiet; none when Alertmanager does not answer, so that all are shown."""
        try:
            response = self._client.get(f"{self._url}/api/v2/alerts", params={"active": "false"}, auth=self._login)
            response.raise_for_status()
            return [
                Muted(alert["labels"], "silence" if alert["status"]["silencedBy"] else "other_alert")
                for alert in response.json()
                if alert["status"]["state"] == "suppressed"
            ]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as cause:
            _log.warning("Alertmanager at %s does not answer: %s", self._url, cause)
            return []
