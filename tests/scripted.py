"""A scripted API: answers requests in the order of its script and remembers them."""

import json
from collections.abc import Callable

import anyio
import httpx
from pydantic import JsonValue

from faktoora_mcp.settings import Settings

BASE = "https://api.example.test/api/v1"
BASE_PATH = httpx.URL(BASE).path
KEY = "secret-key-4711"
ACME: dict[str, JsonValue] = {
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "billing@acme.example.com",
    "vatId": "DE123456789",
    "extras": {},
}
"""The specification's example of a new customer."""
RECORD: dict[str, JsonValue] = {
    "id": "cust_abc123",
    "customerId": "CUST-0042",
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "billing@acme.example.com",
    "vatId": None,
    "extras": {},
    "createdAt": "2026-01-02T03:04:05.000Z",
    "updatedAt": "2026-01-02T03:04:05.000Z",
}
Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def settings(**given: object) -> Settings:
    return Settings.model_validate({"api_key": KEY, "base_url": BASE, "timeout_s": 5.0} | given)


def reply(body: object, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer; keyword headers are written with _ for -."""
    return httpx.Response(
        status, json=body, headers={name.replace("_", "-"): headers[name] for name in headers}
    )


def page(*records: object, page: int = 1, per_page: int = 20, total: int | None = None) -> httpx.Response:
    """A list of customers in the API's likely envelope."""
    items = len(records) if total is None else total
    meta = {"page": page, "perPage": per_page, "totalItems": items, "totalPages": -(-items // per_page)}
    return reply({"data": list(records), "meta": meta})


def call_of(request: httpx.Request) -> str:
    """Method and path with query."""
    return f"{request.method} {request.url.raw_path.decode().removeprefix(BASE_PATH)}"


class Script(httpx.AsyncBaseTransport):
    """Answers with the next reply of the script; an exception is raised, a function is asked."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        await request.aread()
        self.requests.append(request)
        assert self._replies, f"the script has no reply to {request.method} {request.url}"
        answer = self._replies.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    @property
    def calls(self) -> list[str]:
        """Every request, as `call_of` writes it."""
        return [call_of(request) for request in self.requests]

    def body(self, place: int = -1) -> object:
        """The JSON body of a request, the last one if not told otherwise."""
        return json.loads(self.requests[place].content)
