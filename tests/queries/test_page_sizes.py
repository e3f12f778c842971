"""Scans in the largest pages that an API takes: each customer is read once, whatever the limit."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.queries.scan import Limits, Scan, scan
from faktoora_mcp.settings import BODY_BYTES
from tests.scripted import page, reply, settings

pytestmark = pytest.mark.anyio
PLENTY = Limits(scan_s=30, max_scan=100_000)


class Limited(httpx.AsyncBaseTransport):
    """Pages of at most `limits[0]` customers; the next limit holds after each `every` answers."""

    def __init__(self, count: int, limits: list[int], *, over: str = "clamp", every: int = 3) -> None:
        self.count, self.limits, self.over, self.every = count, limits, over, every
        self.sizes: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number, size = (int(request.url.params[name]) for name in ("page", "perPage"))
        limit = self.limits[min(len(self.sizes) // self.every, len(self.limits) - 1)]
        self.sizes.append(size)
        if size > limit and self.over != "clamp":
            return self._refused()
        return self._page(number, min(size, limit))

    def _page(self, number: int, size: int) -> httpx.Response:
        rows: list[JsonValue] = [
            {"id": f"c{at}"} for at in range((number - 1) * size, min(number * size, self.count))
        ]
        return page(*rows, page=number, per_page=size, total=self.count)

    def _refused(self) -> httpx.Response:
        if self.over == "late":
            raise httpx.ReadTimeout("late")
        if self.over == "huge":
            return httpx.Response(200, content=b" " * (BODY_BYTES + 1))
        return reply({"message": "zu groß"}, int(self.over))


@asynccontextmanager
async def client_of(api: httpx.AsyncBaseTransport) -> AsyncGenerator[FaktooraClient]:
    async with FaktooraClient(settings(), api) as client:
        yield client


async def walked(api: Limited) -> tuple[Scan, list[str], int]:
    """What a walk says, the ids it visited, and the page size that is known afterwards."""
    seen: list[str] = []
    async with client_of(api) as client:
        outcome = await scan(client, lambda one: seen.append(one.id), PLENTY)
        return outcome, seen, client.dialect.forms.page_size


def check_whole(outcome: Scan, seen: list[str], count: int) -> None:
    assert outcome == Scan(count, count)
    assert sorted(seen) == sorted({f"c{at}" for at in range(count)})


@pytest.mark.parametrize("limit", [25, 100, 500, 1000, 5000])
@pytest.mark.parametrize("count", [0, 24, 25, 26, 100, 101, 999, 1000, 1001, 3000])
async def test_an_api_that_clamps_is_read_whole(count: int, limit: int) -> None:
    outcome, seen, size = await walked(Limited(count, [limit]))
    check_whole(outcome, seen, count)
    assert size == (limit if limit < min(count, 1000) else 1000)


async def test_three_thousand_customers_take_five_requests() -> None:
    api = Limited(3000, [1000])
    await walked(api)
    assert api.sizes == [1000] * 5


async def test_what_was_learned_is_used_by_the_next_walk() -> None:
    api = Limited(400, [100], over="400", every=10**6)
    async with client_of(api) as client:
        for _ in range(2):
            await scan(client, str, PLENTY)
    assert api.sizes.count(1000) == 1


@pytest.mark.parametrize(
    ("over", "limit", "known"),
    [("400", 100, 100), ("422", 100, 100), ("413", 300, 250), ("late", 500, 500), ("huge", 600, 500)],
)
async def test_an_api_that_refuses_large_pages_is_read_in_smaller_ones(
    over: str, limit: int, known: int
) -> None:
    outcome, seen, size = await walked(Limited(1234, [limit], over=over))
    check_whole(outcome, seen, 1234)
    assert size == known


@pytest.mark.parametrize("over", ["clamp", "400", "413"])
async def test_a_limit_that_changes_under_way_loses_nobody(over: str) -> None:
    outcome, seen, _ = await walked(Limited(2500, [1000, 100], over=over))
    check_whole(outcome, seen, 2500)


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 1500),
    limits=st.lists(st.sampled_from([1000, 500, 100, 25]), min_size=1, max_size=3),
    over=st.sampled_from(["clamp", "413"]),
    every=st.integers(1, 6),
)
def test_no_customer_is_lost_or_counted_twice(count: int, limits: list[int], over: str, every: int) -> None:
    api = Limited(count, sorted(limits, reverse=True), over=over, every=every)
    outcome, seen, _ = anyio.run(walked, api)
    check_whole(outcome, seen, count)
