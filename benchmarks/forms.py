"""How many requests calls take in each form of the API, first and later: `python -m benchmarks.forms`."""

import sys
from collections.abc import Mapping, Sequence

import anyio
import httpx
from mcp import Client
from pydantic import JsonValue

from benchmarks.report import environment, heading, line, packages
from benchmarks.scan import DIALECTS
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import Dialect, forms_of
from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import Settings

CUSTOMERS = 3_000
SETTINGS = Settings.model_validate({"api_key": "benchmark"})
ID = "cust_abc123"
Call = tuple[str, dict[str, JsonValue]]


def changed(**changes: JsonValue) -> Call:
    return "update_customer", {"id": ID, "changes": changes}


def created(name: str) -> Call:
    address = {"address": "Kai 7", "postcode": "24103", "city": "Kiel", "country": "DE"}
    customer: dict[str, JsonValue] = {"isCompany": True, "name": name, **address}
    return "create_customer", {"customer": customer, "assign_number": True}


COUNT: Call = ("query_customers", {"group_by": ["country"], "limit": 0})
CALLS: Mapping[str, tuple[Call, ...]] = {
    f"count {CUSTOMERS:,} customers": (COUNT, COUNT),
    "update a customer": (changed(city="Kiel"), changed(city="Ulm")),
    "clear a field": (changed(email=None), changed(phoneNo=None), changed(vatId=None)),
    f"create a customer beside {CUSTOMERS:,}": (created("Zwirn OHG"), created("Quittenmus KG")),
}
"""Calls of one kind, one after another in one run of the server."""


class CountedApi(httpx.AsyncBaseTransport):
    """The sandbox in one form; counts the requests."""

    def __init__(self, dialect: Dialect) -> None:
        self._app = create_app(customers=CUSTOMERS, forms=forms_of(dialect))
        self._api = httpx.ASGITransport(self._app)
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return await self._api.handle_async_request(request)

    async def aclose(self) -> None:
        self._app.state.close()


def main() -> int:
    sys.stdout.write(f"{environment(*packages('mcp', 'httpx'))}\n\n{heading('requests', *DIALECTS)}")
    for name, calls in CALLS.items():
        sys.stdout.write(line(name, *(anyio.run(_counted, dialect, calls) for dialect in DIALECTS)))
    return 0


async def _counted(dialect: Dialect, calls: Sequence[Call]) -> str:
    """The requests of each call; a form that the first one has shown is used by the others."""
    api = CountedApi(dialect)
    taken: list[str] = []
    async with Client(create_server(SETTINGS, api), mode="auto") as client:
        for tool, arguments in calls:
            before = api.requests
            result = await client.call_tool(tool, arguments)
            if result.is_error:
                raise SystemExit(f"{tool}: {result.content}")
            taken.append(str(api.requests - before))
    return ", ".join(taken[:-1]) + f", then {taken[-1]}"


if __name__ == "__main__":
    sys.exit(main())
