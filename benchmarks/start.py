"""The time from the start of a process to its first answers."""

import time
from statistics import median
from typing import NamedTuple

from benchmarks.contenders import FLOOR, Contender, Field
from benchmarks.load import Load
from benchmarks.machine import cpu_s
from benchmarks.report import Bound, Row, Section

STARTS = 3
"""Starts in each round: one is short, so other load affects it much."""


class Start(NamedTuple):
    initialized_s: float
    listed_s: float
    cpu_s: float


async def start(field: Field, url: str, load: Load) -> list[Section]:
    servers = field.servers(url)
    starts: dict[str, list[Start]] = {server.name: [] for server in servers}
    for _ in range(load.warm_up + STARTS * load.rounds):
        for server in servers:
            starts[server.name].append(await _started(server))
    return [Section("start", _rows({name: rounds[load.warm_up :] for name, rounds in starts.items()}))]


async def _started(server: Contender) -> Start:
    async with server.serving() as peer:
        initialized = time.perf_counter()
        await peer.ask("tools/list", {})
        listed = time.perf_counter()
        return Start(initialized - peer.started, listed - peer.started, cpu_s(peer.pid))


def _rows(starts: dict[str, list[Start]]) -> list[Row]:
    initialized = {name: median(one.initialized_s for one in all_) for name, all_ in starts.items()}
    listed = {name: median(one.listed_s for one in all_) for name, all_ in starts.items()}
    cpu = {name: median(one.cpu_s for one in all_) for name, all_ in starts.items()}
    return [
        Row("until initialize is answered", "s", initialized),
        Row("until tools/list is answered", "s", listed, Bound(0.95, FLOOR)),
        Row("CPU until then", "s", cpu),
    ]
