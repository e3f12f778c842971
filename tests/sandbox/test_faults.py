"""Writes that are answered with an error and applied later."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from starlette.applications import Starlette

from faktoora_mcp.sandbox.faults import LateWrites
from tests.sandbox.clients import client

pytestmark = pytest.mark.anyio

Body = dict[str, object]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def late(app: Starlette, clock: Clock) -> LateWrites:
    return LateWrites(app, after_s=5, clock=clock)


@pytest.fixture
async def api(late: LateWrites) -> AsyncGenerator[httpx.AsyncClient]:
    async with client(late) as api:
        yield api


async def _total(api: httpx.AsyncClient, keyword: str) -> int:
    return (await api.get("/customers", params={"keywords[]": keyword})).json()["meta"]["totalItems"]


async def test_a_late_write_is_answered_504_and_applied_when_its_time_has_come(
    api: httpx.AsyncClient, clock: Clock, acme: Body
) -> None:
    answer = await api.post("/customer", json=acme)
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html; charset=utf-8")
    clock.now = 4.9
    assert await _total(api, "acme") == 0
    clock.now = 5.0
    assert await _total(api, "acme") == 1
    assert await _total(api, "acme") == 1


async def test_late_writes_are_applied_in_the_order_of_arrival(
    api: httpx.AsyncClient, clock: Clock, acme: Body
) -> None:
    for city in ("Ulm", "Bonn"):
        assert (await api.patch("/customer/cust_abc123", json=acme | {"city": city})).status_code == 504
    assert (await api.delete("/customer/cust_abc123")).status_code == 504
    clock.now = 5.0
    assert (await api.get("/customer/cust_abc123")).status_code == 404


async def test_a_late_write_that_is_refused_changes_nothing(
    api: httpx.AsyncClient, clock: Clock, acme: Body
) -> None:
    await api.post("/customer", json=acme | {"postcode": "1"})
    clock.now = 5.0
    assert await _total(api, "acme") == 0


async def test_only_the_remaining_writes_are_late(
    api: httpx.AsyncClient, late: LateWrites, clock: Clock, acme: Body
) -> None:
    late.remaining = 0
    assert (await api.post("/customer", json=acme)).status_code == 200
    late.remaining = 1
    assert [(await api.post("/customer", json=acme)).status_code for _ in range(2)] == [504, 200]
    clock.now = 5.0
    assert await _total(api, "acme") == 3


async def test_reads_and_the_upload_of_the_sandbox_are_never_late(api: httpx.AsyncClient) -> None:
    assert (await api.post("http://sandbox/_sandbox/files", content=b"x")).status_code == 201
    assert (await api.get("/customers")).status_code == 200


async def test_the_status_of_a_late_write_may_be_502(app: Starlette, acme: Body) -> None:
    async with client(LateWrites(app, after_s=0, status=502)) as api:
        answer = await api.post("/customer", json=acme)
        assert (answer.status_code, "502 Bad Gateway" in answer.text) == (502, True)
        assert await _total(api, "acme") == 1
