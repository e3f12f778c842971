"""Memory of an idle server, and whether it grows with calls."""

from typing import NamedTuple

from benchmarks.contenders import CALLS, FLOOR, Contender, Field
from benchmarks.load import Load
from benchmarks.machine import pss_mb, rss_mb
from benchmarks.pipes import Peer
from benchmarks.report import Bound, Row, Section

IN_FLIGHT, BATCH = 16, 500
IDLE, GROWTH = Bound(1.15, FLOOR), Bound(2.0)


class Use(NamedTuple):
    idle_mb: float
    idle_pss_mb: float
    settled_mb: float
    end_mb: float


async def memory(field: Field, url: str, load: Load) -> list[Section]:
    uses = {server.name: await _used(server, load) for server in field.contenders(url)}
    settled, most = f"{load.settled_calls:,}", f"{load.most_calls:,}"
    rows = [
        Row("idle, RSS", "MB", {name: use.idle_mb for name, use in uses.items()}, IDLE),
        Row("idle, PSS", "MB", {name: use.idle_pss_mb for name, use in uses.items()}),
        Row(f"after {most} calls, RSS", "MB", {name: use.end_mb for name, use in uses.items()}),
        Row(
            f"growth from call {settled} to call {most}",
            "MB",
            {name: use.end_mb - use.settled_mb for name, use in uses.items()},
            GROWTH,
        ),
    ]
    return [Section("memory", rows)]


async def _used(server: Contender, load: Load) -> Use:
    async with server.serving() as peer:
        await peer.ask("tools/list", {})
        idle, idle_pss = rss_mb(peer.pid), pss_mb(peer.pid)
        await _call(server, peer, load.settled_calls)
        settled = rss_mb(peer.pid)
        await _call(server, peer, load.most_calls - load.settled_calls)
        return Use(idle, idle_pss, settled, rss_mb(peer.pid))


async def _call(server: Contender, peer: Peer, count: int) -> None:
    """Both calls alternately."""
    for number, first in enumerate(range(0, count, BATCH)):
        await server.batch(peer, CALLS[number % 2], min(BATCH, count - first), IN_FLIGHT)
