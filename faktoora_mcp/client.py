"""The faktoora Customers API as typed calls; `_send` is the only place that talks HTTP."""

import json
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn, Self, TypeVar
from urllib.parse import quote

import anyio
import httpx
from pydantic import JsonValue

from . import __version__, retry
from .errors import (
    Busy,
    Conflict,
    Fault,
    InvalidInput,
    NotFound,
    Timeout,
    Unreachable,
    UpstreamUnreadable,
)
from .models import CustomerChanges, CustomerQuery, NewCustomer, Relation, relation_params
from .records import Customer, CustomerPage, rows_of
from .replies import CHECK_ADDRESS, error_of
from .settings import BODY_BYTES, Settings, SettingsError
from .untrusted import bounded

logger = logging.getLogger(__name__)
Read = TypeVar("Read")
Body = dict[str, JsonValue] | None
LOG_LINE = "%s %s %d, %d bytes, %.0f ms"
AGAIN = "Try again in a moment."
KEPT = "Nothing was deleted. Invoices that use the customer keep it; its user decides what to do."
LOOK_IT_UP = "Look it up with list_customers or get_customer by number."
UPLOAD_IT = "Ask the user for the fileId of a CSV file that was uploaded to faktoora."
UNSENDABLE = "It holds half a character or a number without end, or it is too long for an address."
SURROUNDINGS = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY or SSL_CERT_FILE, SSL_CERT_DIR: cannot be used."
GARBLED = "The API's answer follows no known form."
CHECK_NETWORK = "Try again; if it stays so, ask the operator to check network, proxy and FAKTOORA_BASE_URL."


@dataclass(frozen=True, slots=True)
class _Call:
    """One request to make; `unknown` is what a 404 means where it means a missing record."""

    method: str
    path: str
    params: Sequence[tuple[str, str]] = ()
    body: Body = None
    unknown: NotFound | None = None

    @property
    def url(self) -> str:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in self.params)
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes = b""
    total: str | None = None


@dataclass(slots=True)
class _Fate:
    """What is known of a call: was it ever sent, is it on its way, may it have been carried out before."""

    tried: bool = False
    on_its_way: bool = False
    lost: bool = False


class FaktooraClient:
    """An async client of one faktoora account; use it in `async with`.

    Every method makes one API request and repeats it after passing faults (a POST only if it surely never
    left), all within `settings.timeout_s` seconds, waiting for a free connection included. Besides what its
    docstring names, each raises InvalidInput or Conflict where the API refuses, Unauthorized or Forbidden
    for the key, and a Fault where the API or the way to it fails: a write whose `fault.lost` is true may
    have been carried out. The key appears in no error. Raises SettingsError for proxies or certificates
    that cannot be used.
    """

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._timeout_s = settings.timeout_s
        self._key = settings.api_key.get_secret_value() if settings.api_key else "sandbox"
        self._slots = anyio.Semaphore(settings.max_connections)
        self._http = _http_client(settings, self._key, transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def list_customers(self, query: CustomerQuery) -> CustomerPage:
        """GET /customers: one page of records, with `next_page` where another follows."""
        answer = await self._send(_Call("GET", "/customers", query.params()))
        return _read(answer, lambda body: CustomerPage.read(body, query, answer.total))

    async def get_customer(self, customer_id: str, relations: tuple[Relation, ...] = ()) -> Customer:
        """GET /customer/{id}: the record, with the relations asked for. NotFound when there is none."""
        call = _customer("GET", customer_id, params=relation_params(relations))
        return _read(await self._send(call), Customer.read)

    async def create_customer(self, customer: NewCustomer) -> Customer:
        """POST /customer: the created record. It is not looked for before: that is the caller's part."""
        return _read(await self._send(_Call("POST", "/customer", body=customer.body())), Customer.read)

    async def update_customer(self, customer_id: str, changes: CustomerChanges) -> Customer | None:
        """PATCH /customer/{id}: the record afterwards, None where the API shows none. NotFound as above."""
        call = _customer("PATCH", customer_id, body=changes.body())
        answer = await self._send(call)
        return _read(answer, _record_or_success) if answer.body.strip() else None

    async def delete_customer(self, customer_id: str) -> None:
        """DELETE /customer/{id}. NotFound when there is none, Conflict when the API keeps it."""
        call = _customer("DELETE", customer_id)
        try:
            answer = await self._send(call)
        except InvalidInput as refusal:
            raise Conflict(refusal.message, advice=KEPT) from None
        if answer.body.strip() and not _read(answer, _succeed):
            raise Conflict("The API did not delete the customer.", advice=KEPT)

    async def generate_customer_number(self) -> str:
        """GET /customers/generate-number: the next free number, which is not reserved."""
        return _read(await self._send(_Call("GET", "/customers/generate-number")), _number)

    async def verify_customer_number(self, number: str) -> bool:
        """GET /customer/verify-customer-number: True when no customer has the number."""
        call = _Call("GET", "/customer/verify-customer-number", [("value", number)])
        return _read(await self._send(call), _succeed)

    async def import_customers(self, file_id: str) -> list[Customer]:
        """POST /customers/import: the created records. NotFound when no uploaded file has this id."""
        unknown = NotFound(f"No uploaded file has the id {bounded(file_id, 100)}.", advice=UPLOAD_IT)
        call = _Call("POST", "/customers/import", body={"fileId": file_id}, unknown=unknown)
        return _read(await self._send(call), _records)

    async def _send(self, call: _Call) -> _Answer:
        fate = _Fate()
        try:
            with anyio.fail_after(self._timeout_s):
                return await self._attempts(call, fate)
        except TimeoutError:
            self._out_of_time(fate)

    def _out_of_time(self, fate: _Fate) -> NoReturn:
        if fate.tried:
            lost = fate.on_its_way or fate.lost
            raise Timeout(f"The API gave no answer within {self._timeout_s:g} s.", advice=AGAIN, sent=lost)
        message = f"No connection was free within {self._timeout_s:g} s; nothing was sent."
        raise Busy(message, advice=AGAIN, sent=False)

    async def _attempts(self, call: _Call, fate: _Fate) -> _Answer:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._exchange(call, fate)
            except Fault as fault:
                fault.lost = fate.lost = fate.lost or fault.lost
                fate.on_its_way = False
                logger.warning("%s %s failed: %s", call.method, call.path, fault.code)
                pause = retry.pause_s(call.method, fault, attempt)
                if pause is None or anyio.current_time() + pause >= anyio.current_effective_deadline():
                    raise
                await anyio.sleep(pause)
            except NotFound:
                if call.method == "DELETE" and fate.lost:
                    return _Answer()
                raise

    async def _exchange(self, call: _Call, fate: _Fate) -> _Answer:
        async with self._slots:
            request, started = self._request(call), anyio.current_time()
            fate.tried = fate.on_its_way = True
            response, body = await self._answered(request)
        took_ms = (anyio.current_time() - started) * 1000
        logger.info(LOG_LINE, call.method, call.path, response.status_code, len(body), took_ms)
        return self._judged(call, response, body)

    def _request(self, call: _Call) -> httpx.Request:
        """Connecting (TCP, then TLS) ends before the deadline does: so it is known what never left."""
        left_s = max(0.0, anyio.current_effective_deadline() - anyio.current_time())
        timeout = httpx.Timeout(self._timeout_s, connect=left_s / 3)
        try:
            return self._http.build_request(call.method, call.url, json=call.body, timeout=timeout)
        except (ValueError, httpx.InvalidURL):
            raise InvalidInput(UNSENDABLE, advice="Correct it and call again.") from None

    async def _answered(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        try:
            async with aclosing(await self._http.send(request, stream=True)) as response:
                return response, await _bounded_body(response)
        except httpx.DecodingError:
            raise UpstreamUnreadable(GARBLED, advice=AGAIN) from None
        except httpx.TransportError as exc:
            raise _unreachable(exc) from None

    def _judged(self, call: _Call, response: httpx.Response, body: bytes) -> _Answer:
        if response.is_success:
            return _Answer(body, response.headers.get("X-Total-Count"))
        wait_s = retry.retry_after_s(response.headers.get("Retry-After"))
        raise error_of(response.status_code, body, key=self._key, unknown=call.unknown, retry_after_s=wait_s)


def _http_client(
    settings: Settings, key: str, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    agent = f"faktoora-mcp/{__version__}"
    headers = {"X-API-KEY": key, "Accept": "application/json", "User-Agent": agent}
    limits = httpx.Limits(max_connections=settings.max_connections)
    try:
        return httpx.AsyncClient(
            base_url=settings.base_url, headers=headers, limits=limits, transport=transport
        )
    except (OSError, ValueError, ImportError, httpx.InvalidURL):
        raise SettingsError(SURROUNDINGS) from None


def _customer(
    method: str, customer_id: str, params: Sequence[tuple[str, str]] = (), body: Body = None
) -> _Call:
    plain = customer_id.isprintable() and re.fullmatch(r"[^/\\]{1,200}", customer_id)
    if customer_id in (".", "..") or not plain:
        raise InvalidInput(
            "This is no id of a customer.",
            fields={"id": "must be the `id` of a record, without slashes or control characters"},
            advice="Take the id from list_customers.",
        )
    path = f"/customer/{quote(customer_id, safe='')}"
    unknown = NotFound(f"No customer has the id {bounded(customer_id, 100)}.", advice=LOOK_IT_UP)
    return _Call(method, path, params, body, unknown)


async def _bounded_body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if max(len(body), response.num_bytes_downloaded) > BODY_BYTES:
            raise UpstreamUnreadable(
                f"The API's answer is larger than {BODY_BYTES // 10**6} MB.",
                advice="Ask for less.",
                retryable=False,
            )
    return bytes(body)


def _unreachable(exc: httpx.TransportError) -> Fault:
    if retry.never_left(exc):
        return Unreachable("No connection to the API.", advice=CHECK_NETWORK, sent=False)
    if isinstance(exc, httpx.TimeoutException):
        return Timeout("The API gave no answer in time.", advice=AGAIN)
    return Unreachable("The connection to the API broke before its answer was complete.", advice=AGAIN)


def _read(answer: _Answer, parse: Callable[[JsonValue], Read]) -> Read:
    try:
        return parse(json.loads(answer.body))
    except (ValueError, RecursionError):
        raise UpstreamUnreadable(GARBLED, advice=CHECK_ADDRESS, retryable=False) from None


def _record_or_success(body: JsonValue) -> Customer | None:
    return None if body == {"succeed": True} else Customer.read(body)


def _records(body: JsonValue) -> list[Customer]:
    return [Customer.read(row) for row in rows_of(body)]


def _succeed(body: JsonValue) -> bool:
    match body:
        case {"succeed": bool(succeed)}:
            return succeed
        case _:
            raise ValueError("no succeed")


def _number(body: JsonValue) -> str:
    match body:
        case {"value": str(number)} if number.strip():
            return number
        case _:
            raise ValueError("no value")
