"""How long one change for many customers takes if every request takes 50 ms: `python -m benchmarks.many`."""

import sys
import time
from typing import NamedTuple

from mcp import Client

from benchmarks.report import duration
from benchmarks.slow_api import SETTINGS, Json, SlowApi, answer_of, bytes_of, measured_table
from faktoora_mcp.sandbox.forms import Dialect
from faktoora_mcp.server.app import create_server

SIZES = (60, 200)
TARGET_S = 7.0
"""For 200 customers."""
REQUEST: Json = {"where": [{"field": "id", "op": "present"}], "changes": {"category": "Umgestellt"}}


class Taken(NamedTuple):
    """Seconds and requests of the two calls; bytes of their answers besides `undo`, and of `undo`."""

    dry_run_s: float
    change_s: float
    requests: int
    answers: int
    undo: int


def main() -> int:
    columns = ("customers", "API", "dry run", "change", "requests", "answers", "undo")
    made = measured_table(columns, SIZES, measured, _cells)
    slow = any(taken.change_s > TARGET_S for size, taken in made if size == SIZES[-1])
    sys.stdout.write(f"\nTarget: {SIZES[-1]} customers in {TARGET_S:g} s: {'missed' if slow else 'met'}.\n")
    return int(slow)


def _cells(taken: Taken) -> tuple[str, ...]:
    times = (duration(taken.dry_run_s), duration(taken.change_s))
    return (*times, str(taken.requests), f"{taken.answers:,} B", f"{taken.undo:,} B")


async def measured(size: int, dialect: Dialect) -> Taken:
    api = SlowApi(size, dialect)
    async with Client(create_server(SETTINGS, api), mode="auto") as client:
        start = time.monotonic()
        shown = await client.call_tool("update_customers", REQUEST)
        between = time.monotonic()
        confirm = answer_of(shown)["confirm"]
        made = await client.call_tool("update_customers", REQUEST | {"dry_run": False, "confirm": confirm})
        end = time.monotonic()
    answer = answer_of(made)
    if answer["changed"] != size:
        raise SystemExit(f"Only {answer['changed']} of {size} customers were changed.")
    undo = bytes_of(answer.pop("undo"))
    return Taken(
        between - start, end - between, api.requests, bytes_of(answer_of(shown)) + bytes_of(answer), undo
    )


if __name__ == "__main__":
    sys.exit(main())
