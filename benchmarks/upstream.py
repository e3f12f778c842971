"""An API that is no bottleneck: recorded answers of the sandbox, replayed over TCP.

`python -m benchmarks.upstream` prints its address; it ends with its input.
"""

import argparse
import asyncio
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from subprocess import PIPE, Popen
from typing import cast

from starlette.testclient import TestClient

from benchmarks.pipes import ROOT

API = "/api/v1"
ASKED = "cust_abc123"
"""The specification's example of an id, which every sandbox has on its first page."""
ROWS = 20
LIST, GET = f"/customers?page=1&perPage={ROWS}", f"/customer/{ASKED}"
END = b"\r\n\r\n"
HEAD = "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
Answers = Mapping[bytes, bytes]


def recorded() -> dict[bytes, bytes]:
    """A page of customers and one record, as the sandbox sends them, by path."""
    from faktoora_mcp.sandbox.app import create_app

    with TestClient(create_app(), headers={"X-API-KEY": "benchmark"}) as sandbox:
        bodies = {url: sandbox.get(API + url).raise_for_status().content for url in (LIST, GET)}
    return {(API + url).partition("?")[0].encode(): _answer("200 OK", body) for url, body in bodies.items()}


def _answer(status: str, body: bytes) -> bytes:
    return HEAD.format(status=status, length=len(body)).encode() + body


NOT_FOUND = _answer("404 Not Found", b'{"errors":[]}')


class Api(asyncio.Protocol):
    """One connection. Requests have no body, because all are GET."""

    def __init__(self, answers: Answers, delay_s: float) -> None:
        self._answers, self._delay_s = answers, delay_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(END)
        for request in requests:
            answer = self._answers.get(request.split(b" ", 2)[1].partition(b"?")[0], NOT_FOUND)
            if self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._transport.write, answer)
            else:
                self._transport.write(answer)


@contextmanager
def upstream(delay_s: float = 0.0) -> Generator[str]:
    """The URL of such an API in a separate process; every answer is delayed."""
    command = [sys.executable, "-m", "benchmarks.upstream", "--delay", str(delay_s)]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=ROOT) as process:  # noqa: S603 - our own command
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: Popen[str]) -> str:
    if process.stdout and (line := process.stdout.readline()):
        return line.strip()
    raise RuntimeError("The fast API did not start.")


async def _serve(delay_s: float) -> None:
    answers, loop = recorded(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Api(answers, delay_s), "127.0.0.1", backlog=512)
    async with server:
        port = server.sockets[0].getsockname()[1]
        print(f"http://127.0.0.1:{port}{API}", flush=True)  # noqa: T201 (its answer)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, metavar="S", help="seconds before every answer")
    asyncio.run(_serve(parser.parse_args().delay))
