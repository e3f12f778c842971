"""Metrics for Prometheus, by prometheus-client: how many calls, how long, how they ended; nobody is named."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response

from faktoora_mcp.server.definitions import definitions
from faktoora_mcp.server.workspace import ToolCall
from faktoora_mcp.settings import SettingsError

MISSING = '--metrics needs prometheus-client: pip install "faktoora-mcp[metrics]".'
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
"""Limits of the buckets: from an answer out of the same rack to the longest call."""


class Metrics:
    """Counts in this process; labels have a bounded number of values. SettingsError without the extra."""

    def __init__(self, running: Callable[[], int]) -> None:
        prometheus = _prometheus()
        self._registry = registry = prometheus.CollectorRegistry()
        self._write = prometheus.generate_latest
        self._content_type = prometheus.CONTENT_TYPE_LATEST
        self._calls = prometheus.Counter(
            "faktoora_mcp_tool_calls",
            "Calls of tools by how they ended",
            ("tool", "outcome"),
            registry=registry,
        )
        self._call_seconds = prometheus.Histogram(
            "faktoora_mcp_tool_call_seconds", "Time of calls", ("tool",), buckets=SECONDS, registry=registry
        )
        self._requests = prometheus.Counter(
            "faktoora_mcp_api_requests",
            "Requests to faktoora by the status of the answer",
            ("method", "route", "status"),
            registry=registry,
        )
        self._request_seconds = prometheus.Histogram(
            "faktoora_mcp_api_request_seconds",
            "Time of requests to faktoora",
            ("route",),
            buckets=SECONDS,
            registry=registry,
        )
        self._refused = prometheus.Counter(
            "faktoora_mcp_refused_requests", "Requests refused before MCP", ("status",), registry=registry
        )
        prometheus.Gauge(
            "faktoora_mcp_running_requests", "Requests that are handled now", registry=registry
        ).set_function(running)

    @contextmanager
    def tool(self, name: str, call: ToolCall) -> Generator[None]:
        tool, began = name if name in definitions() else "unknown", time.perf_counter()
        try:
            yield
        except BaseException:
            call.outcome = "cancelled"
            raise
        finally:
            self._calls.labels(tool, call.outcome).inc()
            self._call_seconds.labels(tool).observe(time.perf_counter() - began)

    @contextmanager
    def sending(
        self,
        method: str,
        route: str,
        headers: httpx.Headers,  # noqa: ARG002 (as the protocol has it)
    ) -> Generator[Callable[[int], None]]:
        statuses, began = ["none"], time.perf_counter()
        try:
            yield lambda status: statuses.append(str(status))
        finally:
            self._requests.labels(method, route, statuses[-1]).inc()
            self._request_seconds.labels(route).observe(time.perf_counter() - began)

    def refused(self, status: int) -> None:
        self._refused.labels(str(int(status))).inc()

    async def answer(self, _: Request) -> Response:
        """The route /metrics."""
        return Response(self._write(self._registry), headers={"Content-Type": self._content_type})


def _prometheus() -> Any:  # noqa: ANN401 (an optional library)
    try:
        import prometheus_client
    except ImportError:
        raise SettingsError(MISSING) from None
    return prometheus_client
