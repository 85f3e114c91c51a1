"""Traces sent to an OTLP receiver over HTTP, in batches, by a thread. A receiver that is away costs spans, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from recommndr_background.traces import TRACEPARENT, Note

_TIMEOUT_S = 5
_EVERY_MS = 1_000
_MOST_WAITING = 4_096  # spans; further ones are dropped


class _OtlpSpan:
    """A span of the library."""

    __slots__ = ("_span",)

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, **notes: Note) -> None:
        """Add attributes."""
        self._span.set_attributes(notes)

    def rename(self, name: str) -> None:
        """Give it another name."""
        self._span.update_name(name)


class OtlpTraces:
    """Records a share of the traces.

    The share is chosen by the trace's id, and not by the caller's flag: every service chooses the same traces, and a browser
    cannot have all its requests recorded.
    """

    is_on = True

    def __init__(self, url: str, share: float, service: str) -> None:
        exporter = OTLPSpanExporter(endpoint=url, timeout=_TIMEOUT_S)
        self._provider = TracerProvider(
            sampler=TraceIdRatioBased(share),
            resource=Resource.create({"service.name": service, "service.namespace": "recommndr"}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, max_queue_size=_MOST_WAITING, schedule_delay_millis=_EVERY_MS)
        )
        self._tracer = self._provider.get_tracer("recommndr")
        self._context = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, **notes: Note) -> Iterator[_OtlpSpan]:
        """A child of the current span."""
        yield from self._used(self._tracer.start_span(name, attributes=notes))

    @contextmanager
    def received(self, name: str, traceparent: str | None) -> Iterator[_OtlpSpan]:
        """The first span of this process for a request."""
        yield from self._used(self._tracer.start_span(name, self._from(traceparent), SpanKind.SERVER))

    def carried(self, name: str, traceparent: str, began_ns: int, ended_ns: int, **notes: Note) -> None:
        """A span that is over."""
        span = self._tracer.start_span(name, self._from(traceparent), SpanKind.CONSUMER, notes, start_time=began_ns)
        span.end(ended_ns)

    def traceparent(self) -> str | None:
        """The current span's."""
        if not trace.get_current_span().is_recording():
            return None
        carrier: dict[str, str] = {}
        self._context.inject(carrier)
        return carrier.get(TRACEPARENT)

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()

    def _from(self, traceparent: str | None) -> Context:
        # An empty context otherwise: the current one may be another request's.
        return self._context.extract({TRACEPARENT: traceparent} if traceparent else {}, Context())

    def _used(self, span: trace.Span) -> Iterator[_OtlpSpan]:
        # The library's own record of an error has its message, which may name a shopper.
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield _OtlpSpan(span)
            except BaseException as cause:
                span.set_status(Status(StatusCode.ERROR, type(cause).__name__))
                raise
