"""An API that may answer anything: the sandbox, and what becomes of its answers on the way."""

import json
from collections.abc import Callable
from random import Random
from typing import cast

import anyio
import httpx
from pydantic import JsonValue

from faktoora_mcp.sandbox.forms import Forms
from tests.sandboxes import Sandbox
from tests.scripted import BASE, KEY

ODD: list[JsonValue] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        2**63,
        "",
        " ",
        "null",
        "x" * 5000,
        "\u202e\u200b",
        "\ud83d",
        "<b>",
        KEY,
    ),
    *([], {}, [[]], [None], {"": ""}, {"a": {"b": [{}]}}, {KEY: KEY}, [KEY[:10]]),
    [None for _ in range(500)],
]
STATUSES = [
    *(200, 201, 202, 204, 206, 226, 299, 300, 301, 302, 304, 307, 400, 401, 402, 403, 404, 405, 408, 409),
    *(410, 413, 415, 418, 422, 423, 425, 429, 431, 451, 499, 500, 501, 502, 503, 504, 520, 599, 600, 999),
]
HEADERS = [
    {"Retry-After": "1"},
    {"Retry-After": "-1"},
    {"Retry-After": "999999999"},
    {"Retry-After": "Thu, 99 Foo 10000 00:00:00 GMT"},
    {"Retry-After": KEY},
    {"X-Total-Count": "-5"},
    {"X-Total-Count": "9" * 40},
    {"X-Total-Count": "many"},
    {"Location": "https://elsewhere.example.test/api/v1/customers"},
    {"Set-Cookie": f"a={KEY}; Domain=example.test"},
    {"Content-Type": "text/html; charset=utf-7"},
    {"Content-Encoding": "gzip, gzip"},
    {"Content-Encoding": KEY},
]
FAULTS: list[type[httpx.TransportError]] = [
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, httpx.ReadTimeout, httpx.WriteError),
    *(httpx.RemoteProtocolError, httpx.LocalProtocolError, httpx.PoolTimeout, httpx.ProxyError),
    *(httpx.CloseError, httpx.UnsupportedProtocol, httpx.WriteTimeout),
]
Tamper = Callable[[Random, httpx.Response], httpx.Response]


class Hostile(httpx.AsyncBaseTransport):
    """Tampers with answers in turn, by pairs of a way (none: honest) and a seed."""

    def __init__(self, forms: Forms, ways: list[tuple[str | None, int]]) -> None:
        self._sandbox = Sandbox(12, forms)
        self._ways, self._next = ways, 0
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        assert str(request.url).startswith(BASE), request.url
        way, seed = self._ways[self._next % len(self._ways)]
        self._next += 1
        honest = await self._sandbox.handle_async_request(request)
        await honest.aread()
        if way is None:
            return honest
        if way == "late":
            await anyio.sleep(Random(seed).choice([1, 6, 30, 200]))
            return honest
        return WAYS[way](Random(seed), honest)

    async def aclose(self) -> None:
        await self._sandbox.aclose()


def _status(random: Random, honest: httpx.Response) -> httpx.Response:
    body = random.choice([honest.content, b"", b"<html>502</html>", _said(random)])
    return httpx.Response(
        random.choice(STATUSES), headers=random.choice([{}, *HEADERS]), stream=_stream(body)
    )


def _said(random: Random) -> bytes:
    """An error in some form, which quotes a header of the request."""
    text = random.choice([f"X-API-KEY {KEY} is bad", KEY.encode().hex(), KEY[2:], "\n at x" * 900, "<p>"])
    forms: list[JsonValue] = [{"message": text}, {"errors": [{"message": text, "code": 5}]}, [text], text]
    return json.dumps(
        random.choice([*forms, {"detail": [{"msg": text}]}, {"error": {"message": [text]}}])
    ).encode()


def _bytes(random: Random, honest: httpx.Response) -> httpx.Response:
    """A body that is cut, damaged, of another encoding, or nested without end."""
    body = honest.content
    place = random.randrange(len(body) + 1)
    bodies = [
        *(
            body[:place],
            body[:place] + random.randbytes(5) + body[place:],
            body + body,
            b"",
            b"null",
            b"\xff",
        ),
        *(body.decode().encode("utf-16"), b"[" * 100_000, b'{"data":' * 5000, b"9" * 50_000, b'"\\ud83d"'),
    ]
    return httpx.Response(honest.status_code, stream=_stream(random.choice(bodies)))


def _types(random: Random, honest: httpx.Response) -> httpx.Response:
    """Other values in some places."""
    try:
        body = cast("JsonValue", json.loads(honest.content))
    except ValueError:
        body = None
    for _ in range(random.choice([1, 1, 2, 8])):
        body = _changed(random, body)
    return httpx.Response(honest.status_code, stream=_stream(json.dumps(body).encode()))


def _changed(random: Random, value: JsonValue) -> JsonValue:
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice([*value])
        return value | {name: _changed(random, value[name])}
    if isinstance(value, list) and value and random.random() < 0.9:
        place = random.randrange(len(value))
        return [*value[:place], _changed(random, value[place]), *value[place + random.randrange(2) :]]
    return random.choice(ODD)


def _fault(random: Random, honest: httpx.Response) -> httpx.Response:
    raise random.choice(FAULTS)(f"with {KEY}")


def _packed(random: Random, honest: httpx.Response) -> httpx.Response:
    encoding = random.choice(["gzip", "deflate", "br", "zstd", "gzip, deflate", "identity", "x"])
    return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=_stream(honest.content))


def _stream(body: bytes) -> httpx.ByteStream:
    return httpx.ByteStream(body)


WAYS: dict[str, Tamper] = {
    "status": _status,
    "bytes": _bytes,
    "types": _types,
    "fault": _fault,
    "packed": _packed,
}
