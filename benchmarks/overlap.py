"""Whether calls wait for each other while the API is slow."""

from benchmarks.contenders import GET_NAME, OURS, Contender, Field
from benchmarks.load import Load
from benchmarks.report import Bound, Row, Section
from benchmarks.upstream import upstream

CALLS = 64
LIMITED, UNLIMITED = Bound(8.5), Bound(1.3)


async def overlap(field: Field, _: str, load: Load) -> list[Section]:
    """Concurrent gets that the API answers after a second."""
    with upstream(load.api_s) as url:
        limited = {server.name: await _last_s(server) for server in field.api_servers(url)}
        more = {OURS: await _last_s(field.ours(url, "--max-connections", str(CALLS)))}
    name = f"{CALLS} gets, the API takes {load.api_s:g} s"
    rows = [
        Row(f"{name}: the last one", "s", limited, LIMITED),
        Row(f"{name}: with --max-connections {CALLS}", "s", more, UNLIMITED),
    ]
    return [Section("overlap", rows)]


async def _last_s(server: Contender) -> float:
    async with server.serving() as peer:
        await server.batch(peer, GET_NAME, 1, 1)
        return (await server.batch(peer, GET_NAME, CALLS, CALLS)).wall_s
