"""How long one change for many customers takes if every request takes 50 ms: `python -m benchmarks.many`."""

import json
import sys
import time
from typing import NamedTuple, cast

import anyio
import httpx
from mcp import Client
from mcp.types import CallToolResult, TextContent
from pydantic import JsonValue

from benchmarks.report import duration, environment, heading, line, packages
from benchmarks.scan import DIALECTS
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import Dialect, forms_of
from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import Settings

REQUEST_S = 0.050
SIZES = (60, 200)
TARGET_S = 7.0
"""For 200 customers."""
SETTINGS = Settings.model_validate({"api_key": "benchmark"})
Json = dict[str, JsonValue]
REQUEST: Json = {"where": [{"field": "id", "op": "present"}], "changes": {"category": "Umgestellt"}}


class SlowApi(httpx.AsyncBaseTransport):
    """The sandbox; every request takes REQUEST_S more."""

    def __init__(self, customers: int, dialect: Dialect) -> None:
        self._app = create_app(customers=customers, forms=forms_of(dialect))
        self._api = httpx.ASGITransport(self._app)
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        await anyio.sleep(REQUEST_S)
        return await self._api.handle_async_request(request)

    async def aclose(self) -> None:
        self._app.state.close()


class Taken(NamedTuple):
    """Seconds and requests of the two calls; bytes of their answers besides `undo`, and of `undo`."""

    dry_run_s: float
    change_s: float
    requests: int
    answers: int
    undo: int


def main() -> int:
    columns = ("customers", "API", "dry run", "change", "requests", "answers", "undo")
    sys.stdout.write(f"{environment(*packages('mcp', 'httpx'))}\n\n{heading(*columns)}")
    slow = False
    for size in SIZES:
        for dialect in DIALECTS:
            taken = anyio.run(measured, size, dialect)
            slow = slow or (size == SIZES[-1] and taken.change_s > TARGET_S)
            sys.stdout.write(_row(size, dialect, taken))
    sys.stdout.write(f"\nTarget: {SIZES[-1]} customers in {TARGET_S:g} s: {'missed' if slow else 'met'}.\n")
    return int(slow)


def _row(size: int, dialect: Dialect, taken: Taken) -> str:
    times = (duration(taken.dry_run_s), duration(taken.change_s))
    return line(str(size), dialect, *times, str(taken.requests), f"{taken.answers:,} B", f"{taken.undo:,} B")


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


def answer_of(result: CallToolResult) -> Json:
    text = "".join(block.text for block in result.content if isinstance(block, TextContent))
    return cast("Json", json.loads(text))


def bytes_of(value: JsonValue) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


if __name__ == "__main__":
    sys.exit(main())
