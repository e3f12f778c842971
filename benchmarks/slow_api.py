"""The sandbox with 50 ms for every request, and a table of what was measured in both forms of the API."""

import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar, cast

import anyio
import httpx
from mcp.types import CallToolResult, TextContent
from pydantic import JsonValue

from benchmarks.report import environment, heading, line, packages
from benchmarks.scan import DIALECTS
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import Dialect, forms_of
from faktoora_mcp.settings import Settings

REQUEST_S = 0.050
SETTINGS = Settings.model_validate({"api_key": "benchmark"})
Json = dict[str, JsonValue]
Taken = TypeVar("Taken")


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


def measured_table(
    columns: Sequence[str],
    sizes: Iterable[int],
    measured: Callable[[int, Dialect], Awaitable[Taken]],
    cells: Callable[[Taken], Sequence[str]],
) -> list[tuple[int, Taken]]:
    """What was measured at each size, in each form of the API, as it is printed row by row."""
    sys.stdout.write(f"{environment(*packages('mcp', 'httpx'))}\n\n{heading(*columns)}")
    made: list[tuple[int, Taken]] = []
    for size in sizes:
        for dialect in DIALECTS:
            taken = anyio.run(measured, size, dialect)
            sys.stdout.write(line(f"{size:,}", dialect, *cells(taken)))
            made.append((size, taken))
    return made


def answer_of(result: CallToolResult) -> Json:
    text = "".join(block.text for block in result.content if isinstance(block, TextContent))
    return cast("Json", json.loads(text))


def bytes_of(value: JsonValue) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
