"""An HTTP server on a loopback port that answers in ways in which no API should."""

import gzip
import json
import socket
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import cast

MEGABYTE = 2**20
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n\r\n"
Answer = Callable[["Handler", bytes], None]


@dataclass(slots=True)
class BadServer:
    """`answer` answers from now on; `requests` are the heads that came."""

    answer: Answer
    address: str = ""
    requests: list[bytes] = field(default_factory=list[bytes])
    closed: Event = field(default_factory=Event)


class Handler(BaseRequestHandler):
    def handle(self) -> None:
        ours = cast("_Listener", self.server).bad
        connection = cast("socket.socket", self.request)
        connection.settimeout(20)
        with suppress(OSError):
            request = connection.recv(MEGABYTE)
            if request:
                ours.requests.append(request)
                ours.answer(self, request)

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            cast("socket.socket", self.request).sendall(piece)

    def send_for_ever(self, piece: bytes, pause_s: float = 0) -> None:
        closed = cast("_Listener", self.server).bad.closed
        while not closed.wait(pause_s):
            self.send(piece)


class _Listener(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    bad: BadServer


@contextmanager
def bad_server(answer: Answer) -> Generator[BadServer]:
    with _Listener(("127.0.0.1", 0), Handler) as listener:
        listener.bad = BadServer(answer, f"http://127.0.0.1:{listener.server_address[1]}")
        thread = Thread(target=listener.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield listener.bad
        finally:
            listener.bad.closed.set()
            listener.shutdown()
            thread.join()


def _bomb(layers: int) -> bytes:
    """Some kilobytes that unpack to a gigabyte, or to a terabyte."""
    packer = zlib.compressobj(9, wbits=31)
    data = b"".join(packer.compress(piece) for piece in repeat(b" " * MEGABYTE, 1024)) + packer.flush()
    return data if layers == 1 else gzip.compress(data)


def _echo(handler: Handler, request: bytes) -> None:
    head = request.decode("latin-1")
    said = json.dumps({"message": f"refused: {head}", "errors": [{"message": line} for line in head.split()]})
    headers = head.partition("\r\n")[2].partition("\r\n\r\n")[0]
    handler.send(b"HTTP/1.1 400 Bad Request\r\n", headers.encode(), b"\r\n", CLOSE, said.encode())


def redirect_to(address: str) -> Answer:
    head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {address}/api/v1/customers\r\n".encode()
    return lambda handler, _: handler.send(head, CLOSE)


BOMB, BOMB_IN_BOMB = _bomb(1), _bomb(2)
WAYS: dict[str, Answer] = {
    "the request as an error": _echo,
    "50 MB": lambda handler, _: handler.send(OK, CLOSE, *[b" " * MEGABYTE] * 50),
    "an endless body": lambda handler, _: (handler.send(OK, CLOSE), handler.send_for_ever(b" " * MEGABYTE))[
        1
    ],
    "a gzip bomb": lambda handler, _: handler.send(OK, b"Content-Encoding: gzip\r\n", CLOSE, BOMB),
    "a bomb in a bomb": lambda handler, _: handler.send(
        OK, b"Content-Encoding: gzip, gzip\r\n", CLOSE, BOMB_IN_BOMB
    ),
    "millions of values": lambda handler, _: handler.send(OK, CLOSE, b"[", b"[]," * 6_000_000, b"1]"),
    "an error of 15 MB": lambda handler, _: handler.send(
        b"HTTP/1.1 400 Bad\r\n", CLOSE, b'{"message":"', b"%41" * 5_000_000, b'"}'
    ),
    "a drip": lambda handler, _: (handler.send(OK, CLOSE), handler.send_for_ever(b" ", 0.05))[1],
    "a drip of headers": lambda handler, _: (handler.send(OK), handler.send_for_ever(b"A: b\r\n", 0.05))[1],
    "endless headers": lambda handler, _: (handler.send(OK), handler.send_for_ever(b"A: b\r\n" * 1000))[1],
    "endless interim answers": lambda handler, _: handler.send_for_ever(b"HTTP/1.1 103 Early\r\n\r\n" * 100),
    "silence": lambda handler, _: handler.send_for_ever(b"", 0.1),
    "no HTTP": lambda handler, _: handler.send(b"\x16\x03\x01\x02\x00" * 100),
    "a length that is none": lambda handler, _: handler.send(OK, b"Content-Length: -1\r\n", CLOSE, b"{}"),
    "two lengths": lambda handler, _: handler.send(
        OK, b"Content-Length: 2\r\nContent-Length: 5\r\n", CLOSE, b"{}"
    ),
    "a chunk without end": lambda handler, _: handler.send(
        OK, b"Transfer-Encoding: chunked\r\n\r\n", b"FFFFFFFFFFFFFFF\r\n", b"{}"
    ),
}
