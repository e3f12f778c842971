"""The faktoora Customers API as typed calls, one method for each operation."""

from types import TracebackType
from typing import Self

import httpx

from faktoora_mcp.errors import Conflict, FaktooraError, InvalidInput, NotFound, ReadOnly
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded

from .api_keys import ApiKeys
from .connection import reached
from .dialect import Dialect
from .exchange import Exchange, RequestObserver, refused_repetition
from .models import CustomerChanges, CustomerQuery, NewCustomer, Relation, relation_params
from .pool import Credentials, Pool
from .records import Customer, CustomerPage
from .request import (
    Answer,
    Call,
    OnSent,
    Upload,
    file_id,
    number,
    read,
    record_of,
    record_or_success,
    records,
    refuses,
    succeed,
    to_customer,
)

LOOK_FIRST = "Read the customer before you go on."
KEPT = "Nothing was deleted. Invoices that use the customer keep it; its user decides what to do."
UPLOAD_IT = "Ask the user for the fileId of a CSV file that was uploaded to faktoora."
UPLOAD_ANEW = (
    "Tell the user what to correct: the file has to be uploaded anew, under another fileId. Numbers that are "
    "taken may mean that it was imported before; look with list_customers."
)

NO_UPLOAD = "This API takes no uploads."
UPLOAD_BY_HAND = "Upload the CSV file in faktoora, which shows its fileId."
CORRECT_FILE = "Correct the file, or split it, and upload it again."
READING_ONLY = "Unset FAKTOORA_READ_ONLY to change anything."
NO_KEYS = "This API does not list API keys."
LOOK_IN_FAKTOORA = "Look under API Access in the profile menu of faktoora."


class FaktooraClient:
    """An async client of one faktoora account, or of the embedded sandbox; use it in `async with`.

    Every method makes one API request and repeats it after passing faults (a creation or an import only if
    it surely never left), all within `settings.timeout_s` seconds, waiting for a free connection included.
    Besides what its docstring names, each raises InvalidInput or Conflict where the API refuses,
    Unauthorized or Forbidden for the key, and a Fault where the API or the way to it fails: a write whose
    `fault.lost` is true may have been carried out. The key appears in no error. Raises SettingsError for
    proxies or certificates that cannot be used, ReadOnly for a change where the settings only allow reading.
    """

    def __init__(
        self,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        exchange: Exchange | None = None,
        observer: RequestObserver | None = None,
    ) -> None:
        if exchange is None:
            settings, transport = reached(settings, transport)
        self._settings = settings
        self._exchange = exchange or Exchange(settings, Pool(settings, transport), Credentials.of(settings))
        self._observer = observer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exchange.aclose()

    @property
    def account(self) -> str:
        """What identifies the account of this client; it does not reveal the key."""
        return self._exchange.account

    @property
    def key(self) -> str:
        """The key with which it asks, which nothing may show."""
        return self._exchange.key

    @property
    def dialect(self) -> Dialect:
        """What the API of this client has shown of itself."""
        return self._exchange.dialect

    def observed_by(self, observer: RequestObserver) -> "FaktooraClient":
        """A client over the same connections that reports its requests to the observer."""
        return FaktooraClient(self._settings, exchange=self._exchange, observer=observer)

    def in_name_of(self, credentials: Credentials, caller: str = "") -> "FaktooraClient":
        """A client over the same connections with another key, which is kept nowhere else."""
        return FaktooraClient(self._settings, exchange=self._exchange.in_name_of(credentials, caller))

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
            raise _refused(answer, Conflict("The API did not change the customer.", advice=LOOK_FIRST))
        return read(answer, record_or_success) if answer.body.strip() else None

    async def delete_customer(self, customer_id: str) -> None:
        """DELETE /customer/{id}. NotFound when there is none, Conflict when the API keeps it."""
        call = to_customer("DELETE", customer_id)
        try:
            answer = await self._send(call)
        except InvalidInput as refusal:
            raise Conflict(refusal.told, advice=KEPT, said=refusal.said) from None
        if answer.body.strip() and not read(answer, succeed):
            raise _refused(answer, Conflict("The API did not delete the customer.", advice=KEPT))

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
            raise InvalidInput(refusal.told, advice=UPLOAD_ANEW, said=refusal.said) from None

    async def upload_customers_file(self, name: str, content: bytes, on_sent: OnSent | None = None) -> str:
        """POST /customers/import/upload: the fileId that `import_customers` takes.

        It is retried like a read: a second copy of the file does no harm. `on_sent` is called with the
        bytes sent and the size. NotFound where the API has no such route.
        """
        missing = NotFound(NO_UPLOAD, advice=UPLOAD_BY_HAND)
        upload = Upload(name, content, on_sent)
        call = Call("POST", "/customers/import/upload", no_route=missing, upload=upload)
        try:
            return read(await self._send(call), file_id)
        except InvalidInput as refusal:
            raise InvalidInput(refusal.told, advice=CORRECT_FILE, said=refusal.said) from None

    async def list_api_keys(self) -> ApiKeys:
        """GET /apikeys: the keys of the account. NotFound where the API has no such route."""
        call = Call("GET", "/apikeys", no_route=NotFound(NO_KEYS, advice=LOOK_IN_FAKTOORA))
        answer = await self._send(call)
        return read(answer, lambda body: ApiKeys.read(body, answer.total))

    async def _send(self, call: Call) -> Answer:
        if self._settings.read_only and call.method != "GET":
            raise ReadOnly("Nothing was sent: only reading is allowed here.", advice=READING_ONLY)
        return await self._exchange.send(call, self._observer)


def _refused(answer: Answer, refusal: Conflict) -> FaktooraError:
    return refused_repetition(refusal) if answer.repeated else refusal
