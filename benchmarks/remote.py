"""The server over HTTP beside a pass-through and an empty server of the SDK: `python -m benchmarks.remote`.

Every caller has a connection and, at our server, a key of its own. The answers are read whole and only
checked for success.
"""

import argparse
import asyncio
import json
import re
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory, TemporaryFile
from time import perf_counter
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from benchmarks import machine
from benchmarks.batches import spread
from benchmarks.contenders import CALLS, FLOOR, GET_NAME, OURS, PASSTHROUGH, Contender, Field
from benchmarks.load import QUICK, Load
from benchmarks.machine import cpu_s, rss_mb
from benchmarks.pipes import FAILED, ROOT, Params
from benchmarks.report import Bound, Row, Section, environment, markdown, packages
from benchmarks.upstream import upstream

REVISION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": REVISION,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "benchmark", "version": "1"},
}
LEVELS, KEYS = (1, 8, 64), (1, 100, 10_000)
TURNS = 4
MOST_S, START_S, POLL_S = 60.0, 60.0, 0.05
CPU = Bound(1.25, PASSTHROUGH)
URL = re.compile(rb"http://\S+/mcp")
OPTIONS = ("--http", "--port", "0", "--max-connections", "64", "--log-level", "warning")


class Cost(NamedTuple):
    """Seconds of each call; CPU seconds of a call; calls per second."""

    seconds: list[float]
    cpu_s: float
    per_s: float


@dataclass(frozen=True)
class Served:
    """A process that serves MCP at an address."""

    contender: Contender
    pid: int
    url: str


def message(url: str, call: Params, key: str) -> bytes:
    """A tool call as it goes over the wire."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"_meta": META, **call}}
    content, parts = json.dumps(body).encode(), urlsplit(url)
    head = {
        "Host": parts.netloc, "X-API-KEY": key, "Content-Type": "application/json",
        "Content-Length": str(len(content)), "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": REVISION, "Mcp-Method": "tools/call", "Mcp-Name": str(call["name"]),
    }  # fmt: skip
    lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Caller:
    """One connection, one call at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def call(self, message: bytes) -> None:
        self._writer.write(message)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = re.search(rb"content-length: (\d+)", head)
        body = await (self._reader.readexactly(int(length[1])) if length else self._chunks())
        if b" 200 " not in head or any(sign in body for sign in FAILED):
            raise RuntimeError(f"{head.decode()}{body[:500].decode()}")

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self._reader.readline(), 16):
            body += await self._reader.readexactly(size)
            await self._reader.readline()
        await self._reader.readline()
        return body

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def connected(server: Served, count: int) -> AsyncGenerator[list[Caller]]:
    parts = urlsplit(server.url)
    callers = [
        Caller(*await asyncio.open_connection(parts.hostname, parts.port, limit=2**22)) for _ in range(count)
    ]
    try:
        yield callers
    finally:
        for caller in callers:
            caller.close()


@asynccontextmanager
async def serving(contender: Contender) -> AsyncGenerator[Served]:
    """The contender in a process of its own, which is ended by a signal."""
    with TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *contender.command, stdin=DEVNULL, stdout=DEVNULL, stderr=log, env=contender.env, cwd=ROOT
        )
        try:
            yield Served(contender, process.pid, await _address(contender, log))
        finally:
            process.terminate()
            await process.wait()


async def _address(contender: Contender, log: IO[bytes]) -> str:
    """What a process writes first to its log."""
    for _ in range(int(START_S / POLL_S)):
        log.seek(0)
        if found := URL.search(log.read()):
            return found[0].decode()
        await asyncio.sleep(POLL_S)
    raise RuntimeError(f"{contender.name} did not start")


def contenders(field: Field, url: str) -> list[Contender]:
    ours, passthrough, floor = (
        next(one for one in field.servers(url) if one.name == name) for name in (OURS, PASSTHROUGH, FLOOR)
    )
    other = (sys.executable, "-m", "benchmarks.servers.over_http")
    without_key = {name: value for name, value in ours.env.items() if name != "FAKTOORA_API_KEY"}
    return [
        replace(ours, command=(*ours.command, *OPTIONS), env=without_key),
        replace(passthrough, command=(*other, "passthrough")),
        replace(floor, command=(*other, "floor")),
    ]


async def speed(servers: Sequence[Served], load: Load, levels: Sequence[int]) -> list[Section]:
    return [
        Section(f"{call}, {level} callers", await _rows(servers, call, level, load))
        for call in CALLS
        for level in levels
    ]


async def _rows(servers: Sequence[Served], call: str, level: int, load: Load) -> list[Row]:
    costs: dict[str, list[Cost]] = {server.contender.name: [] for server in servers}
    for _ in range(load.warm_up + load.rounds):
        for server in servers:
            async with connected(server, level) as callers:  # idle ones are closed after some seconds
                costs[server.contender.name].append(await _cost(server, callers, call, load))
    counted = {name: rounds[load.warm_up :] for name, rounds in costs.items()}
    return [
        Row("calls", "calls/s", {name: median(one.per_s for one in of) for name, of in counted.items()}),
        Row(
            "CPU of a call", "s", {name: median(one.cpu_s for one in of) for name, of in counted.items()}, CPU
        ),
        Row("p50", "s", {name: median(_all(of)) for name, of in counted.items()}),
        Row("p99", "s", {name: quantiles(_all(of), n=100)[-1] for name, of in counted.items()}),
    ]


def _all(rounds: Sequence[Cost]) -> list[float]:
    return [seconds for one in rounds for seconds in one.seconds]


async def _cost(server: Served, callers: list[Caller], call: str, load: Load) -> Cost:
    """The callers take the calls that are left, each with a key of its own."""
    count = max(load.calls, TURNS * len(callers))
    messages = [
        message(server.url, server.contender.calls[call], f"key-of-caller-{number}")
        for number in range(len(callers))
    ]
    free = list(zip(callers, messages, strict=True))

    async def one() -> None:
        caller, message = free.pop()
        await asyncio.wait_for(caller.call(message), MOST_S)
        free.append((caller, message))

    cpu_before, started = cpu_s(server.pid), perf_counter()
    seconds = await spread(one, count, len(callers))
    wall_s = perf_counter() - started
    return Cost(seconds, (cpu_s(server.pid) - cpu_before) / count, count / wall_s)


async def memory(ours: Contender, keys: Sequence[int], most: int) -> Section:
    """RSS of a new process after calls with so many keys: as many calls, to tell keys and calls apart."""
    values: dict[str, float] = {}
    for distinct in keys:
        async with serving(ours) as server, connected(server, 1) as (caller,):
            call = server.contender.calls[GET_NAME]
            for number in range(most):
                await caller.call(message(server.url, call, f"key-of-caller-{number % distinct}"))
            values[f"{distinct:,} keys"] = rss_mb(server.pid)
    return Section(f"memory of ours after {most:,} calls", [Row("RSS", "MB", values)])


async def measured(load: Load, given: argparse.Namespace) -> list[Section]:
    with TemporaryDirectory() as folder, upstream() as url:
        all_of_them = contenders(Field(Path(folder), None), url)
        sections: list[Section] = []
        if "speed" in given.only:
            async with AsyncExitStack() as stack:
                servers = [await stack.enter_async_context(serving(one)) for one in all_of_them]
                sections += await speed(servers, load, load.levels if given.quick else LEVELS)
        if "memory" in given.only:
            keys, most = ((1, 4), 8) if given.quick else (KEYS, max(KEYS))
            sections.append(await memory(all_of_them[0], keys, most))
    return sections if load.judged else [section.unjudged() for section in sections]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.remote", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=["speed", "memory"], default=["speed", "memory"])
    parser.add_argument("--rounds", type=int, metavar="N", help="turns of every contender")
    parser.add_argument("--quick", action="store_true", help="a few calls, no targets: does it still work?")
    given = parser.parse_args(argv)
    load = QUICK if given.quick else Load()
    load = replace(load, rounds=given.rounds) if given.rounds else load
    disturbances = machine.load_at_start()
    sections = asyncio.run(measured(load, given))
    warnings = [f"The machine was not quiet: {'; '.join(disturbances)}."] if disturbances else []
    sys.stdout.write("".join(markdown(sections, environment(*packages("mcp", "uvicorn")), warnings)))
    return int(any(row.missed for section in sections for row in section.rows))


if __name__ == "__main__":
    sys.exit(main())
