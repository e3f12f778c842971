"""The contenders: how each is started, and how each takes the two calls that are timed."""

import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from benchmarks.batches import spread
from benchmarks.machine import cpu_s
from benchmarks.pipes import Params, Peer, spawned
from benchmarks.upstream import ASKED, GET, LIST, ROWS

OURS, PASSTHROUGH, FLOOR, BARE, FASTMCP = "ours", "pass-through", "empty SDK server", "bare httpx", "FastMCP"
GET_NAME, LIST_NAME = "get_customer", f"list_customers({ROWS})"
CALLS = (GET_NAME, LIST_NAME)


def tool(name: str, /, **arguments: object) -> Params:
    return {"name": name, "arguments": arguments}


OUR_CALLS = {
    GET_NAME: tool("get_customer", id=ASKED),
    LIST_NAME: tool("list_customers", page=1, per_page=ROWS),
}
API_CALLS = {
    GET_NAME: tool("get_customer", id=ASKED),
    LIST_NAME: tool("list_customers", page=1, perPage=ROWS),
}
REQUESTS = {GET_NAME: {"path": GET}, LIST_NAME: {"path": LIST}}
STRANGE = ("FAKTOORA_", "PYTHONDONTWRITEBYTECODE")
"""Variables that would change the servers from what users start."""
NO_RICH = 'raise ImportError("rich is among the tools of developers only")\n'


class Batch(NamedTuple):
    """Seconds of each call; CPU seconds of the server and wall-clock seconds of all calls."""

    seconds: list[float]
    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Contender:
    name: str
    command: tuple[str, ...]
    calls: Mapping[str, Params]
    env: dict[str, str]

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[Peer]:
        """Started and initialized."""
        async with spawned(self.command, self.env) as peer:
            await peer.initialize()
            yield peer

    async def batch(self, peer: Peer, call: str, count: int, in_flight: int) -> Batch:
        cpu_before, started = cpu_s(peer.pid), time.perf_counter()
        seconds = await self._seconds(peer, self.calls[call], count, in_flight)
        return Batch(seconds, time.perf_counter() - started, cpu_s(peer.pid) - cpu_before)

    async def _seconds(self, peer: Peer, call: Params, count: int, in_flight: int) -> list[float]:
        return await spread(partial(peer.call, call), count, in_flight)


class Bare(Contender):
    """A client of the API without MCP that sends its requests itself."""

    async def _seconds(self, peer: Peer, call: Params, count: int, in_flight: int) -> list[float]:
        line = await peer.ask("batch", {**call, "count": count, "in_flight": in_flight})
        return cast("list[float]", json.loads(line)["result"])


class Field(NamedTuple):
    """All contenders, each for an API at some address; `fastmcp` is a Python that has FastMCP."""

    folder: Path
    fastmcp: str | None

    def contenders(self, url: str) -> list[Contender]:
        return [*self.servers(url), self._bare(url)]

    def servers(self, url: str) -> list[Contender]:
        return [*self.api_servers(url), self._floor(url)]

    def api_servers(self, url: str) -> list[Contender]:
        generated = [self._generated(url, self.fastmcp)] if self.fastmcp else []
        return [self.ours(url), self._passthrough(url), *generated]

    def ours(self, url: str, *options: str) -> Contender:
        command = (sys.executable, "-m", "faktoora_mcp", "serve", *options)
        return Contender(OURS, command, OUR_CALLS, self._environment(url))

    def _passthrough(self, url: str) -> Contender:
        return Contender(PASSTHROUGH, _module("passthrough"), API_CALLS, self._environment(url))

    def _generated(self, url: str, python: str) -> Contender:
        env = self._environment(url)
        del env["PYTHONPATH"]
        command = (python, "-m", "benchmarks.servers.generated", str(self._document()))
        return Contender(FASTMCP, command, API_CALLS, env)

    def _floor(self, url: str) -> Contender:
        nothing = dict.fromkeys(CALLS, tool("nothing"))
        return Contender(FLOOR, _module("floor"), nothing, self._environment(url))

    def _bare(self, url: str) -> Contender:
        return Bare(BARE, _module("bare"), REQUESTS, self._environment(url))

    def _environment(self, url: str) -> dict[str, str]:
        """What the SDK imports if it is there, but no user of the server installs, is kept from it.

        Everything is compiled after the first round, as it is where pip has installed it.
        """
        (self.folder / "rich.py").write_text(NO_RICH)
        kept = {name: os.environ[name] for name in os.environ if not name.startswith(STRANGE)}
        given = {"FAKTOORA_BASE_URL": url, "FAKTOORA_API_KEY": "benchmark"}
        return kept | given | {"PYTHONPATH": str(self.folder)}

    def _document(self) -> Path:
        from faktoora_mcp.sandbox.openapi import document

        path = self.folder / "openapi.json"
        path.write_text(json.dumps(document()))
        return path


def _module(name: str) -> tuple[str, ...]:
    return sys.executable, "-m", f"benchmarks.servers.{name}"


def fastmcp_python(folder: Path, given: str | None) -> str | None:
    """The Python that was given or, for an empty text, that of a new environment; None without FastMCP."""
    if given is None:
        return None
    python = given or _installed(folder / "fastmcp")
    return python if python and _runs(python, "-c", "import fastmcp") else None


def _installed(folder: Path) -> str | None:
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    return python if _runs(python, "-m", "pip", "install", "-q", "fastmcp") else None


def _runs(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own command
