"""The body of a request, read whole and in time before the request takes one of the places for calls."""

from http import HTTPStatus

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope

from .access import Denied

CALL_BYTES, IMPORT_BYTES = 1_048_576, 5_242_880
"""The largest bodies: of any request, and of an import, which may bring its customers as text."""
READ_S = 15.0
IMPORT = "import_customers"
TOO_LARGE = "The body of this request is larger than {limit:,} bytes."
TOO_SLOW = f"The body of this request did not arrive within {READ_S:.0f} s."


async def received(scope: Scope, receive: Receive) -> Receive:
    """The body as one message. Denied where it is too large or comes too slowly, or its sender is gone."""
    limit = _limit(Headers(scope=scope))
    try:
        with anyio.fail_after(READ_S):
            body = await _read(Request(scope, receive), limit)
    except TimeoutError:
        raise Denied(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW, {"Connection": "close"}) from None
    except ClientDisconnect:
        raise Denied(HTTPStatus.BAD_REQUEST, "The connection was closed.") from None
    return _with_body(body, receive)


def _limit(headers: Headers) -> int:
    """Clients of 2026-07-28 name the tool in a header, which the SDK compares with the body."""
    return IMPORT_BYTES if headers.get("mcp-name") == IMPORT else CALL_BYTES


async def _read(request: Request, limit: int) -> bytes:
    too_large = Denied(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE.format(limit=limit))
    if int(request.headers.get("content-length", "0")) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _with_body(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed
