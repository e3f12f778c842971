"""How fast all customers are scanned if every page takes 50 ms: `python -m benchmarks.scan`.

The API is one that refuses pages of more than 100 customers (documented), or gives 1,000 (current).
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple, Self, cast, get_args

import anyio
import httpx
from pydantic import JsonValue

from benchmarks.report import environment, heading, line
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.records import Customer
from faktoora_mcp.queries.scan import Limits, Scan, scan
from faktoora_mcp.sandbox.forms import Dialect, forms_of
from faktoora_mcp.settings import Settings

SIZES = (1_000, 3_000, 10_000, 100_000)
DIALECTS = cast("tuple[Dialect, ...]", get_args(Dialect))
PAGE_S = 0.050
LIMITS = Limits(scan_s=300, max_scan=1_000_000)
TARGET_SLOWDOWN, TARGET_START_S = 1.3, 0.3
TARGET_GROWTH_MB = 40.0
ROW: dict[str, JsonValue] = {
    "id": "00000000-0000-4000-8000-%012d",
    "customerId": "CUST-%06d",
    "isCompany": True,
    "name": "Bäckerei Schröder %d GmbH",
    "firstName": None,
    "lastName": None,
    "address": "Mühlenstraße 12",
    "postcode": "50667",
    "city": "Köln",
    "country": "DE",
    "email": "rechnung@schroeder-%d.example.com",
    "phoneNo": "0221 1000000",
    "vatId": "DE123456789",
    "taxId": None,
    "glnId": None,
    "dunsId": None,
    "peppolId": None,
    "routeId": None,
    "invoiceProfile": "zf:2",
    "category": "Stammkunde",
    "extras": {},
    "createdAt": "2026-01-02T03:04:05.000Z",
    "updatedAt": "2026-01-02T03:04:05.000Z",
}
JSON_ROW = json.dumps(ROW)


class Cost(NamedTuple):
    requests: int
    wall_s: float
    cpu_s: float
    growth_mb: float

    @classmethod
    def of(cls, dialect: Dialect, customers: int) -> Self:
        """Measured in a separate process, because peak memory never falls."""
        command = [sys.executable, "-m", "benchmarks.scan", "--dialect", dialect, "--one", str(customers)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own command
        return cls(*json.loads(done.stdout))


class Measure(NamedTuple):
    dialect: Dialect
    customers: int
    cost: Cost

    @property
    def missed(self) -> bool:
        late = self.cost.wall_s > (target_s(self.dialect, self.customers) or self.cost.wall_s)
        return late or self.cost.growth_mb > TARGET_GROWTH_MB


class SlowApi(httpx.AsyncBaseTransport):
    """A number of customers; every page, and every refusal, takes 50 ms."""

    def __init__(self, dialect: Dialect, customers: int) -> None:
        self._dialect: Dialect = dialect
        self._customers, self.requests = customers, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        await anyio.sleep(PAGE_S)
        number, size = page_of(request)
        if size > per_page(self._dialect):
            return httpx.Response(400)
        return httpx.Response(200, content=self._page(number, size))

    def _page(self, number: int, size: int) -> str:
        places = range((number - 1) * size, min(number * size, self._customers))
        rows = ",".join(JSON_ROW % ((place,) * JSON_ROW.count("%")) for place in places)
        meta = {"page": number, "perPage": size, "totalItems": self._customers}
        return f'{{"data": [{rows}], "meta": {json.dumps(meta)}}}'


def per_page(dialect: Dialect) -> int:
    """The most customers on a page."""
    return forms_of(dialect).max_per_page


def page_of(request: httpx.Request) -> tuple[int, int]:
    """Number and size of the page that is asked for."""
    return int(request.url.params["page"]), int(request.url.params["perPage"])


def ideal_s(dialect: Dialect, customers: int) -> float:
    pages = -(-customers // per_page(dialect))
    return pages / LIMITS.in_flight * PAGE_S


def target_s(dialect: Dialect, customers: int) -> float | None:
    """None where there are so few pages that reading the records takes longer than waiting for them."""
    if dialect == "current":
        return None
    return TARGET_SLOWDOWN * ideal_s(dialect, customers) + TARGET_START_S


def dialects_of(chosen: Dialect | None) -> tuple[Dialect, ...]:
    return (chosen,) if chosen else DIALECTS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialect", choices=DIALECTS, help="one form of the API instead of both")
    parser.add_argument("--one", type=int, metavar="CUSTOMERS", help="print the figures of one size as JSON")
    given = parser.parse_args()
    chosen: Dialect | None = given.dialect
    if given.one is not None:
        sys.stdout.write(json.dumps(anyio.run(_measured, chosen or DIALECTS[0], given.one)))
        return 0
    cases = product(SIZES, dialects_of(chosen))
    measures = [Measure(dialect, customers, Cost.of(dialect, customers)) for customers, dialect in cases]
    sys.stdout.writelines(_table(measures))
    return int(any(measure.missed for measure in measures))


async def _measured(dialect: Dialect, customers: int) -> Cost:
    """The walk after a short one, with which imports are done."""
    await _walk(SlowApi(dialect, 1))
    api = SlowApi(dialect, customers)
    idle_mb, cpu_s, started = peak_mb(), time.process_time(), time.perf_counter()
    outcome = await _walk(api)
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_s
    if outcome != Scan(customers, customers):
        raise SystemExit(f"not a whole walk: {outcome}")
    return Cost(api.requests, wall_s, cpu_s, peak_mb() - idle_mb)


async def _walk(api: SlowApi) -> Scan:
    settings = Settings.model_validate({"api_key": "benchmark"})
    async with FaktooraClient(settings, api) as client:
        return await scan(client, _look, LIMITS)


def _look(customer: Customer) -> None:
    """Do nothing with a customer: only the scan is measured."""


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _table(measures: list[Measure]) -> Iterator[str]:
    yield f"{environment()}\n\n"
    yield heading("customers", "dialect", "requests", "wall", "target", "ideal", "CPU", "memory")
    yield from map(_line, measures)


def _line(one: Measure) -> str:
    limit_s, cost = target_s(one.dialect, one.customers), one.cost
    target = f"{limit_s:.2f} s" if limit_s else ""
    ideal = f"{ideal_s(one.dialect, one.customers):.2f} s"
    growth = f"+{cost.growth_mb:.1f} MB{' MISSED' * one.missed}"
    head = (f"{one.customers:,}", one.dialect, f"{cost.requests:,}", f"{cost.wall_s:.2f} s")
    return line(*head, target, ideal, f"{cost.cpu_s:.2f} s", growth)


if __name__ == "__main__":
    sys.exit(main())
