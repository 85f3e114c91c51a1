"""Reads current samples, alerts and ranges of series from Prometheus."""

import logging
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from recommndr_rollout.seen import Sample, Seen
from recommndr_rollout.series import Grid, Line

_log = logging.getLogger(__name__)


class NoAnswer(RuntimeError):
    """Prometheus does not answer, so nothing is known."""


class Prometheus:
    """A Prometheus server behind its URL, which asks for a login (user and password)."""

    def __init__(self, client: httpx.Client, url: str, login: tuple[str, str]) -> None:
        self._client = client
        self._url = url
        self._login = login

    def seen(self, names: Iterable[str]) -> Seen:
        """All newest samples of these names, and the alerts; empty when the server does not answer."""
        try:
            samples = self.query(f'{{__name__=~"{"|".join(names)}"}}')
            with self._understood():
                return Seen(samples, self._ask("alerts")["alerts"])
        except NoAnswer as cause:
            _log.warning("%s", cause)
            return Seen(reached=False)

    def query(self, expression: str) -> list[Sample]:
        """The finite values of an instant query, whatever they are called; raises `NoAnswer`."""
        with self._understood():
            vector = self._ask("query", query=expression)["result"]
            samples = [Sample(one["metric"].pop("__name__", ""), one["metric"], float(one["value"][1])) for one in vector]
        # A ratio over nothing is NaN: no data.
        return [sample for sample in samples if math.isfinite(sample.value)]

    def lines(self, selector: str, grid: Grid) -> list[Line]:
        """The values of the selected series at the instants of the grid; raises `NoAnswer`."""
        with self._understood():
            matrix = self._ask("query_range", query=selector, start=grid.start_s, end=grid.end_s, step=grid.step_s)["result"]
            return [
                Line(one["metric"].pop("__name__", ""), one["metric"], {int(at): float(value) for at, value in one["values"]})
                for one in matrix
            ]

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, ValueError, KeyError) as cause:
            raise NoAnswer(f"Prometheus at {self._url} does not answer: {cause}") from cause

    def _ask(self, path: str, **parameters: str | int) -> dict[str, Any]:
        response = self._client.get(f"{self._url}/api/v1/{path}", params=parameters, auth=self._login)
        response.raise_for_status()
        data: dict[str, Any] = response.json()["data"]
        return data
