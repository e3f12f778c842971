"""The cost of questions over all customers if every page takes 50 ms: `python -m benchmarks.questions`."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self, cast

import anyio
import httpx
from mcp import Client
from mcp.types import TextContent
from pydantic import JsonValue
from starlette.testclient import TestClient

from benchmarks.report import environment, heading, line, packages
from benchmarks.scan import (
    DIALECTS,
    PAGE_S,
    SIZES,
    TARGET_GROWTH_MB,
    dialects_of,
    page_of,
    peak_mb,
    per_page,
    target_s,
)
from faktoora_mcp.sandbox.forms import Dialect
from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import Settings

SETTINGS = Settings.model_validate({"api_key": "benchmark"})
MOST = max(SIZES)
COUNT, PAIRS = "count by country", "duplicates of all"
CLIENTS_OWN = "jsonschema"
"""The SDK's client imports this to check its first answer; it is no cost of the server."""
ASKED = "cust_abc123"
"""The specification's example of an id, which is on the first page of all invented customers."""
CONDITIONS: list[JsonValue] = [
    {"field": "isCompany", "op": "eq", "value": True},
    {"field": "country", "op": "in", "value": ["AT", "CH"]},
    {"field": "vatId", "op": "missing"},
]
QUESTIONS: dict[str, tuple[str, dict[str, JsonValue]]] = {
    COUNT: ("query_customers", {"group_by": ["country"], "limit": 0}),
    "three conditions": ("query_customers", {"where": CONDITIONS}),
    "not ready for XRechnung": ("query_customers", {"check": "not_ready_for_xrechnung"}),
    "duplicates of one": ("find_duplicate_customers", {"id": ASKED}),
    PAIRS: ("find_duplicate_customers", {}),
}
TIMED_CUSTOMERS = 3_000
SHORT_RUNS = 5
COUNT_BYTES, BYTES_PER_CELL = 1_000, 60
COUNT_REQUESTS = 6
"""For 3,000 customers in pages of 1,000."""
COUNT_CPU_S = 2.5
PAIRS_CPU_S, PAIRS_GROWTH_MB = 10.0, 120.0
"""For 100,000 customers."""
ROWS_PER_FILE = 100


class Cost(NamedTuple):
    """The cost of one answer, and its size."""

    requests: int
    wall_s: float
    cpu_s: float
    growth_mb: float
    answer_bytes: int
    sent_bytes: int
    cells: int
    complete: bool

    @property
    def bytes_per_cell(self) -> float:
        return self.answer_bytes / self.cells if self.cells else 0.0

    @classmethod
    def of(cls, question: str, customers: int, dialect: Dialect, base: Path) -> Self:
        """Measured in a separate process, because peak memory never falls."""
        options = ["--base", str(base), "--dialect", dialect, "--one", question, str(customers)]
        command = [sys.executable, "-m", "benchmarks.questions", *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own command
        return cls(*json.loads(done.stdout))


class Measure(NamedTuple):
    question: str
    customers: int
    dialect: Dialect
    cost: Cost

    @property
    def limits(self) -> dict[str, float]:
        """The limits of the project."""
        limits: dict[str, float] = {"bytes_per_cell": BYTES_PER_CELL}
        if self.question == COUNT:
            limits["answer_bytes"] = COUNT_BYTES
        if (self.question, self.customers) == (COUNT, TIMED_CUSTOMERS):
            limits |= self._count_limits
        if (self.question, self.customers) == (COUNT, MOST):
            limits |= {"growth_mb": TARGET_GROWTH_MB, "cpu_s": COUNT_CPU_S}
        if (self.question, self.customers) == (PAIRS, MOST):
            limits |= {"growth_mb": PAIRS_GROWTH_MB, "cpu_s": PAIRS_CPU_S}
        return limits

    @property
    def _count_limits(self) -> dict[str, float]:
        wall_s = target_s(self.dialect, self.customers)
        return {"wall_s": wall_s} if wall_s else {"requests": COUNT_REQUESTS}

    @property
    def missed(self) -> set[str]:
        return {name for name, limit in self.limits.items() if getattr(self.cost, name) > limit}

    @classmethod
    def of(cls, question: str, customers: int, dialect: Dialect, base: Path) -> Self:
        """The run with the median time; short runs are repeated, because other load affects them most."""
        runs = SHORT_RUNS if customers <= TIMED_CUSTOMERS else 1
        costs = [Cost.of(question, customers, dialect, base) for _ in range(runs)]
        return cls(question, customers, dialect, sorted(costs, key=lambda cost: cost.wall_s)[runs // 2])


class SlowBase(httpx.AsyncBaseTransport):
    """The first customers of a base; every page, refusal and customer of the first page takes 50 ms."""

    def __init__(self, base: Path, customers: int, dialect: Dialect) -> None:
        self._base, self._customers, self._per_page = base, customers, per_page(dialect)
        self.requests = self.sent_bytes = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if b"keywords" in request.url.query or b"category" in request.url.query:
            raise NotImplementedError("a search: this API only lists everybody")
        await anyio.sleep(PAGE_S)
        self.requests += 1
        if "page" not in request.url.params:
            return self._answer(self._customer(request.url.path))
        number, size = page_of(request)
        return self._answer(self._page(number, size)) if size <= self._per_page else httpx.Response(400)

    def _answer(self, body: bytes) -> httpx.Response:
        self.sent_bytes += len(body)
        return httpx.Response(200, content=body)

    def _page(self, number: int, size: int) -> bytes:
        meta = {"page": number, "perPage": size, "totalItems": self._customers}
        return b'{"data":[%b],"meta":%b}' % (self._rows(number, size), json.dumps(meta).encode())

    def _customer(self, path: str) -> bytes:
        rows = json.loads(b"[%b]" % self._rows(1, ROWS_PER_FILE))
        return next(json.dumps(row).encode() for row in rows if path.endswith(row["id"]))

    def _rows(self, number: int, size: int) -> bytes:
        first, last = (number - 1) * size, min(number * size, self._customers)
        files = range(first // ROWS_PER_FILE, last // ROWS_PER_FILE)
        return b",".join((self._base / f"{place + 1}.json").read_bytes()[1:-1] for place in files)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, metavar="FOLDER", help="keep the invented customers there")
    parser.add_argument("--dialect", choices=DIALECTS, help="one form of the API instead of both")
    parser.add_argument("--one", nargs=2, metavar=("QUESTION", "CUSTOMERS"), help="one cost as JSON")
    given = parser.parse_args()
    chosen: Dialect | None = given.dialect
    with TemporaryDirectory() as folder:
        base: Path = given.base or Path(folder)
        if not (base / f"{MOST // ROWS_PER_FILE}.json").exists():
            _apart(base)
        if given.one:
            return _one(given.one[0], int(given.one[1]), chosen or DIALECTS[0], base)
        return _all(dialects_of(chosen), base)


def _one(question: str, customers: int, dialect: Dialect, base: Path) -> int:
    cost = anyio.run(_cost, question, SlowBase(base, customers, dialect), customers)
    sys.stdout.write(json.dumps(cost))
    return 0


def _all(dialects: Sequence[Dialect], base: Path) -> int:
    cases = product(QUESTIONS, SIZES, dialects)
    measures = [Measure.of(question, customers, dialect, base) for question, customers, dialect in cases]
    sys.stdout.writelines(_table(measures))
    return int(any(measure.missed for measure in measures))


async def _cost(question: str, api: SlowBase, customers: int) -> Cost:
    tool, arguments = QUESTIONS[question]
    import_module(CLIENTS_OWN)
    async with Client(create_server(SETTINGS, api), mode="auto") as client:
        await client.list_tools()
        idle_mb, cpu_s, started = peak_mb(), time.process_time(), time.perf_counter()
        result = await client.call_tool(tool, arguments, progress_callback=_note)
        wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_s
        growth_mb = peak_mb() - idle_mb
    text = cast("TextContent", result.content[0]).text
    answer = json.loads(text)
    if answer.get("scanned") != customers:
        raise SystemExit(f"not a whole walk: {text}")
    size, cells = len(text.encode()), _cells(answer)
    return Cost(api.requests, wall_s, cpu_s, growth_mb, size, api.sent_bytes, cells, answer["complete"])


async def _note(progress: float, total: float | None, message: str | None) -> None:
    """A host that shows progress."""


def _cells(answer: dict[str, JsonValue]) -> int:
    return sum(map(len, cast("list[list[JsonValue]]", answer.get("rows", []))))


def _apart(base: Path) -> None:
    """Make the customers in a separate process, because a new process inherits peak memory."""
    maker = get_context("spawn").Process(target=_make, args=(base,))
    maker.start()
    maker.join()


def _make(base: Path) -> None:
    """The sandbox's customers, a file for each page."""
    from faktoora_mcp.sandbox.app import create_app

    base.mkdir(parents=True, exist_ok=True)
    with TestClient(create_app(customers=MOST), headers={"X-API-KEY": "benchmark"}) as client:
        for number in range(1, MOST // ROWS_PER_FILE + 1):
            query = f"sort=createdAt&order=asc&perPage={ROWS_PER_FILE}&page={number}"
            rows = client.get(f"/api/v1/customers?{query}").json()["data"]
            (base / f"{number}.json").write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))


def _table(measures: list[Measure]) -> Iterator[str]:
    yield f"{environment(*packages('mcp', 'pydantic', 'httpx', 'rapidfuzz'))}\n\n"
    names = ("wall", "target", "CPU", "memory", "answer", "per cell", "the API sent")
    yield heading("", "customers", "dialect", "requests", *names)
    yield from map(_line, measures)


def _line(measure: Measure) -> str:
    cost, target = measure.cost, measure.limits.get("wall_s")
    cells = {
        "complete": measure.question + ("" if cost.complete else " (complete: false)"),
        "customers": f"{measure.customers:,}",
        "dialect": measure.dialect,
        "requests": f"{cost.requests:,}",
        "wall_s": f"{cost.wall_s:.2f} s",
        "target": f"{target:.2f} s" if target else "",
        "cpu_s": f"{cost.cpu_s:.2f} s",
        "growth_mb": f"+{cost.growth_mb:.1f} MB",
        "answer_bytes": f"{cost.answer_bytes:,} B",
        "bytes_per_cell": f"{cost.bytes_per_cell:.0f} B" if cost.cells else "",
        "sent_bytes": f"{cost.sent_bytes / 10**6:.1f} MB",
    }
    return line(*(text + " MISSED" * (name in measure.missed) for name, text in cells.items()))


if __name__ == "__main__":
    sys.exit(main())
