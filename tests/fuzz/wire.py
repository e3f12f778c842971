"""The server in a process of its own, which is sent any bytes; what it answers, and what it takes."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Thread
from types import TracebackType
from typing import IO, Any, Self, cast

from tests.processes import COMMAND, DEADLINE_S, LEGACY, environment

Message = dict[str, Any]
HELLO = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "fuzz", "version": "1"}}
FIRST_ID = 10**9
"""Ids of our own requests; none that is made up reaches them."""


def memory_mb(pid: int) -> float:
    pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def held(pid: int) -> tuple[int, int]:
    """How many descriptors and threads a process has."""
    proc = Path(f"/proc/{pid}")
    return len([*(proc / "fd").iterdir()]), len([*(proc / "task").iterdir()])


def becomes(value: Callable[[], object], wanted: object) -> bool:
    """Whether a value becomes what is wanted, in time."""
    end = time.monotonic() + DEADLINE_S
    while (now := value()) != wanted and time.monotonic() < end:
        time.sleep(0.1)
    return now == wanted


@dataclass(slots=True)
class HttpServer:
    host: str
    port: int
    pid: int
    stderr: IO[bytes]

    def log(self) -> str:
        return os.pread(self.stderr.fileno(), 2**26, 0).decode()


@contextmanager
def http_server(env: Mapping[str, str] | None = None) -> Generator[HttpServer]:
    """A server over HTTP in a process of its own."""
    command = [*COMMAND, "serve", "--http", "--port", "0"]
    with (
        TemporaryFile() as stderr,
        subprocess.Popen(command, stderr=stderr, env=env or environment()) as process,
    ):
        server = HttpServer("", 0, process.pid, cast("IO[bytes]", stderr))
        try:
            assert becomes(lambda: "stop it" in server.log(), wanted=True), server.log()
            found = cast("re.Match[str]", re.search(r"http://([^:/]+):(\d+)/", server.log()))
            server.host, server.port = found[1], int(found[2])
            yield server
        finally:
            process.kill()


class Wire:
    """`serve` on pipes; nothing that it writes makes it wait."""

    def __init__(self, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self._stderr = cast("IO[bytes]", TemporaryFile())  # noqa: SIM115 (closed in __exit__)
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=env or environment(),
        )
        self._lines = Queue[bytes | None]()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self._last_id = FIRST_ID
        self.ask("initialize", HELLO)
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout, self._stderr):
            cast("IO[bytes]", stream).close()

    def write(self, data: bytes) -> None:
        stdin = cast("IO[bytes]", self.process.stdin)
        stdin.write(data)
        stdin.flush()

    def ask(self, method: str, params: object) -> Message:
        (answer,) = self.ask_all([(method, json.dumps(params))]).values()
        return answer

    def ask_all(self, requests: Iterable[tuple[str, str]]) -> dict[int, Message]:
        """The answers to requests that are sent at once: methods, and params as JSON."""
        first = self._last_id + 1
        for method, params in requests:
            self._last_id += 1
            head = f'{{"jsonrpc":"2.0","id":{self._last_id},"method":"{method}","params":'
            self.write(f"{head}{params}}}\n".encode())
        return self.answers(set(range(first, self._last_id + 1)))

    def answers(self, ids: set[Any]) -> dict[Any, Message]:
        """The answers to these ids, each exactly once. AssertionError where one does not come."""
        found: dict[Any, Message] = {}
        while missing := ids - found.keys():
            message = self.next()
            assert message, f"no answer to {sorted(missing, key=str)[:3]}: {self.stderr()[-2000:]}"
            if "method" not in message and message.get("id") in ids:
                assert message["id"] not in found, message
                found[message["id"]] = message
        return found

    def next(self, seconds: float = DEADLINE_S) -> Message | None:
        """The next line, if one comes in time."""
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            return None
        return cast("Message", json.loads(line)) if line else None

    def stderr(self) -> str:
        return os.pread(self._stderr.fileno(), 2**26, 0).decode()

    @property
    def memory_mb(self) -> float:
        return memory_mb(self.process.pid)

    @property
    def held(self) -> tuple[int, int]:
        return held(self.process.pid)

    def _read(self) -> None:
        for line in cast("IO[bytes]", self.process.stdout):
            self._lines.put(line)
        self._lines.put(None)
