"""An API whose every value is a sentinel: a text that occurs nowhere else, and tells the field it is of."""

import json
import re

import anyio
import httpx
from pydantic import JsonValue

from faktoora_mcp.api.models import API_OWNED, WRITABLE
from faktoora_mcp.rules.validation import ENTRY_FIELDS
from tests.scripted import BASE_PATH, page, reply

Record = dict[str, JsonValue]
SENTINEL = re.compile("q([a-z0]+)([1-9])9z", re.IGNORECASE)
"""`Qemail19Z` is the e-mail of customer 1, `QcustomerContacts0email19Z` that of its contact."""
RELATED = ("user", "importedFile", "invoiceTemplate", "legalform")
LISTED = {*ENTRY_FIELDS, "extras"}
"""What the record of customer 3 lacks, so that it is read from the list by the customer's number."""
UNREADABLE = "unreadable"


def sentinel(place: int, *path: str) -> str:
    value = f"Q{'0'.join(path)}{place}9Z"
    return f"{value}@firma.example" if path[-1] == "email" else value


def customer(place: int, **given: JsonValue) -> Record:
    """A customer all of whose fields are filled."""
    filled: Record = {name: sentinel(place, name) for name in (*WRITABLE, *API_OWNED)}
    related: Record = {name: {"id": sentinel(place, name)} for name in RELATED}
    related["user"] = {"id": "9", "email": sentinel(place, "user", "email")}
    lists: Record = {name: [_entry(place, name)] for name in ENTRY_FIELDS}
    extras: JsonValue = {
        "columns": [sentinel(place, "extras")],
        "rows": [1],
        "note": sentinel(place, "extras"),
    }
    return {**filled, **related, **lists, "isCompany": True, "extras": extras, "id": f"id{place}"} | given


def _entry(place: int, owner: str) -> JsonValue:
    named: Record = {name: sentinel(place, owner, name) for name in ENTRY_FIELDS[owner]}
    return {**named, "id": "7" if place == 1 else None}


def hidden_in(text: str, hidden: frozenset[str]) -> set[str]:
    """The sentinels of hidden fields that occur in a text."""
    names = {name.casefold() for name in hidden}
    found = (hit[0].casefold() for hit in SENTINEL.finditer(text))
    return {each for each in found if not names.isdisjoint(each[1:-3].split("0"))}


def shown_in(text: str, hidden: frozenset[str]) -> set[str]:
    """The sentinels of other fields; where names are hidden, no part of one needs to be shown."""
    if "name" in hidden:
        hidden |= {"firstName", "lastName"}
    return {hit[0].casefold() for hit in SENTINEL.finditer(text)} - hidden_in(text, hidden)


class SentinelApi(httpx.AsyncBaseTransport):
    """Three customers: two firms that are alike, and a person. It refuses what mentions `UNREADABLE`."""

    def __init__(self) -> None:
        firm, twin = customer(1), customer(2)
        alike: Record = {name: firm[name] for name in ("name", "email", "vatId", "postcode")}
        person = customer(3, isCompany=False, name=None, postcode="D-1", country="AT", vatId="DE136695976")
        self.records: dict[str, Record] = {str(each["id"]): each for each in (firm, twin | alike, person)}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: C901, PLR0911 (a route each)
        await anyio.lowlevel.checkpoint()
        body: Record = json.loads(await request.aread() or b"{}")
        path = request.url.path.removeprefix(BASE_PATH)
        if UNREADABLE in str(body) + request.url.query.decode():
            return reply({"message": f"refused: {json.dumps(self.records)[:250]}"}, 400)
        match request.method, path.split("/")[1:]:
            case "GET", ["customers"]:
                return page(*self.records.values(), per_page=100)
            case "GET", ["customers", "generate-number"]:
                return reply({"value": "K-1"})
            case "GET", ["customer", "verify-customer-number"]:
                numbers = [record["customerId"] for record in self.records.values()]
                return reply({"succeed": request.url.params["value"] not in numbers})
            case "POST", ["customer"]:
                return reply(customer(4) | body)
            case "POST", ["customers", "import"]:
                return reply([customer(5), customer(6, country="DE", postcode="1", email="a@b")])
            case "PATCH", [_, customer_id]:
                return reply(self.records[customer_id] | _touched(body))
            case "DELETE", _:
                return reply({"succeed": True})
            case _, [_, "id3"]:
                return reply(
                    {name: self.records["id3"][name] for name in self.records["id3"].keys() - LISTED}
                )
            case _, [_, customer_id] if customer_id in self.records:
                return reply(self.records[customer_id])
            case _:
                return reply({"message": "unknown"}, 404)


def _touched(body: Record) -> Record:
    """What is sent, with another position of the first contact."""
    match body.get("customerContacts"):
        case [dict(first), *others]:
            return {**body, "customerContacts": [{**first, "position": "new"}, *others]}
        case _:
            return body
