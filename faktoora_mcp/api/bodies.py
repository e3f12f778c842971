"""The bodies of answers, of bounded size: as sent, unpacked, and read as JSON."""

from collections.abc import AsyncIterator

import httpx

from faktoora_mcp.errors import AnswerTooLarge
from faktoora_mcp.settings import BODY_BYTES

ACCEPTED = "gzip, deflate"
"""What of 64 kB (httpx reads no more at a time) makes 66 MB at most; other encodings make gigabytes."""
_READABLE = ("", "identity", "gzip", "deflate")
BODY_VALUES = 2_000_000
"""A body with more values is refused: they take 70 bytes of memory each, and two in the body."""
TOO_LARGE = f"The API's answer is larger than {BODY_BYTES // 10**6} MB."
TOO_MANY = f"The API's answer holds more than {BODY_VALUES:,} values."


def chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """The unpacked body as it arrives. DecodingError where it is packed twice or otherwise than asked for."""
    encoding = response.headers.get("Content-Encoding", "").strip().casefold()
    if encoding not in _READABLE:
        raise httpx.DecodingError(f"packed by {encoding[:40]}", request=response.request)
    return response.aiter_bytes()


async def bounded_body(response: httpx.Response) -> bytes:
    """The whole body. AnswerTooLarge for more bytes, packed or not, or more values than we read."""
    body = bytearray()
    async for chunk in chunks(response):
        body += chunk
        if max(len(body), response.num_bytes_downloaded) > BODY_BYTES:
            raise _too_large(TOO_LARGE)
    if len(body) > BODY_VALUES and sum(map(body.count, b"[{,")) > BODY_VALUES:
        raise _too_large(TOO_MANY)
    return bytes(body)


def _too_large(message: str) -> AnswerTooLarge:
    return AnswerTooLarge(message, advice="Ask for less.", retryable=False)
