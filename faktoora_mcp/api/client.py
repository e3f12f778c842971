"""The faktoora Customers API as typed calls; `_send` is the only place that talks HTTP."""

import logging
from contextlib import aclosing
from copy import copy
from types import TracebackType
from typing import NoReturn, Self

import anyio
import httpx

from faktoora_mcp import __version__
from faktoora_mcp.errors import (
    Busy,
    Conflict,
    Fault,
    InvalidInput,
    NotFound,
    Timeout,
    Unreachable,
    UpstreamUnreadable,
)
from faktoora_mcp.settings import BODY_BYTES, Settings, SettingsError
from faktoora_mcp.text import bounded

from . import retry
from .error_mapping import error_of
from .models import CustomerChanges, CustomerQuery, NewCustomer, Relation, relation_params
from .records import Customer, CustomerPage
from .request import (
    GARBLED,
    Answer,
    Call,
    Fate,
    Watch,
    number,
    read,
    record_of,
    record_or_success,
    records,
    refuses,
    succeed,
    to_customer,
)

logger = logging.getLogger(__name__)
LOG_LINE = "%s %s %d, %d bytes, %.0f ms"
AGAIN = "Try again in a moment."
LOOK_FIRST = "Read the customer before you go on."
KEPT = "Nothing was deleted. Invoices that use the customer keep it; its user decides what to do."
UPLOAD_IT = "Ask the user for the fileId of a CSV file that was uploaded to faktoora."
UPLOAD_ANEW = (
    "Tell the user what to correct: the file has to be uploaded anew, under another fileId. Numbers that are "
    "taken may mean that it was imported before; look with list_customers."
)
UNSENDABLE = "It holds half a character or a number without end, or it is too long for an address."
SURROUNDINGS = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY or SSL_CERT_FILE, SSL_CERT_DIR: cannot be used."
CHECK_NETWORK = "Try again; if it stays so, ask the operator to check network, proxy and FAKTOORA_BASE_URL."


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
        self._base_url, self._timeout_s = settings.base_url, settings.timeout_s
        self._key = settings.api_key.get_secret_value() if settings.api_key else "sandbox"
        self._slots = anyio.Semaphore(settings.max_connections, fast_acquire=True)
        self._http = _http_client(settings, self._key, transport)
        self._watch: Watch | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def watched(self, watch: Watch) -> Self:
        """The same client for the requests of one call, which tells the watch of each."""
        client = copy(self)
        client._watch = watch  # noqa: SLF001 (an attribute of its own class)
        return client

    async def list_customers(self, query: CustomerQuery) -> CustomerPage:
        """GET /customers: one page of records, with `next_page` where another follows."""
        answer = await self._send(Call("GET", "/customers", query.params()))
        return read(answer, lambda body: CustomerPage.read(body, query, answer.total))

    async def get_customer(self, customer_id: str, relations: tuple[Relation, ...] = ()) -> Customer:
        """GET /customer/{id}: the record, with the relations asked for. NotFound when there is none."""
        call = to_customer("GET", customer_id, params=relation_params(relations))
        return read(await self._send(call), lambda body: record_of(customer_id, body))

    async def create_customer(self, customer: NewCustomer) -> Customer:
        """POST /customer: the created record. It is not looked for before: that is the caller's part."""
        return read(await self._send(Call("POST", "/customer", body=customer.body())), Customer.read)

    async def update_customer(self, customer_id: str, changes: CustomerChanges) -> Customer | None:
        """PATCH /customer/{id}: the record afterwards, None where the API shows none. NotFound as above."""
        call = to_customer("PATCH", customer_id, body=changes.body())
        answer = await self._send(call)
        if answer.body.strip() and read(answer, refuses):
            raise Conflict("The API did not change the customer.", advice=LOOK_FIRST)
        return read(answer, record_or_success) if answer.body.strip() else None

    async def delete_customer(self, customer_id: str) -> None:
        """DELETE /customer/{id}. NotFound when there is none, Conflict when the API keeps it."""
        call = to_customer("DELETE", customer_id)
        try:
            answer = await self._send(call)
        except InvalidInput as refusal:
            raise Conflict(refusal.message, advice=KEPT) from None
        if answer.body.strip() and not read(answer, succeed):
            raise Conflict("The API did not delete the customer.", advice=KEPT)

    async def generate_customer_number(self) -> str:
        """GET /customers/generate-number: the next free number, which is not reserved."""
        return read(await self._send(Call("GET", "/customers/generate-number")), number)

    async def verify_customer_number(self, number: str) -> bool:
        """GET /customer/verify-customer-number: True when no customer has the number."""
        call = Call("GET", "/customer/verify-customer-number", [("value", number)])
        return read(await self._send(call), succeed)

    async def import_customers(self, file_id: str) -> list[Customer]:
        """POST /customers/import: the created records. NotFound when no uploaded file has this id."""
        unknown = NotFound(f"No uploaded file has the id {bounded(file_id, 100)}.", advice=UPLOAD_IT)
        call = Call("POST", "/customers/import", body={"fileId": file_id}, unknown=unknown)
        try:
            return read(await self._send(call), records)
        except InvalidInput as refusal:
            raise InvalidInput(refusal.message, advice=UPLOAD_ANEW) from None

    async def _send(self, call: Call) -> Answer:
        fate = Fate()
        try:
            with anyio.fail_after(self._timeout_s):
                return await self._attempts(call, fate)
        except TimeoutError:
            self._out_of_time(fate)

    def _out_of_time(self, fate: Fate) -> NoReturn:
        if fate.tried:
            lost = fate.on_its_way or fate.lost
            raise Timeout(f"The API gave no answer within {self._timeout_s:g} s.", advice=AGAIN, sent=lost)
        message = f"No connection was free within {self._timeout_s:g} s; nothing was sent."
        raise Busy(message, advice=AGAIN, sent=False)

    async def _attempts(self, call: Call, fate: Fate) -> Answer:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._exchange(call, fate)
            except Fault as fault:
                fault.lost = fate.lost = fate.lost or fault.lost
                fate.on_its_way = False
                if self._watch and not fault.sent:
                    self._watch.never_left(call.method)
                logger.warning("%s %s failed: %s", call.method, call.path, fault.code)
                pause = retry.pause_s(call.method, fault, attempt)
                if pause is None or anyio.current_time() + pause >= anyio.current_effective_deadline():
                    raise
                await anyio.sleep(pause)
            except NotFound:
                if call.method == "DELETE" and fate.lost:
                    return Answer()
                raise

    async def _exchange(self, call: Call, fate: Fate) -> Answer:
        async with self._slots:
            request, started = self._request(call), anyio.current_time()
            await self._hand_over(call)
            fate.tried = fate.on_its_way = True
            response, body = await self._answered(request)
        took_ms = (anyio.current_time() - started) * 1000
        logger.info(LOG_LINE, call.method, call.path, response.status_code, len(body), took_ms)
        return self._judged(call, response, body)

    async def _hand_over(self, call: Call) -> None:
        """The last moment at which a cancellation stops a request that nobody has seen."""
        await anyio.lowlevel.checkpoint_if_cancelled()
        if self._watch:
            self._watch.handed_over(call.method)

    def _request(self, call: Call) -> httpx.Request:
        """Connecting (TCP, then TLS) ends before the deadline does: so it is known what never left."""
        left_s = max(0.0, anyio.current_effective_deadline() - anyio.current_time())
        timeout = httpx.Timeout(self._timeout_s, connect=left_s / 3)
        told = {"timeout": timeout.as_dict()}
        try:
            url, headers = self._base_url + call.url, self._http.headers
            return httpx.Request(call.method, url, headers=headers, json=call.body, extensions=told)
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

    def _judged(self, call: Call, response: httpx.Response, body: bytes) -> Answer:
        if response.is_success:
            return Answer(body, response.headers.get("X-Total-Count"))
        wait_s = retry.retry_after_s(response.headers.get("Retry-After"))
        raise error_of(response.status_code, body, key=self._key, unknown=call.unknown, retry_after_s=wait_s)


def _http_client(
    settings: Settings, key: str, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    agent = f"faktoora-mcp/{__version__}"
    headers = {"X-API-KEY": key, "Accept": "application/json", "User-Agent": agent}
    limits = httpx.Limits(max_connections=settings.max_connections)
    try:
        return httpx.AsyncClient(headers=headers, limits=limits, transport=transport)
    except (OSError, ValueError, ImportError, httpx.InvalidURL):
        raise SettingsError(SURROUNDINGS) from None


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
