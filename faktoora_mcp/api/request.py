"""What is asked of the API, and how the bodies of its answers are read."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from pydantic import JsonValue
from pydantic_core import from_json

from faktoora_mcp.errors import InvalidInput, NotFound, UpstreamUnreadable
from faktoora_mcp.text import bounded

from .error_mapping import CHECK_ADDRESS
from .records import Customer, rows_of

Read = TypeVar("Read")
Body = dict[str, JsonValue] | None
OnSent = Callable[[int, int], None]
GARBLED = "The API's answer follows no known form."
LOOK_IT_UP = "Ask the user for name or number, then look it up with list_customers or get_customer by number."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for the part `file` of a form; `on_sent` is called with the bytes sent so far and in all."""

    name: str
    content: bytes
    on_sent: OnSent | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request to make, with a JSON body or an upload.

    `unknown` is what a 404 means where it means a missing record, `no_route` what 404 and 405 mean where
    the API may lack the route.
    """

    method: str
    path: str
    params: Sequence[tuple[str, str]] = ()
    body: Body = None
    unknown: NotFound | None = None
    no_route: NotFound | None = None
    upload: Upload | None = None
    template: str | None = None
    """The path with {id} for an id."""

    @property
    def route(self) -> str:
        """What the request is counted under: it names no record."""
        return self.template or self.path

    @property
    def harmless(self) -> bool:
        """It changes no customer: an uploaded file does nothing until it is imported."""
        return self.method == "GET" or self.upload is not None

    @property
    def repeatable(self) -> bool:
        """It may be sent again although an earlier attempt may have been carried out."""
        return self.harmless or self.method in ("PATCH", "DELETE")

    @property
    def url(self) -> str:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in self.params)
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True, slots=True)
class Answer:
    """`repeated`: an earlier attempt may have been carried out, so that a refusal in it is not final."""

    body: bytes = b""
    total: str | None = None
    repeated: bool = False


def to_customer(
    method: str, customer_id: str, params: Sequence[tuple[str, str]] = (), body: Body = None
) -> Call:
    plain = customer_id.isprintable() and re.fullmatch(r"[^/\\]{1,200}", customer_id)
    if customer_id in (".", "..") or not plain:
        raise InvalidInput(
            "This is no id of a customer.",
            fields={"id": "must be the `id` of a record, without slashes or control characters"},
            advice="Take the id from list_customers.",
        )
    path = f"/customer/{quote(customer_id, safe='')}"
    unknown = NotFound(f"No customer has the id {bounded(customer_id, 100)}.", advice=LOOK_IT_UP)
    return Call(method, path, params, body, unknown, template="/customer/{id}")


def read(answer: Answer, parse: Callable[[JsonValue], Read]) -> Read:
    try:
        return parse(_json(answer.body))
    except (ValueError, RecursionError):
        raise UpstreamUnreadable(GARBLED, advice=CHECK_ADDRESS, settled=True, retryable=False) from None


def _json(body: bytes) -> JsonValue:
    """The fast parser refuses unpaired surrogates and encodings other than UTF-8; the slow one reads them."""
    try:
        return from_json(body)
    except ValueError:
        return json.loads(body)


def record_of(customer_id: str, body: JsonValue) -> Customer:
    """The record, if it is that of the customer who was asked for."""
    customer = Customer.read(body)
    if customer.id.casefold() != customer_id.casefold():
        raise ValueError("a record of another customer")
    return customer


def refuses(body: JsonValue) -> bool:
    return body == {"succeed": False}


def record_or_success(body: JsonValue) -> Customer | None:
    return None if body == {"succeed": True} else Customer.read(body)


def records(body: JsonValue) -> list[Customer]:
    return [Customer.read(row) for row in rows_of(body)]


def succeed(body: JsonValue) -> bool:
    match body:
        case {"succeed": bool(succeed)}:
            return succeed
        case _:
            raise ValueError("no succeed")


def file_id(body: JsonValue) -> str:
    match body:
        case {"id": str(found)} | {"fileId": str(found)} if found.strip():
            return found
        case _:
            raise ValueError("no id of a file")


def number(body: JsonValue) -> str:
    match body:
        case {"value": str(number)} if number.strip():
            return number
        case _:
            raise ValueError("no value")
