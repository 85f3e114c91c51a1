"""An OTLP receiver on loopback: it decodes what arrives and keeps the spans."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recommndr_http.server import served
from recommndr_native.ports import free_port


@dataclass(frozen=True)
class Received:
    """One span."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    notes: dict[str, str]
    seconds: float
    failed: str  # the status' message of a failed one


@dataclass
class OtlpReceiver:
    """The spans so far."""

    url: str
    spans: list[Received] = field(default_factory=list)

    def named(self, name: str) -> list[Received]:
        return [one for one in self.spans if one.name == name]

    async def take(self, request: Request) -> Response:
        body = await request.body()
        decoded = gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body
        for resource in ExportTraceServiceRequest.FromString(decoded).resource_spans:
            service = next(one.value.string_value for one in resource.resource.attributes if one.key == "service.name")
            for scope in resource.scope_spans:
                self.spans += [
                    Received(
                        service, span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                        {one.key: str(one.value.string_value or one.value.int_value) for one in span.attributes},
                        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9, span.status.message,
                    )
                    for span in scope.spans
                ]  # fmt: skip
        return Response(b"", media_type="application/x-protobuf")


@contextmanager
def receiving() -> Iterator[OtlpReceiver]:
    """A receiver on a free port while the context lasts."""
    port = free_port()
    receiver = OtlpReceiver(f"http://127.0.0.1:{port}/v1/traces")
    with served(Starlette(routes=[Route("/v1/traces", receiver.take, methods=["POST"])]), ["127.0.0.1"], "127.0.0.1", port):
        yield receiver
