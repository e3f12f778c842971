"""Bytes over HTTP that are no protocol, or nearly: the server answers, and goes on."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.scale import examples
from tests.fuzz.test_protocol import Line, garbage, is_request, lines, request
from tests.fuzz.wire import HttpServer, http_server, memory_mb
from tests.processes import environment

pytestmark = pytest.mark.fuzz

REQUESTS = 300
GROWTH_MB = 20
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
    "X-API-KEY": "key-of-the-fuzzer-4711",
    "MCP-Protocol-Version": "2025-11-25",
}
ODD_HEADERS = [
    *({}, {}, {"MCP-Protocol-Version": "x"}, {"MCP-Protocol-Version": "2026-07-28"}, {"Accept": "*/*"}),
    *({"Content-Type": "text/plain"}, {"Mcp-Session-Id": "\xe4" * 300}, {"X-Account-Id": "\xff"}),
    *({"X-API-KEY": "k"}, {"X-API-KEY": "\xe4" * 9}, {"Authorization": "Bearer"}, {"Host": "evil.example"}),
    *({"Content-Encoding": "gzip"}, {"Expect": "100-continue"}, {"Last-Event-ID": "1"}, {"X": "y" * 9000}),
]


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    with http_server(environment(FAKTOORA_SANDBOX="true")) as running:
        yield running


def answered(server: HttpServer, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and body of the answer."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    try:
        connection.request("POST", "/mcp", body, HEADERS | headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def is_well(server: HttpServer) -> bool:
    status, text = answered(server, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', {})
    return status == 200 and "list_customers" in text


def test_each_body_is_answered_and_so_is_the_next(server: HttpServer) -> None:
    sizes = [memory_mb(server.pid)]

    @examples(REQUESTS)
    @given(lines, garbage, st.sampled_from(ODD_HEADERS))
    def fuzz(line: Line, noise: bytes, headers: dict[str, str]) -> None:
        body = request("request-1", line)
        status, text = answered(server, body, headers)
        assert status < 500, (status, text)
        if status == 200 and is_request(body, "request-1"):
            assert '"id":"request-1"' in text, text
        assert 400 <= answered(server, noise, headers)[0] < 500
        assert is_well(server)
        sizes.append(memory_mb(server.pid))

    fuzz()
    assert sizes[-1] - sizes[len(sizes) // 4] < GROWTH_MB


NO_HTTP = {
    "garbage": b"\x16\x03\x01\x02\x00" * 400,
    "a line without end": b"G" * 200_000,
    "headers without end": b"POST /mcp HTTP/1.1\r\n" + b"A: b\r\n" * 50_000,
    "a length that is none": b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n{}",
    "two lengths": b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
    b"Content-Length: 9\r\n\r\n{}",
    "length and chunks": b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk without end": b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-KEY: key-4711\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n" + b"FFFFFFFFFFFFFFFFF\r\n{}",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "half a request": b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n{",
}


@pytest.mark.parametrize("data", NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_does_not_disturb_others(server: HttpServer, data: bytes) -> None:
    before_mb = memory_mb(server.pid)
    with socket.create_connection((server.host, server.port)) as client, suppress(OSError):
        client.settimeout(2)
        client.sendall(data)
        client.recv(4096)
    assert is_well(server)
    assert memory_mb(server.pid) - before_mb < GROWTH_MB
