"""Single and concurrent calls: added latency, throughput, and CPU time for each call."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from typing import NamedTuple

from benchmarks.contenders import BARE, CALLS, FLOOR, LIST_NAME, PASSTHROUGH, Batch, Contender, Field
from benchmarks.load import Load
from benchmarks.pipes import Peer
from benchmarks.report import Bound, Row, Section

ADDED, CPU = Bound(1.25, PASSTHROUGH), Bound(1.25, PASSTHROUGH)
TURNS = 4
"""Calls for each one in flight at least, so that filling and draining the pipe matters little."""
RATE = Bound(1.2, PASSTHROUGH, least=True)


class Cost(NamedTuple):
    """Medians over the rounds."""

    call_s: float
    cpu_s: float
    per_s: float


async def latency(field: Field, url: str, load: Load) -> list[Section]:
    """One call at a time; the empty server has only its empty tool."""
    async with _all_serving(field, url) as peers:
        rows = [row for call in CALLS for row in _added(call, await _costs(peers, call, load, 1))]
    return [Section("one call at a time", rows)]


async def throughput(field: Field, url: str, load: Load) -> list[Section]:
    rows: list[Row] = []
    async with _all_serving(field, url) as peers:
        for call in CALLS:
            for in_flight in load.levels:
                rows += _rate(call, in_flight, await _costs(peers, call, load, in_flight))
    return [Section("many calls at once", rows)]


@asynccontextmanager
async def _all_serving(field: Field, url: str) -> AsyncGenerator[list[tuple[Contender, Peer]]]:
    async with AsyncExitStack() as stack:
        contenders = field.contenders(url)
        yield [(one, await stack.enter_async_context(one.serving())) for one in contenders]


async def _costs(
    peers: list[tuple[Contender, Peer]], call: str, load: Load, in_flight: int
) -> dict[str, Cost]:
    """The contenders take turns, so that other load on the machine affects them all."""
    count = max(load.calls, TURNS * in_flight)
    batches: dict[str, list[Batch]] = {contender.name: [] for contender, _ in peers}
    for _ in range(load.warm_up + load.rounds):
        for contender, peer in peers:
            batches[contender.name].append(await contender.batch(peer, call, count, in_flight))
    return {name: _cost(rounds[load.warm_up :]) for name, rounds in batches.items()}


def _cost(rounds: list[Batch]) -> Cost:
    return Cost(
        median(median(batch.seconds) for batch in rounds),
        median(batch.cpu_s / len(batch.seconds) for batch in rounds),
        median(len(batch.seconds) / batch.wall_s for batch in rounds),
    )


def _added(call: str, costs: dict[str, Cost]) -> list[Row]:
    whole = {name: cost.call_s for name, cost in costs.items()}
    added = {name: call_s - whole[BARE] for name, call_s in whole.items() if name not in (BARE, FLOOR)}
    cpu = {name: cost.cpu_s for name, cost in costs.items()}
    return [
        Row(f"{call}: a call", "s", whole),
        Row(f"{call}: added to bare httpx", "s", added, ADDED),
        Row(f"{call}: CPU", "s", cpu, CPU),
    ]


def _rate(call: str, in_flight: int, costs: dict[str, Cost]) -> list[Row]:
    name = f"{call}, {in_flight} in flight"
    per_s = {contender: cost.per_s for contender, cost in costs.items()}
    cpu = {contender: cost.cpu_s for contender, cost in costs.items()}
    bound = RATE if call == LIST_NAME else None
    return [Row(name, "calls/s", per_s, bound), Row(f"{name}: CPU of a call", "s", cpu, CPU)]
