"""A writer over a scripted API, and what the tests of all writes have in common."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
import httpx
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerChanges, EntryList, NewCustomer
from faktoora_mcp.api.outcomes import Updated
from faktoora_mcp.api.retry import FIRST_PAUSE_S
from faktoora_mcp.writes import create, delete, imports, update
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.update import Revision
from tests.scripted import ACME as EXAMPLE
from tests.scripted import RECORD, Reply, Script, call_of, page, reply, settings

ACME = {name: value for name, value in EXAMPLE.items() if name != "vatId"}
"""As the example says, without the VAT id that RECORD lacks."""
GET, PATCH = "GET /customer/cust_abc123", "PATCH /customer/cust_abc123"
DELETE = "DELETE /customer/cust_abc123"
CONTACTS: list[JsonValue] = [{"id": 1, "lastName": "Muster", "email": "m@firma.de", "createdAt": "2026"}]
WITH_CONTACTS = "?relationFields[]=customerContacts"
LIST, POST, IMPORT = "GET /customers", "POST /customer", "POST /customers/import"
NEWEST = "GET /customers?page=1&perPage=100&sort=createdAt&order=desc"
VERIFY, GENERATE = "GET /customer/verify-customer-number", "GET /customers/generate-number"
FREE, TAKEN = reply({"succeed": True}), reply({"succeed": False})
LOST: dict[str, httpx.Response | Exception] = {
    "timeout": httpx.ReadTimeout("late"),
    "reset": httpx.ReadError("reset"),
    "half an answer": httpx.RemoteProtocolError("cut"),
    "500": reply({"message": "broken"}, 500),
    "503": httpx.Response(503, text="<html>down</html>"),
    "unreadable": httpx.Response(200, text="{"),
    "HTML": httpx.Response(200, text="<html><body>Welcome</body></html>"),
    "error in a 200": reply({"errors": [{"message": "no"}]}),
    "nothing": httpx.Response(200),
}
AGAIN = ("The same call can safely be repeated.", True)
READ_FIRST = ("Read the customer with get_customer, also some minutes later, before you go on.", False)
"""What to do about an unknown outcome of an update or a deletion, and whether it is retryable."""
LATER = (
    "In some minutes call create_customer again: its duplicate check finds the customer if it was created."
)
LOOK_FIRST = "Before creating again, look for it with list_customers, also some minutes later."
"""What to do about an unknown outcome of a creation."""
REFUSALS = {
    400: ("invalid_input", "The API refuses the input: name is taken"),
    401: ("unauthorized", "The API does not accept the key."),
    403: ("forbidden", "The API key may not do this: name is taken"),
    404: ("upstream_error", "The API answered 404: name is taken"),
    409: ("conflict", "The API refuses this: name is taken"),
    422: ("invalid_input", "The API refuses the input: name is taken"),
    429: ("rate_limited", "The API takes no more requests for now."),
}


class Routes(Script):
    """Answers each route (method and path) with the next of its own replies, a read with its last again."""

    def __init__(self, replies: Mapping[str, Sequence[Reply]]) -> None:
        super().__init__()
        self._routes = {route: list(answers) for route, answers in replies.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answers = self._routes.get(call_of(request).partition("?")[0], [])
        again = request.method == "GET" and len(answers) == 1
        answer = Script(copy(answers[0] if again else answers.pop(0))) if answers else Script()
        return await answer.handle_async_request(request)


class Hanging(Script):
    """Gives its one reply, and to any further request none."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.requests:
            await anyio.sleep_forever()
        return await super().handle_async_request(request)


@asynccontextmanager
async def over(
    *replies: Reply, script: httpx.AsyncBaseTransport | None = None, **given: object
) -> AsyncGenerator[Writer]:
    """A writer with the settings given."""
    ours = settings(**given)
    async with FaktooraClient(ours, script or Script(*map(copy, replies))) as client:
        yield Writer(client, ours)


@asynccontextmanager
async def briefly(*replies: Reply, script: Script | None = None, **given: object) -> AsyncGenerator[Writer]:
    """A writer whose time is up before it could try again."""
    async with over(*replies, script=script, timeout_s=FIRST_PAUSE_S, **given) as writer:
        yield writer


def record_with(**more: JsonValue) -> dict[str, JsonValue]:
    return {**RECORD, **more}


def new(**more: JsonValue) -> NewCustomer:
    return NewCustomer.model_validate({**ACME, **more})


def fresh(**more: JsonValue) -> dict[str, JsonValue]:
    """A record that is newer than RECORD."""
    return record_with(**{"id": "cust_new", "createdAt": "2026-02-03T04:05:06.000Z"} | more)


def changes(**given: JsonValue) -> CustomerChanges:
    return CustomerChanges.model_validate(given)


def audit_lines(log: Path) -> list[dict[str, JsonValue]]:
    """What the audit log says; every line of it is whole."""
    text = log.read_text("utf-8") if log.exists() else ""
    assert text.endswith("\n") or not text
    return [cast("dict[str, JsonValue]", json.loads(line)) for line in text.splitlines()]


def revision(
    remove: dict[EntryList, tuple[str, ...]] | None = None,
    expect: dict[str, JsonValue] | None = None,
    **given: JsonValue,
) -> Revision:
    return Revision(changes(**given), remove or {}, expect or {})


async def updated(script: Script, wanted: Revision, *, dry_run: bool = False) -> Updated:
    async with over(script=script) as writer:
        return await update.update_customer(writer, ID, wanted, dry_run=dry_run)


def copy(answer: Reply) -> Reply:
    """The same answer again: a response can be read once only."""
    if isinstance(answer, httpx.Response):
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
    return answer


ID = "cust_abc123"
CITY = Revision(changes(city="Hamburg"))
AFTER = record_with(city="Hamburg")
"""A change, and the record after it."""
WHOLE = record_with(customerContacts=[], deliveryAddresses=[])
DONE: dict[str, list[Reply]] = {
    LIST: [page()],
    GET: [reply(WHOLE)],
    POST: [reply(RECORD)],
    PATCH: [reply(AFTER)],
    DELETE: [reply({"succeed": True})],
    IMPORT: [reply([RECORD])],
}
"""The replies of an API that carries out every write once."""
Write = Callable[[Writer], Awaitable[object]]
WRITES: dict[str, Write] = {
    "create_customer": lambda writer: create.create_customer(writer, new()),
    "update_customer": lambda writer: update.update_customer(writer, ID, CITY),
    "delete_customer": lambda writer: delete.delete_customer(writer, ID, "CUST-0042"),
    "import_customers": lambda writer: imports.import_customers(writer, "550e8400"),
}
