"""How long a list of new customers takes if every request takes 50 ms: `python -m benchmarks.lists`."""

import sys
import time
from itertools import pairwise
from typing import NamedTuple

from mcp import Client
from pydantic import JsonValue

from benchmarks.report import duration
from benchmarks.slow_api import SETTINGS, Json, SlowApi, answer_of, bytes_of, measured_table
from faktoora_mcp.sandbox.forms import Dialect
from faktoora_mcp.server.app import create_server

BASES = (57, 5_000)
"""Customers that each row is compared with."""
ROWS = 100
TARGET_S = 8.0
"""For the second call, whose checks are made anew."""
TRADES = (
    *("Segelmacher", "Imkerei", "Böttcher", "Glaserei", "Weberei"),
    *("Druckhaus", "Kelterei", "Sattler", "Uhrwerk", "Orgelbau"),
)
CITIES = ("Aachen", "Bremen", "Celle", "Dresden", "Emden", "Fulda", "Gera", "Hof", "Ilmenau", "Jena")


class Taken(NamedTuple):
    """Seconds and requests of the two calls, and of the same list once more; bytes of the answers."""

    dry_run_s: float
    import_s: float
    again_s: float
    requests: int
    answers: int


def main() -> int:
    columns = ("base", "API", "dry run", "import", "again", "requests", "answers")
    slow = any(taken.import_s > TARGET_S for _, taken in measured_table(columns, BASES, measured, _cells))
    sys.stdout.write(f"\nTarget: {ROWS} rows in {TARGET_S:g} s: {'missed' if slow else 'met'}.\n")
    return int(slow)


def _cells(taken: Taken) -> tuple[str, ...]:
    return (*map(duration, taken[:3]), str(taken.requests), f"{taken.answers:,} B")


def rows(count: int = ROWS) -> list[JsonValue]:
    return [_firm(place) for place in range(count)]


def _firm(place: int) -> Json:
    trade, city = TRADES[place // 10], CITIES[place % 10]
    return {
        "name": f"{trade} {city} GmbH",
        "address": f"Kai {place}",
        "postcode": f"{26000 + place}",
        "city": city,
        "country": "DE",
        "email": f"info@betrieb{place}.example.com",
        "customerId": f"LIST-{place:03}",
    }


async def measured(base: int, dialect: Dialect) -> Taken:
    api = SlowApi(base, dialect)
    request: Json = {"rows": rows()}
    async with Client(create_server(SETTINGS, api), mode="auto") as client:
        times = [time.monotonic()]
        texts = list[Json]()
        for more in ({}, {"dry_run": False}, {"dry_run": False}):
            texts.append(answer_of(await client.call_tool("import_customers", request | more)))
            times.append(time.monotonic())
    shown, made, again = (answer["counts"] for answer in texts)
    if (shown, made, again) != tuple({"total": ROWS, word: ROWS} for word in ("ready", "created", "exists")):
        raise SystemExit(f"Not all rows were created, once each: {shown}, {made}, {again}.")
    dry_run_s, import_s, again_s = (end - start for start, end in pairwise(times))
    return Taken(dry_run_s, import_s, again_s, api.requests, sum(map(bytes_of, texts)))


if __name__ == "__main__":
    sys.exit(main())
