"""Calls a second of one and three replicas through the proxy; CPU of a call with and without the state."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit

from benchmarks import machine
from benchmarks.batches import spread
from benchmarks.contenders import GET_NAME, LIST_NAME, OUR_CALLS, tool
from benchmarks.pipes import Params
from benchmarks.remote import Caller, message
from benchmarks.report import Row, Section, Unit, environment, markdown, packages
from benchmarks.upstream import upstream

from .stage import Plan, Stage, staged

CALLERS, CALLS, ROUNDS = 32, 480, 3
CREATIONS = 160
CREATE = "create_customer"


PLANS = {"1 replica": Plan(1), "3 replicas": Plan(3), "1 without --state": Plan(1, with_state=False)}
FIGURES: tuple[tuple[str, Unit], ...] = (
    ("calls", "calls/s"), ("CPU of a call", "s"), ("p50", "s"), ("p99", "s"), ("memory of a replica", "MB"),
)  # fmt: skip


async def measured() -> list[Section]:
    with upstream() as api:
        found = {name: await _figures(plan, api) for name, plan in PLANS.items()}
    return [
        Section(
            f"{call}, {CALLERS} callers",
            [
                Row(what, unit, {name: of[call][place] for name, of in found.items()})
                for place, (what, unit) in enumerate(FIGURES)
            ],
        )
        for call in (GET_NAME, LIST_NAME, CREATE)
    ]


async def _figures(plan: Plan, api: str) -> dict[str, tuple[float, ...]]:
    """Of every call the FIGURES; CPU is that of the replicas."""
    with TemporaryDirectory() as folder:
        async with staged(replace(plan, api=api), Path(folder)) as stage:
            found = {call: await _median(stage, OUR_CALLS[call]) for call in (GET_NAME, LIST_NAME)}
        async with staged(plan, Path(folder)) as stage:
            return found | {CREATE: await _batch(stage, _creations(), CREATIONS)}


async def _median(stage: Stage, call: Params) -> tuple[float, ...]:
    rounds = [await _batch(stage, iter(lambda: call, None), CALLS) for _ in range(1 + ROUNDS)][1:]
    return tuple(map(median, zip(*rounds, strict=True)))


def _creations() -> Iterator[Params]:
    """Customers that nobody takes for one another."""
    for number in range(10_000, 90_000):
        name = "".join(chr(ord("a") + int(digit)) for digit in f"{number * 7919:012}")
        customer = {
            "isCompany": True, "name": f"{name} GmbH", "address": f"Weg {number}", "postcode": f"{number}",
            "city": name.title(), "country": "DE",
        }  # fmt: skip
        yield tool(CREATE, customer=customer)


async def _batch(stage: Stage, calls: Iterator[Params], count: int) -> tuple[float, ...]:
    parts = urlsplit(stage.url)
    connections = [
        await asyncio.open_connection(parts.hostname, parts.port, ssl=stage.trust, limit=2**22)
        for _ in range(CALLERS)
    ]
    free = [(Caller(*connection), f"key-of-caller-{at}") for at, connection in enumerate(connections)]

    async def one() -> None:
        caller, key = free.pop()
        await caller.call(message(stage.url, next(calls), key))
        free.append((caller, key))

    cpu_before, began = _cpu_s(stage), perf_counter()
    seconds = await spread(one, count, CALLERS)
    wall_s, cpu_s = perf_counter() - began, _cpu_s(stage) - cpu_before
    for _, writer in connections:
        writer.close()
    memory_mb = machine.rss_mb(stage.replicas[0].pid)
    return count / wall_s, cpu_s / count, median(seconds), quantiles(seconds, n=100)[-1], memory_mb


def _cpu_s(stage: Stage) -> float:
    return sum(machine.cpu_s(replica.pid) for replica in stage.replicas)


def main() -> int:
    """Print the figures; there are no targets, since every process shares this machine."""
    disturbances: Sequence[str] = machine.load_at_start()
    sections = asyncio.run(measured())
    warnings = [f"The machine was not quiet: {'; '.join(disturbances)}."] if disturbances else []
    sys.stdout.write("".join(markdown(sections, environment(*packages("mcp", "uvicorn")), warnings)))
    return 0
