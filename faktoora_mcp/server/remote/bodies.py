"""The body of a request, read whole and in time before the request takes one of the places for calls."""

from http import HTTPStatus

import anyio
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from .access import Denied

CALL_BYTES, IMPORT_BYTES = 1_048_576, 5_242_880
"""The largest bodies: of any request, and of an import, which may bring its customers as text."""
READ_S = 15.0
IMPORT = "import_customers"
TOO_LARGE = "The body of this request is larger than {limit:,} bytes."
GONE = "The connection was closed."
TWO_SIZES = "Content-Length and Transfer-Encoding were sent; only one can be true."
TOO_SLOW = f"The body of this request did not arrive within {READ_S:.0f} s."


async def received(headers: Headers, receive: Receive) -> Receive:
    """The body as one message. Denied where it is too large or comes too slowly, or its sender is gone."""
    try:
        with anyio.fail_after(READ_S):
            return _with_body(await _read(headers, receive), receive)
    except TimeoutError:
        raise Denied(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW, {"Connection": "close"}) from None


def _limit(headers: Headers) -> int:
    """Clients of 2026-07-28 name the tool in a header, which the SDK compares with the body."""
    return IMPORT_BYTES if headers.get("mcp-name") == IMPORT else CALL_BYTES


async def _read(headers: Headers, receive: Receive) -> bytes:
    if "content-length" in headers and "transfer-encoding" in headers:
        raise Denied(HTTPStatus.BAD_REQUEST, TWO_SIZES, {"Connection": "close"})
    limit, body = _limit(headers), bytearray()
    message: Message = {}
    _check_size(int(headers.get("content-length", "0")), limit)
    while not message or message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Denied(HTTPStatus.BAD_REQUEST, GONE)
        body += message.get("body", b"")
        _check_size(len(body), limit)
    return bytes(body)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise Denied(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE.format(limit=limit))


def _with_body(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed
