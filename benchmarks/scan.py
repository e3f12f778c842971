"""How fast all customers are scanned if every page takes 50 ms: `python -m benchmarks.scan`."""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple, Self

import anyio
import httpx
from pydantic import JsonValue

from benchmarks.report import environment, heading, line
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.records import Customer
from faktoora_mcp.queries.scan import Limits, Scan, scan
from faktoora_mcp.settings import Settings

SIZES = (1_000, 3_000, 10_000, 100_000)
PER_PAGE = 100
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


class Measure(NamedTuple):
    customers: int
    wall_s: float
    cpu_s: float
    growth_mb: float

    @property
    def missed(self) -> bool:
        return self.wall_s > target_s(self.customers) or self.growth_mb > TARGET_GROWTH_MB

    @classmethod
    def of(cls, customers: int) -> Self:
        """Measured in a separate process, because peak memory never falls."""
        command = [sys.executable, "-m", "benchmarks.scan", "--one", str(customers)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own command
        return cls(customers, *json.loads(done.stdout))


class SlowApi(httpx.AsyncBaseTransport):
    """A number of customers; every page takes 50 ms."""

    def __init__(self, customers: int) -> None:
        self._customers = customers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        await anyio.sleep(PAGE_S)
        return httpx.Response(200, content=self._page(number))

    def _page(self, number: int) -> str:
        places = range((number - 1) * PER_PAGE, min(number * PER_PAGE, self._customers))
        rows = ",".join(JSON_ROW % ((place,) * JSON_ROW.count("%")) for place in places)
        meta = {"page": number, "perPage": PER_PAGE, "totalItems": self._customers}
        return f'{{"data": [{rows}], "meta": {json.dumps(meta)}}}'


def pages(customers: int) -> int:
    return -(-customers // PER_PAGE)


def ideal_s(customers: int) -> float:
    return pages(customers) / LIMITS.in_flight * PAGE_S


def target_s(customers: int) -> float:
    return TARGET_SLOWDOWN * ideal_s(customers) + TARGET_START_S


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", type=int, metavar="CUSTOMERS", help="print the figures of one size as JSON")
    one: int | None = parser.parse_args().one
    if one is not None:
        sys.stdout.write(json.dumps(anyio.run(_measured, one)))
        return 0
    measures = [Measure.of(customers) for customers in SIZES]
    sys.stdout.writelines(_table(measures))
    return int(any(measure.missed for measure in measures))


async def _measured(customers: int) -> tuple[float, float, float]:
    """Wall-clock and CPU seconds, and the growth of peak memory in MB."""
    await _walk(PER_PAGE)
    idle_mb, cpu_s, started = peak_mb(), time.process_time(), time.perf_counter()
    outcome = await _walk(customers)
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_s
    if outcome != Scan(customers, customers):
        raise SystemExit(f"not a whole walk: {outcome}")
    return wall_s, cpu_s, peak_mb() - idle_mb


async def _walk(customers: int) -> Scan:
    settings = Settings.model_validate({"api_key": "benchmark"})
    async with FaktooraClient(settings, SlowApi(customers)) as client:
        return await scan(client, _look, LIMITS)


def _look(customer: Customer) -> None:
    """Do nothing with a customer: only the scan is measured."""


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _table(measures: list[Measure]) -> Iterator[str]:
    yield f"{environment()}\n\n"
    yield heading("customers", "pages", "wall", "target", "ideal", "CPU", "memory")
    yield from map(_line, measures)


def _line(one: Measure) -> str:
    seconds = (one.wall_s, target_s(one.customers), ideal_s(one.customers), one.cpu_s)
    times = (f"{taken:.2f} s" for taken in seconds)
    growth = f"+{one.growth_mb:.1f} MB{' MISSED' * one.missed}"
    return line(f"{one.customers:,}", f"{pages(one.customers):,}", *times, growth)


if __name__ == "__main__":
    sys.exit(main())
