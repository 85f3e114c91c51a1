"""Traces by OpenTelemetry: where the time of a request goes, across processes. Off until a receiver is set.

Off, the library is not imported, and a span is a call that returns the same empty object. A trace contains tenants, endpoints
and steps, and no ids of shoppers or items.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol

Note = str | int | float | bool
Kind = Literal["server", "consumer"]
TRACEPARENT = "traceparent"  # W3C's header, in HTTP and in Kafka


class Span(Protocol):
    """One step that takes time."""

    def note(self, **notes: Note) -> None:
        """Add what is known of it."""
        ...

    def rename(self, name: str) -> None:
        """Give it the name that is known only later."""
        ...


class Tracer(Protocol):
    """Makes spans."""

    @property
    def is_on(self) -> bool:
        """Whether anything is recorded."""
        ...

    def span(self, name: str, **notes: Note) -> AbstractContextManager[Span]:
        """A step of what is under way."""
        ...

    def received(self, name: str, traceparent: str | None) -> AbstractContextManager[Span]:
        """A request, as a part of the caller's trace if it names one."""
        ...

    def carried(self, name: str, traceparent: str, began_ns: int, ended_ns: int, **notes: Note) -> None:
        """A step that a record took, after it is over, as a part of the trace that the record carries; epoch times."""
        ...

    def traceparent(self) -> str | None:
        """What to send along, so that the receiver goes on with this trace; None outside a recorded trace."""
        ...

    def close(self) -> None:
        """Send what waits."""
        ...


class _NoSpan(AbstractContextManager["_NoSpan"]):
    """Nothing."""

    __slots__ = ()

    def __exit__(self, *_: object) -> None:
        """Let errors pass."""

    def note(self, **notes: Note) -> None:
        """Do nothing."""

    def rename(self, name: str) -> None:
        """Do nothing."""


_NO_SPAN = _NoSpan()


class NoTraces:
    """Records nothing."""

    is_on = False

    def span(self, name: str, **notes: Note) -> _NoSpan:
        """The empty span."""
        return _NO_SPAN

    def received(self, name: str, traceparent: str | None) -> _NoSpan:
        """The empty span."""
        return _NO_SPAN

    def carried(self, name: str, traceparent: str, began_ns: int, ended_ns: int, **notes: Note) -> None:
        """Do nothing."""

    def traceparent(self) -> None:
        """Return nothing."""
        return

    def close(self) -> None:
        """Do nothing."""


NO_TRACES: Tracer = NoTraces()


def tracer_of(otlp_url: str, share: float, service: str) -> Tracer:
    """The tracer of a process: none without a receiver."""
    if not otlp_url:
        return NO_TRACES
    # Its import takes 0.2 s and 20 MB, which an installation without a receiver must not pay.
    from recommndr_background.otlp_traces import OtlpTraces  # noqa: PLC0415

    return OtlpTraces(otlp_url, share, service)


@contextmanager
def traces(otlp_url: str, share: float, service: str) -> Iterator[Tracer]:
    """The tracer of a process until the context ends; then what waits is sent."""
    tracer = tracer_of(otlp_url, share, service)
    try:
        yield tracer
    finally:
        tracer.close()
