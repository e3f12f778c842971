"""What an operator sees of the calls: counts and traces, and nothing that names a customer or a key."""

import re
import subprocess
import sys
from collections.abc import Generator, Sequence
from typing import cast

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from faktoora_mcp.server.remote.watching.tracing import without_texts
from tests.processes import DEADLINE_S, environment
from tests.remote.inside import URL, called, client_of, request, running
from tests.remote.serving import KEYS
from tests.scripted import RECORD, Script, page, reply, settings

pytestmark = pytest.mark.anyio
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = int("0af7651916cd43dd8448eb211c80319c", 16)
SECRETS = ("cust_abc123", "Acme", "Berlin", KEYS[0], "nobody")
"""What customers are made of; no figure and no span may hold one."""


async def get(
    client: httpx.AsyncClient, tool: str, headers: dict[str, str] | None = None, **given: object
) -> None:
    """Call a tool, whatever comes of it."""
    own, body = request("tools/call", name=tool, arguments=given)
    await client.post(URL, json=body, headers=own | (headers or {}))


class TestMetrics:
    async def figures(self, client: httpx.AsyncClient) -> str:
        return (await client.get("http://localhost/metrics")).text

    async def test_calls_are_counted_by_how_they_ended(self) -> None:
        api = Script(reply(RECORD), reply({"errors": []}, 404))
        async with (
            running(settings(), api, metrics=True) as gate,
            client_of(gate, X_API_KEY=KEYS[0]) as client,
        ):
            await called(client, "get_customer", id="cust_abc123")
            await get(client, "get_customer", id="nobody")
            await get(client, "get_customer", idd="x")
            await get(client, "no_such_tool_4711")
            told = await self.figures(client)
        for labels in (
            'tool="get_customer",outcome="ok"',
            'tool="get_customer",outcome="not_found"',
            'tool="get_customer",outcome="invalid_input"',
            'tool="unknown",outcome="not_found"',
        ):
            first, second = labels.split(",")
            assert re.search(rf"tool_calls_total{{({first},{second}|{second},{first})}} 1.0", told), labels
        assert 'tool_call_seconds_count{tool="get_customer"} 3.0' in told

    async def test_requests_to_the_api_are_counted_by_status_and_route_without_the_id(self) -> None:
        api = Script(reply(RECORD), httpx.ConnectError("no"), page())
        given = {"metrics": True}
        async with running(settings(), api, **given) as gate, client_of(gate, X_API_KEY=KEYS[0]) as client:
            await called(client, "get_customer", id="cust_abc123")
            await called(client, "list_customers", keywords=["Acme"])
            told = await self.figures(client)
        counted = dict(re.findall(r"api_requests_total{(.*?)} (\S+)", told))
        assert counted == {
            'method="GET",route="/customer/{id}",status="200"': "1.0",
            'method="GET",route="/customers",status="none"': "1.0",
            'method="GET",route="/customers",status="200"': "1.0",
        }

    async def test_refused_requests_are_counted_by_status(self) -> None:
        async with running(metrics=True) as gate, client_of(gate) as client:
            await client.post(URL)
            await client.post(URL, headers={"Host": "evil.example"})
            told = await self.figures(client)
        assert dict(re.findall(r'refused_requests_total{status="(\d+)"} (\S+)', told)) == {
            "401": "1.0",
            "421": "1.0",
        }

    async def test_no_figure_names_a_customer_a_key_or_what_a_caller_makes_up(self) -> None:
        api = Script(reply(RECORD), reply({"errors": []}, 404))
        async with (
            running(settings(), api, metrics=True) as gate,
            client_of(gate, X_API_KEY=KEYS[0]) as client,
        ):
            await called(client, "get_customer", id="cust_abc123")
            await get(client, "get_customer", id="nobody")
            await get(client, "no_such_tool_4711")
            told = await self.figures(client)
        assert [secret for secret in (*SECRETS, "4711") if secret in told] == []

    async def test_they_are_told_only_where_the_operator_asks_for_them_and_under_the_servers_name(
        self,
    ) -> None:
        async with running() as gate, client_of(gate) as client:
            assert (await client.get("http://localhost/metrics")).status_code == 404
        async with running(metrics=True) as gate, client_of(gate) as client:
            assert (await client.get("http://evil.example/metrics")).status_code == 421


@pytest.fixture(scope="module")
def exporter() -> Generator[InMemorySpanExporter]:
    """All spans of this process; a provider can be set only once."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(without_texts(memory)))
    trace.set_tracer_provider(provider)
    yield memory
    provider.shutdown()


class TestTraces:
    @pytest.fixture
    def spans(self, exporter: InMemorySpanExporter) -> InMemorySpanExporter:
        exporter.clear()
        return exporter

    async def traced(
        self, spans: InMemorySpanExporter, api: Script, tool: str, **arguments: object
    ) -> Sequence[ReadableSpan]:
        async with running(settings(), api, otel=True) as gate, client_of(gate, X_API_KEY=KEYS[0]) as client:
            await get(client, tool, {"traceparent": PARENT, "baggage": "customer=Acme"}, **arguments)
        return [
            span for span in spans.get_finished_spans() if span.kind in (SpanKind.SERVER, SpanKind.CLIENT)
        ]

    async def test_a_request_to_the_api_belongs_to_the_call_and_the_call_to_the_trace_of_its_caller(
        self, spans: InMemorySpanExporter
    ) -> None:
        request, call = await self.traced(spans, Script(reply(RECORD)), "get_customer", id="cust_abc123")
        assert (call.name, request.name) == ("tools/call get_customer", "GET /customer/{id}")
        assert call.context is not None
        assert request.context is not None
        assert request.parent == call.context
        assert {call.context.trace_id, request.context.trace_id} == {TRACE}

    async def test_the_api_is_told_the_trace_and_no_baggage(self, spans: InMemorySpanExporter) -> None:
        api = Script(reply(RECORD))
        request, _ = await self.traced(spans, api, "get_customer", id="cust_abc123")
        assert request.context is not None
        sent = api.requests[0].headers
        assert sent["traceparent"].split("-")[1:3] == [f"{TRACE:032x}", f"{request.context.span_id:016x}"]
        assert "baggage" not in sent

    @pytest.mark.parametrize(
        ("api", "status"),
        [
            ([reply(RECORD)], {200}),
            ([reply({"errors": [{"message": "Acme"}]}, 404)], {404}),
            ([httpx.ReadError("Acme"), reply(RECORD)], {None, 200}),
        ],
        ids=["answered", "refused", "broken"],
    )
    async def test_spans_tell_status_and_error_but_nothing_of_a_customer(
        self, spans: InMemorySpanExporter, api: list[httpx.Response], status: set[int | None]
    ) -> None:
        found = await self.traced(spans, Script(*api), "get_customer", id="cust_abc123")
        told = {
            cast("int | None", (span.attributes or {}).get("http.response.status_code"))
            for span in found[:-1]
        }
        assert told == status
        texts = "".join(span.to_json() for span in spans.get_finished_spans())
        assert [secret for secret in SECRETS if secret in texts] == []

    async def test_an_error_of_the_protocol_loses_its_text_which_may_name_a_customer(
        self, spans: InMemorySpanExporter
    ) -> None:
        headers, body = request(
            "resources/read", uri="faktoora://customers/nobody", name="faktoora://customers/nobody"
        )
        headers["Mcp-Name"] = "faktoora://customers/nobody"
        api = Script(reply({"errors": []}, 404))
        async with running(settings(), api, otel=True) as gate, client_of(gate, X_API_KEY=KEYS[0]) as client:
            answer = await client.post(URL, json=body, headers=headers)
        assert "nobody" in answer.text
        assert "nobody" not in "".join(span.to_json() for span in spans.get_finished_spans())


@pytest.mark.parametrize(
    ("option", "library"),
    [("--metrics", "prometheus_client"), ("--otel", "opentelemetry.exporter.otlp.proto.http.trace_exporter")],
)
def test_without_its_extra_an_option_says_what_to_install(option: str, library: str) -> None:
    hidden = f"import sys; sys.modules[{library!r}] = None"
    code = f"{hidden}\nfrom faktoora_mcp.cli.main import run\nsys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "serve", "--http", "--sandbox", "--port", "0", option]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment(), timeout=DEADLINE_S, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f'pip install "faktoora-mcp[{option.removeprefix("--")}]"' in done.stderr
