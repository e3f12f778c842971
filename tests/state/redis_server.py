"""A real Redis on a loopback port; it keeps all in a folder, so that it can be killed and started again."""

import os
import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import cast

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotYet

PROGRAM = "redis-server"
START_S = 10


class RedisServer:
    """`url` names it; `client` looks into it."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url, self._folder = f"redis://127.0.0.1:{self.port}/0", folder
        self.client = Redis(port=self.port, decode_responses=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "appendonly": "yes", "save": ""}
        places = {"dir": self._folder}
        words = [word for name, value in (options | places).items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL)
        end = monotonic() + START_S
        while not self._answers():
            assert monotonic() < end, "redis-server does not answer"
            sleep(0.01)

    def kill(self) -> None:
        """As a machine that dies."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def written(self) -> str:
        """Every command by which anything was ever changed in it, as its log of them says."""
        return "".join(log.read_text("utf-8") for log in self._folder.rglob("*.aof"))

    def ask(self, *command: str | int) -> list[object]:
        """What Redis answers, as a list."""
        found = cast("object", self.client.execute_command(*command))  # pyright: ignore[reportUnknownMemberType] (redis leaves it untyped)
        return cast("list[object]", found) if isinstance(found, list) else [found]

    def _answers(self) -> bool:
        try:
            return self.ask("PING") == [True]
        except NotYet:
            return False


@contextmanager
def redis_server() -> Generator[RedisServer]:
    """Skips the test where there is no redis-server, except in CI."""
    if shutil.which(PROGRAM) is None and not os.environ.get("CI"):
        pytest.skip(f"{PROGRAM} is missing: apt-get install redis-server")
    with TemporaryDirectory(prefix="redis") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.client.close()
            server.kill()
