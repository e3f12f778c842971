"""The client over real sockets of this machine: bytes, limits, connections, proxies and certificates."""

import gzip
import json
import os
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
import trustme
from anyio.abc import ByteStream, Listener, SocketAttribute
from anyio.streams.tls import TLSListener

from faktoora_mcp import __version__
from faktoora_mcp.api.bodies import BODY_VALUES
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import NewCustomer
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import AnswerTooLarge, FaktooraError, Fault, Timeout, Unreachable, UpstreamUnreadable
from faktoora_mcp.settings import SettingsError
from tests.scripted import KEY, settings

pytestmark = pytest.mark.anyio

Serve = Callable[[ByteStream, bytes], Awaitable[None]]
MB = 10**6
GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
FOUND = OK + b'Content-Length: 10\r\n\r\n{"id":"1"}'
CLOSE = b"Connection: close\r\n\r\n"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
NEW = NewCustomer.model_validate(
    {"isCompany": True, "address": "Musterstraße 1", "postcode": "10115", "city": "Berlin"}
)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] (a fixture)
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        monkeypatch.delenv(name, raising=False)


class Recording:
    """A server that keeps the bytes of every request and answers as `serve` does."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.port = 0
        self.requests: list[bytes] = []
        self.connections = 0

    async def handle(self, stream: ByteStream) -> None:
        self.connections += 1
        with suppress(*GONE):
            async with stream:
                while True:
                    request = await _request_from(stream)
                    self.requests.append(request)
                    await self._serve(stream, request)

    @property
    def lines(self) -> list[str]:
        return [request.split(b"\r\n", 1)[0].decode() for request in self.requests]


async def _request_from(stream: ByteStream) -> bytes:
    """One request, its body included where Content-Length tells of one."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        body += await stream.receive()
    return head + b"\r\n\r\n" + body


@asynccontextmanager
async def served(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Recording]:
    recording = Recording(serve)
    sockets = await anyio.create_tcp_listener(local_host="127.0.0.1")
    listener: Listener[ByteStream] = (
        TLSListener(sockets, tls, standard_compatible=False) if tls else sockets  # pyright: ignore[reportAssignmentType] (a socket's stream is a ByteStream)
    )
    recording.port = sockets.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, recording.handle)
        yield recording
        tasks.cancel_scope.cancel()


def sending(*parts: bytes) -> Serve:
    """Answer with these bytes and keep the connection."""

    async def serve(stream: ByteStream, request: bytes) -> None:
        for part in parts:
            await stream.send(part)

    return serve


def leaving(*parts: bytes) -> Serve:
    """Answer with these bytes and close."""

    async def serve(stream: ByteStream, request: bytes) -> None:
        await sending(*parts)(stream, request)
        await stream.aclose()

    return serve


def client(port: int, **given: object) -> FaktooraClient:
    base_url = f"http://127.0.0.1:{port}/api/v1"
    return FaktooraClient(settings(**({"base_url": base_url} | given)))


async def fault_of(serve: Serve, **given: object) -> Fault:
    """How reading a customer from this server fails."""
    async with served(serve) as server, client(server.port, **given) as api:
        return await _fault(api.get_customer("1"))


async def _fault(coming: Awaitable[object]) -> Fault:
    with pytest.raises(FaktooraError) as caught:
        await coming
    assert isinstance(caught.value, Fault)
    return caught.value


# Bytes


async def test_a_creation_is_these_bytes() -> None:
    async with served(sending(FOUND)) as server, client(server.port) as api:
        await api.create_customer(NEW)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    assert line == "POST /api/v1/customer HTTP/1.1"
    assert [header for header in headers if not header.startswith("Accept-Encoding: ")] == [
        f"Host: 127.0.0.1:{server.port}",
        "Connection: keep-alive",
        f"X-API-KEY: {KEY}",
        "Accept: application/json",
        f"User-Agent: faktoora-mcp/{__version__}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    ]
    assert json.loads(body) == {
        "isCompany": True,
        "address": "Musterstraße 1",
        "postcode": "10115",
        "city": "Berlin",
        "extras": {},
    }


async def test_one_connection_serves_one_request_after_another() -> None:
    async with served(sending(FOUND)) as server, client(server.port) as api:
        for _ in range(3):
            await api.get_customer("1")
    assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_compressed_answer_is_read(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b'{"id":"1"}')
    answer = OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding.encode(), len(packed))
    answer += packed
    async with served(sending(answer)) as server, client(server.port) as api:
        assert await api.get_customer("1") == Customer({"id": "1"})


async def test_an_answer_in_chunks_is_read() -> None:
    chunks = (OK + b"Transfer-Encoding: chunked\r\n\r\n", b'6\r\n{"id":\r\n', b'4\r\n"1"}\r\n', b"0\r\n\r\n")
    async with served(sending(*chunks)) as server, client(server.port) as api:
        assert await api.get_customer("1") == Customer({"id": "1"})


# Limits

BLANKS = b" " * MB
EMPTY_BLOCKS = b"\x00\x00\x00\xff\xff" * (MB // 5)
"""Compressed data that unpacks to nothing."""


def _packed(content: bytes, head: bytes = b"") -> bytes:
    packer = zlib.compressobj(wbits=-15)
    check = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return gzip.compress(b"")[:10] + head + packer.compress(content) + packer.flush() + check


TOO_LARGE = {
    "with Content-Length": (OK + b"Content-Length: %d\r\n\r\n" % (25 * MB), *[BLANKS] * 25),
    "until the connection closes": (OK + CLOSE, *[BLANKS] * 25),
    "in chunks": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        *[b"%x\r\n%s\r\n" % (MB, BLANKS)] * 25,
        b"0\r\n\r\n",
    ),
    "once unpacked": (OK + b"Content-Encoding: gzip\r\n" + CLOSE, _packed(b" " * (25 * MB))),
    "before it is unpacked": (
        OK + b"Content-Encoding: gzip\r\n" + CLOSE,
        _packed(b'{"id":"1"}', EMPTY_BLOCKS * 25),
    ),
}


@pytest.mark.parametrize("parts", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_a_body_over_twenty_megabytes_is_refused(parts: tuple[bytes, ...]) -> None:
    fault = await fault_of(leaving(*parts))
    assert (type(fault), fault.message) == (AnswerTooLarge, "The API's answer is larger than 20 MB.")


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate, gzip"])
async def test_a_body_packed_otherwise_than_asked_for_is_not_unpacked(encoding: str) -> None:
    packed = _packed(_packed(b" " * (25 * MB)))
    fault = await fault_of(leaving(OK + f"Content-Encoding: {encoding}\r\n".encode() + CLOSE, packed))
    assert type(fault) is UpstreamUnreadable


async def test_a_body_of_too_many_values_is_refused() -> None:
    body = b'{"data":[' + b"[]," * (BODY_VALUES // 2) + b"1]}"
    fault = await fault_of(leaving(OK + CLOSE, body))
    assert (type(fault), fault.message) == (
        AnswerTooLarge,
        "The API's answer holds more than 2,000,000 values.",
    )


async def test_a_body_of_twenty_megabytes_is_read() -> None:
    body = b'{"id":"1"}' + b" " * (20 * MB - 10)
    answer = OK + b"Content-Length: %d\r\n\r\n" % len(body)
    async with served(sending(answer, body)) as server, client(server.port) as api:
        assert await api.get_customer("1") == Customer({"id": "1"})


async def test_the_connection_after_a_refused_body_is_a_new_one() -> None:
    answers = iter([sending(OK + b"Content-Length: %d\r\n\r\n" % (25 * MB), *[BLANKS] * 25), sending(FOUND)])

    async def serve(stream: ByteStream, request: bytes) -> None:
        await next(answers)(stream, request)

    async with served(serve) as server, client(server.port, max_connections=1) as api:
        await _fault(api.get_customer("1"))
        assert await api.get_customer("1") == Customer({"id": "1"})


# Faults of the connection


async def test_a_closed_port_is_unreachable_and_nothing_is_lost() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with client(closed.getsockname()[1], timeout_s=0.3) as api:
            fault = await _fault(api.create_customer(NEW))
    assert (type(fault), fault.message, fault.lost) == (Unreachable, "No connection to the API.", False)


BROKEN = {
    "before a word": (),
    "within the head": (OK,),
    "within the body": (OK + b'Content-Length: 10\r\n\r\n{"id"',),
    "within a chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b'6\r\n{"id'),
    "by what is no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n",),
}


@pytest.mark.parametrize("parts", BROKEN.values(), ids=BROKEN)
async def test_an_answer_that_breaks_off_may_have_been_carried_out(parts: tuple[bytes, ...]) -> None:
    async with served(leaving(*parts)) as server, client(server.port) as api:
        fault = await _fault(api.create_customer(NEW))
    assert (type(fault), fault.lost, len(server.requests)) == (Unreachable, True, 1)


async def test_a_reset_may_have_been_carried_out() -> None:
    async def reset(stream: ByteStream, request: bytes) -> None:
        raw = stream.extra(SocketAttribute.raw_socket)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        await stream.aclose()

    async with served(reset) as server, client(server.port) as api:
        fault = await _fault(api.create_customer(NEW))
    assert (type(fault), fault.lost, len(server.requests)) == (Unreachable, True, 1)


async def test_a_read_that_breaks_off_is_sent_again() -> None:
    answers = iter([leaving(), sending(FOUND)])

    async def serve(stream: ByteStream, request: bytes) -> None:
        await next(answers)(stream, request)

    async with served(serve) as server, client(server.port) as api:
        assert await api.get_customer("1") == Customer({"id": "1"})
    assert server.lines == ["GET /api/v1/customer/1 HTTP/1.1"] * 2


@pytest.mark.parametrize("parts", [(), (OK + b"Content-Length: 10\r\n\r\n",)], ids=["at all", "wholly"])
async def test_a_server_that_does_not_answer_in_time_is_a_timeout(parts: tuple[bytes, ...]) -> None:
    fault = await fault_of(sending(*parts), timeout_s=0.2)
    assert (type(fault), fault.lost) == (Timeout, True)


async def test_an_answer_that_trickles_ends_with_the_time() -> None:
    async def trickle(stream: ByteStream, request: bytes) -> None:
        await stream.send(OK + CLOSE)
        while True:
            await stream.send(b" ")
            await anyio.sleep(0.02)

    assert type(await fault_of(trickle, timeout_s=0.2)) is Timeout


async def test_a_redirect_to_another_server_does_not_get_the_key() -> None:
    async with served(sending(FOUND)) as other:
        location = b"Location: http://127.0.0.1:%d/api/v1/customer/1\r\n" % other.port
        redirect = b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n" + location + b"\r\n"
        await fault_of(sending(redirect))
    assert other.connections == 0


# Proxies and certificates


def trusted(monkeypatch: pytest.MonkeyPatch, path: Path) -> ssl.SSLContext:
    """A server's TLS by a company's own authority, which SSL_CERT_FILE names."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "api.example.test").configure_cert(context)  # pyright: ignore[reportUnknownMemberType] (it also takes pyOpenSSL's context, which is not installed)
    authority.cert_pem.write_to_path(str(path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(path / "ca.pem"))
    return context


async def test_a_company_certificate_is_trusted_by_ssl_cert_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tls = trusted(monkeypatch, tmp_path)
    async with (
        served(sending(FOUND), tls) as server,
        client(0, base_url=f"https://127.0.0.1:{server.port}/api/v1") as api,
    ):
        assert await api.get_customer("1") == Customer({"id": "1"})


async def test_a_certificate_nobody_vouches_for_is_refused_before_a_word_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tls = trusted(monkeypatch, tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    async with (
        served(sending(FOUND), tls) as server,
        client(0, base_url=f"https://127.0.0.1:{server.port}/api/v1", timeout_s=0.5) as api,
    ):
        fault = await _fault(api.create_customer(NEW))
    assert (type(fault), fault.lost, server.requests) == (Unreachable, False, [])


async def test_a_certificate_for_another_host_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tls = trusted(monkeypatch, tmp_path)
    async with (
        served(sending(FOUND), tls) as server,
        client(0, base_url=f"https://localhost:{server.port}/api/v1", timeout_s=0.5) as api,
    ):
        fault = await _fault(api.get_customer("1"))
    assert (type(fault), server.requests) == (Unreachable, [])


async def test_an_http_proxy_is_asked_for_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(sending(FOUND)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with client(9) as api:
            assert await api.get_customer("1") == Customer({"id": "1"})
    assert proxy.lines == ["GET http://127.0.0.1:9/api/v1/customer/1 HTTP/1.1"]


async def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(sending(FOUND)) as proxy, served(sending(FOUND)) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        async with client(server.port) as api:
            await api.get_customer("1")
    assert (proxy.connections, server.connections) == (0, 1)


async def test_an_https_proxy_carries_what_it_cannot_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tls = trusted(monkeypatch, tmp_path)
    async with served(sending(FOUND), tls) as server, served(tunnel_to(server)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with client(0, base_url="https://api.example.test/api/v1") as api:
            assert await api.get_customer("1") == Customer({"id": "1"})
    assert proxy.lines == ["CONNECT api.example.test:443 HTTP/1.1"]
    assert KEY.encode() not in proxy.requests[0]
    assert server.lines == ["GET /api/v1/customer/1 HTTP/1.1"]


def tunnel_to(server: Recording) -> Serve:
    async def serve(stream: ByteStream, request: bytes) -> None:
        await stream.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        async with (
            await anyio.connect_tcp("127.0.0.1", server.port) as other,
            anyio.create_task_group() as both,
        ):
            both.start_soon(_pass_on, stream, other)
            await _pass_on(other, stream)
            both.cancel_scope.cancel()

    return serve


async def _pass_on(source: ByteStream, target: ByteStream) -> None:
    with suppress(*GONE):
        async for data in source:
            await target.send(data)


async def test_a_proxy_that_refuses_keeps_the_request_from_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    async with served(leaving(denied)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with client(0, base_url="https://api.example.test/api/v1", timeout_s=0.3) as api:
            fault = await _fault(api.create_customer(NEW))
    assert (type(fault), fault.lost) == (Unreachable, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nowhere/secret.pem"),
        ("SSL_CERT_FILE", os.devnull),
        ("HTTPS_PROXY", "gopher://user:secret@proxy.test"),
        ("HTTPS_PROXY", "http://user:secret@proxy.test:port"),
        ("ALL_PROXY", "socks5://user:secret@proxy.test"),
    ],
)
def test_a_proxy_or_certificate_that_cannot_be_used_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        client(9)
    assert name in str(refused.value)
    assert "secret" not in str(refused.value)
