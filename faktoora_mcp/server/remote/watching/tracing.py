"""Traces by OpenTelemetry: the SDK makes a span of every message, this one of every request to the API."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

import httpx
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from faktoora_mcp.server.definitions import definitions
from faktoora_mcp.server.workspace import ToolCall
from faktoora_mcp.settings import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

MISSING = '--otel needs the SDK of OpenTelemetry: pip install "faktoora-mcp[otel]".'
SERVICE = "faktoora-mcp"
FAILED = 400
METHOD, TOOL = "mcp.method.name", "gen_ai.tool.name"
TOLD = {
    METHOD, TOOL, "mcp.protocol.version", "gen_ai.operation.name", "error.type", "rpc.response.status_code",
    "http.request.method", "http.response.status_code", "url.template",
}  # fmt: skip
KEPT = ("context", "parent", "resource", "kind", "start_time", "end_time", "instrumentation_scope")
_context = TraceContextTextMapPropagator()
"""W3C trace context alone: baggage of a caller is not passed on to faktoora."""


class Tracing:
    """Spans with the method, the route and the status of a request; no address, no query, no id."""

    def __init__(self) -> None:
        self._tracer = trace.get_tracer(SERVICE)

    def tool(self, name: str, call: ToolCall) -> AbstractContextManager[object]:  # noqa: ARG002 (the SDK's span)
        return nullcontext()

    @contextmanager
    def sending(self, method: str, route: str, headers: httpx.Headers) -> Generator[Callable[[int], None]]:
        attributes = {"http.request.method": method, "url.template": route}
        with self._tracer.start_as_current_span(
            f"{method} {route}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            _context.inject(headers)

            def answered(status: int) -> None:
                span.set_attribute("http.response.status_code", status)
                if status >= FAILED:
                    span.set_status(Status(StatusCode.ERROR))

            try:
                yield answered
            except BaseException as exc:
                span.set_attribute("error.type", type(exc).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise


@contextmanager
def continued(headers: Mapping[str, str]) -> Generator[None]:
    """The trace that a caller names in its headers goes on; one in the message itself counts more."""
    token = contexts.attach(_context.extract(headers))
    try:
        yield
    finally:
        contexts.detach(token)


@contextmanager
def exporting() -> Generator[None]:
    """Send spans where the variables OTEL_EXPORTER_OTLP_… say. SettingsError without the extra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(MISSING) from None
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(without_texts(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def without_texts(exporter: "SpanExporter") -> "SpanExporter":
    """Exports only what no client can have put a customer into: no events, no sentences, no other names."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    def bare(span: "ReadableSpan") -> "ReadableSpan":
        kept = {name: getattr(span, name) for name in KEPT}
        attributes = {name: value for name, value in (span.attributes or {}).items() if name in TOLD}
        status = Status(span.status.status_code)
        return ReadableSpan(_name(span.name, attributes), attributes=attributes, status=status, **kept)

    class Bare(SpanExporter):
        def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
            return exporter.export([*map(bare, spans)])

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return exporter.force_flush(timeout_millis)

    return Bare()


def _name(name: str, attributes: dict[str, AttributeValue]) -> str:
    """Of a message its method, and the tool if there is one of this name, which stays an attribute too."""
    if METHOD not in attributes:
        return name
    if attributes.get(TOOL) not in definitions():
        attributes.pop(TOOL, None)
    return " ".join(str(attributes[part]) for part in (METHOD, TOOL) if part in attributes)
