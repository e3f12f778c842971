"""The bodies of answers, of bounded size: as sent, unpacked, and read as JSON."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

import httpx

from faktoora_mcp.errors import AnswerTooLarge
from faktoora_mcp.settings import BODY_BYTES

ACCEPTED = "gzip, deflate"
"""Both are unpacked in pieces of bounded size, which httpx does not do."""
PIECE_BYTES = 2**20
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_PLAIN = ("", "identity")
BODY_VALUES = 2_000_000
"""A body with more values is refused: they take 70 bytes of memory each, and two in the body."""
TOO_LARGE = f"The API's answer is larger than {BODY_BYTES // 10**6} MB."
TOO_MANY = f"The API's answer holds more than {BODY_VALUES:,} values."


def chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """The unpacked body as it arrives. DecodingError where it is packed twice or otherwise than asked for."""
    encoding = response.headers.get("Content-Encoding", "").strip().casefold()
    if encoding in _PLAIN:
        return response.aiter_bytes()
    if encoding not in _WINDOWS:
        raise httpx.DecodingError(f"packed by {encoding[:40]}", request=response.request)
    return _unpacked(response, _Unpacker(_WINDOWS[encoding]))


async def _unpacked(response: httpx.Response, unpacker: "_Unpacker") -> AsyncGenerator[bytes]:
    try:
        async for chunk in response.aiter_raw():
            for piece in unpacker.pieces(chunk):
                yield piece
    except zlib.error as exc:
        raise httpx.DecodingError(str(exc), request=response.request) from None


class _Unpacker:
    def __init__(self, window: int) -> None:
        self._packed = zlib.decompressobj(window)

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """What a chunk unpacks to, never more than PIECE_BYTES at a time; nothing that follows its end."""
        while not self._packed.eof:
            piece = self._packed.decompress(chunk, PIECE_BYTES)
            yield piece
            chunk = self._packed.unconsumed_tail
            if not chunk and len(piece) < PIECE_BYTES:
                return


async def bounded_body(response: httpx.Response) -> bytes:
    """The whole body. AnswerTooLarge for more bytes, packed or not, or more values than we read."""
    body = bytearray()
    async for chunk in chunks(response):
        body += chunk
        if max(len(body), response.num_bytes_downloaded) > BODY_BYTES:
            body.clear()
            raise _too_large(TOO_LARGE)
    if len(body) > BODY_VALUES and sum(map(body.count, b"[{,")) > BODY_VALUES:
        body.clear()
        raise _too_large(TOO_MANY)
    return bytes(body)


def _too_large(message: str) -> AnswerTooLarge:
    return AnswerTooLarge(message, advice="Ask for less.", retryable=False)
