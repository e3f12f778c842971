"""The client over a scripted API: what it sends, what it reads, what it does about faults."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import anyio
import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp import __version__
from faktoora_mcp.api.api_keys import ApiKey, ApiKeys
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerChanges, CustomerQuery, NewCustomer
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.errors import (
    Busy,
    Conflict,
    FaktooraError,
    Fault,
    InvalidInput,
    NotFound,
    RateLimited,
    Timeout,
    Unreachable,
    UpstreamError,
    UpstreamUnreadable,
)
from tests.scripted import ACME, KEY, RECORD, Reply, Script, page, reply, settings

pytestmark = pytest.mark.anyio

Coming = Coroutine[object, object, object]
Do = Callable[[FaktooraClient], Coming]
FILE_ID = "550e8400-e29b-41d4-a716-446655440000"
CUSTOMER = Customer(RECORD)
NEW = NewCustomer.model_validate(ACME)
MOVE = CustomerChanges.model_validate({"city": "Köln", "note": None})
SEARCH = CustomerQuery(keywords=("Acme",), page=1, per_page=20, sort="name", order="asc")


@dataclass(frozen=True)
class Operation:
    """A call, the request that the specification shows for it, and what comes of which answer."""

    do: Do
    request: str
    answer: object
    result: object
    body: object = None

    @property
    def method(self) -> str:
        return self.request.split()[0]


OPERATIONS = {
    "list_customers": Operation(
        lambda api: api.list_customers(SEARCH),
        "GET /customers?keywords[]=Acme&page=1&perPage=20&sort=name&order=asc",
        {"data": [RECORD], "meta": {"page": 1, "perPage": 20, "totalItems": 1, "totalPages": 1}},
        CustomerPage((CUSTOMER,), 1, 20, 1),
    ),
    "get_customer": Operation(
        lambda api: api.get_customer("cust_abc123"), "GET /customer/cust_abc123", RECORD, CUSTOMER
    ),
    "create_customer": Operation(
        lambda api: api.create_customer(NEW), "POST /customer", RECORD, CUSTOMER, ACME
    ),
    "update_customer": Operation(
        lambda api: api.update_customer("cust_abc123", MOVE),
        "PATCH /customer/cust_abc123",
        RECORD,
        CUSTOMER,
        {"city": "Köln", "note": None},
    ),
    "delete_customer": Operation(
        lambda api: api.delete_customer("cust_abc123"),
        "DELETE /customer/cust_abc123",
        {"succeed": True},
        None,
    ),
    "generate_customer_number": Operation(
        lambda api: api.generate_customer_number(),
        "GET /customers/generate-number",
        {"value": "003"},
        "003",
    ),
    "verify_customer_number": Operation(
        lambda api: api.verify_customer_number("CUST-0042"),
        "GET /customer/verify-customer-number?value=CUST-0042",
        {"succeed": True},
        result=True,
    ),
    "import_customers": Operation(
        lambda api: api.import_customers(FILE_ID),
        "POST /customers/import",
        [RECORD],
        [CUSTOMER],
        {"fileId": FILE_ID},
    ),
    "list_api_keys": Operation(
        lambda api: api.list_api_keys(),
        "GET /apikeys",
        {"data": [{"name": "ERP", "status": "active"}], "meta": {"totalItems": 1}},
        ApiKeys((ApiKey("ERP", "active", None),), complete=True),
    ),
}
LIST, GET, CREATE, UPDATE, DELETE = (OPERATIONS[name] for name in [*OPERATIONS][:5])
IMPORT = OPERATIONS["import_customers"]
REPEATABLE = [operation for operation in OPERATIONS.values() if operation.method != "POST"]
READING = [operation for operation in OPERATIONS.values() if operation.method == "GET"]
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
SENT_FAULTS = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError, httpx.CloseError)
UNSENT_FAULTS = (httpx.ConnectError, httpx.ConnectTimeout)


class Hanging(httpx.AsyncBaseTransport):
    """Answers as its script does, and then not until `release`; when `stubborn`, not even if called off."""

    def __init__(self, *replies: Reply, stubborn: bool = False) -> None:
        self._script, self._scripted = Script(*replies), len(replies)
        self._stubborn = stubborn
        self.release = anyio.Event()
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if len(self.requests) <= self._scripted:
            return await self._script.handle_async_request(request)
        with anyio.CancelScope(shield=self._stubborn):
            await self.release.wait()
        return reply(RECORD)


class Counting(httpx.AsyncBaseTransport):
    """Counts how many requests are under way at once."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.now, self.all = self.now + 1, self.all + 1
        self.most = max(self.most, self.now)
        await anyio.sleep(0.01)
        self.now -= 1
        return reply(RECORD)


class Unconnectable(httpx.AsyncBaseTransport):
    """A host that swallows what is sent to it: connecting ends by its time limit alone."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(request.extensions["timeout"]["connect"])
        raise httpx.ConnectTimeout("")


async def run(operation: Operation, *replies: Reply, **given: object) -> tuple[object, list[str]]:
    """What came of an operation, and the requests it made."""
    script = Script(*replies)
    async with FaktooraClient(settings(**given), script) as api:
        result = await operation.do(api)
    return result, script.calls


async def failed(operation: Operation, *replies: Reply, **given: object) -> tuple[FaktooraError, int]:
    """How an operation failed, and how many requests it made."""
    script = Script(*replies)
    return await failed_over(script, operation, **given), len(script.requests)


async def failed_over(
    transport: httpx.AsyncBaseTransport, operation: Operation, **given: object
) -> FaktooraError:
    async with FaktooraClient(settings(**given), transport) as api:
        with pytest.raises(FaktooraError) as caught:
            await operation.do(api)
    return caught.value


async def fault_of(operation: Operation, *replies: Reply, **given: object) -> tuple[type[Fault], bool, int]:
    """Class and `lost` of the fault that an operation ends with, and how many requests it made."""
    error, requests = await failed(operation, *replies, **given)
    assert isinstance(error, Fault)
    return type(error), error.lost, requests


async def end_of(operation: Operation, api: FaktooraClient, ends: list[FaktooraError]) -> None:
    """Run an operation beside others, and note how it failed if it did."""
    try:
        await operation.do(api)
    except FaktooraError as error:
        ends.append(error)


# What is sent


@every_operation
async def test_an_operation_sends_the_request_of_the_specification(operation: Operation) -> None:
    assert (await run(operation, reply(operation.answer)))[1] == [operation.request]


@every_operation
async def test_an_operation_sends_its_json_and_nothing_else(operation: Operation) -> None:
    script = Script(reply(operation.answer))
    async with FaktooraClient(settings(), script) as api:
        await operation.do(api)
    content = script.requests[0].content
    assert (json.loads(content) if content else None) == operation.body


@every_operation
async def test_an_operation_sends_the_key_in_its_header_alone(operation: Operation) -> None:
    script = Script(reply(operation.answer))
    async with FaktooraClient(settings(), script) as api:
        await operation.do(api)
    request = script.requests[0]
    sized = {"content-length": str(len(request.content)), "content-type": "application/json"}
    assert dict(request.headers) == {
        "host": "api.example.test",
        "accept": "application/json",
        "accept-encoding": request.headers["accept-encoding"],
        "connection": "keep-alive",
        "user-agent": f"faktoora-mcp/{__version__}",
        "x-api-key": KEY,
    } | (sized if operation.body else {})
    assert KEY not in str(request.url)
    assert KEY.encode() not in request.content


async def account_of(**given: object) -> str:
    async with FaktooraClient(settings(**given), Script()) as api:
        return api.account


@every_operation
async def test_the_account_is_named_in_a_header_only_if_it_is_set(operation: Operation) -> None:
    script = Script(reply(operation.answer))
    async with FaktooraClient(settings(account_id="acc-4711"), script) as api:
        await operation.do(api)
    assert script.requests[0].headers["x-account-id"] == "acc-4711"


async def test_an_account_is_told_from_others_by_address_and_id_or_else_the_key() -> None:
    given: list[dict[str, object]] = [
        {},
        {"api_key": "another-key"},
        {"account_id": "acc-1"},
        {"account_id": "acc-2"},
        {"account_id": "acc-2", "base_url": "https://other.example.test"},
    ]
    assert len({await account_of(**one) for one in given}) == len(given)
    assert await account_of(account_id="acc-1") == await account_of(account_id="acc-1", api_key="another-key")


@every_operation
async def test_an_operation_reads_the_answer_of_the_specification(operation: Operation) -> None:
    assert (await run(operation, reply(operation.answer)))[0] == operation.result


@pytest.mark.parametrize("status", [200, 201, 202, 203])
@every_operation
async def test_any_success_is_a_success(operation: Operation, status: int) -> None:
    assert (await run(operation, reply(operation.answer, status)))[0] == operation.result


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (CustomerQuery(), "page=1&perPage=20"),
        (CustomerQuery(keywords=("a", "b")), "keywords[]=a&keywords[]=b&page=1&perPage=20"),
        (CustomerQuery(category="VIP 1"), "page=1&perPage=20&category=VIP%201"),
        (
            CustomerQuery(page=3, per_page=100, relation_fields=("user", "customerContacts")),
            "page=3&perPage=100&relationFields[]=user&relationFields[]=customerContacts",
        ),
    ],
)
async def test_a_query_is_sent_in_the_order_of_the_specification(query: CustomerQuery, sent: str) -> None:
    script = Script(page())
    async with FaktooraClient(settings(), script) as api:
        await api.list_customers(query)
    assert script.calls == [f"GET /customers?{sent}"]


@pytest.mark.parametrize(
    ("keyword", "sent"),
    [
        ("Müller & Söhne", "M%C3%BCller%20%26%20S%C3%B6hne"),
        ("a=b#c?d/e+f%41[]", "a%3Db%23c%3Fd%2Fe%2Bf%2541%5B%5D"),
        ("日本'\"", "%E6%97%A5%E6%9C%AC%27%22"),
        ("a\r\nb", "a%0D%0Ab"),
    ],
)
async def test_values_are_percent_encoded_and_brackets_of_names_are_not(keyword: str, sent: str) -> None:
    script = Script(page())
    async with FaktooraClient(settings(), script) as api:
        await api.list_customers(CustomerQuery(keywords=(keyword,)))
    assert script.calls == [f"GET /customers?keywords[]={sent}&page=1&perPage=20"]


async def test_relations_of_one_customer_are_repeated_in_its_query() -> None:
    script = Script(reply(RECORD | {"id": "1"}))
    async with FaktooraClient(settings(), script) as api:
        await api.get_customer("1", ("legalform", "user"))
    assert script.calls == ["GET /customer/1?relationFields[]=legalform&relationFields[]=user"]


@pytest.mark.parametrize(
    ("customer_id", "path"),
    [
        ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
        ("a b", "a%20b"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("ä", "%C3%A4"),
        ("%2e%2e", "%252e%252e"),
        ("a%2Fb", "a%252Fb"),
        ("...", "..."),
        ("a:b@c", "a%3Ab%40c"),
        (";&+", "%3B%26%2B"),
    ],
)
async def test_an_id_stays_one_part_of_the_path(customer_id: str, path: str) -> None:
    script = Script(reply(RECORD | {"id": customer_id}))
    async with FaktooraClient(settings(), script) as api:
        await api.get_customer(customer_id)
    assert script.calls == [f"GET /customer/{path}"]


NO_IDS = ("", ".", "..", "/", "a/b", "../customers", "a\\b", "a\nb", "a\r\nX: 1", "a\x00", "a\x7f")
BY_ID: dict[str, Callable[[FaktooraClient, str], Coming]] = {
    "get": lambda api, customer_id: api.get_customer(customer_id),
    "update": lambda api, customer_id: api.update_customer(customer_id, MOVE),
    "delete": lambda api, customer_id: api.delete_customer(customer_id),
}
UNWRITABLE: dict[str, Do] = {
    "half a character in a query": lambda api: api.list_customers(CustomerQuery(keywords=("\ud83d",))),
    "a query without end": lambda api: api.list_customers(CustomerQuery(keywords=("x" * 70_000,))),
    "half a character in a number": lambda api: api.verify_customer_number("\ude00"),
    "half a character in a body": lambda api: api.import_customers("\ud83d"),
    "infinity": lambda api: api.create_customer(_with_extra(float("inf"))),
    "not a number": lambda api: api.create_customer(_with_extra(float("nan"))),
}


def _with_extra(value: JsonValue) -> NewCustomer:
    return NewCustomer.model_validate(ACME | {"extras": {"x": value}})


@pytest.mark.parametrize("customer_id", [*NO_IDS, "\ud800", "a\u202eb", "x" * 201])
@pytest.mark.parametrize("do", BY_ID.values(), ids=BY_ID)
async def test_what_is_no_id_is_refused_before_the_network(
    do: Callable[[FaktooraClient, str], Coming], customer_id: str
) -> None:
    error, requests = await failed(Operation(lambda api: do(api, customer_id), "", None, None))
    assert (type(error), [*error.fields], requests) == (InvalidInput, ["id"], 0)


@pytest.mark.parametrize("do", UNWRITABLE.values(), ids=UNWRITABLE)
async def test_what_cannot_be_written_down_is_refused_before_the_network(do: Do) -> None:
    error, requests = await failed(Operation(do, "", None, None))
    assert (type(error), requests) == (InvalidInput, 0)


# What is read

META: dict[str, JsonValue] = {"page": 2, "perPage": 3, "totalItems": 8, "totalPages": 3}
PAGINATION: dict[str, JsonValue] = {"page": 2, "pageSize": 3, "rowCount": 8, "pageCount": 3}
ROWS: list[JsonValue] = [{"id": "4"}, {"id": "5"}, {"id": "6"}]
SECOND = CustomerQuery(page=2, per_page=3)


async def listed(
    body: object, headers: dict[str, str] | None = None, query: CustomerQuery = SECOND
) -> CustomerPage:
    answer = httpx.Response(200, json=body, headers=headers)
    async with FaktooraClient(settings(), Script(answer)) as api:
        return await api.list_customers(query)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"data": ROWS, "meta": META}, {}),
        ({"data": ROWS, "pagination": PAGINATION}, {}),
        ({"results": ROWS, "pagination": PAGINATION}, {}),
        ({"results": ROWS, "meta": META}, {}),
        (ROWS, {"X-Total-Count": "8"}),
        ({"data": ROWS}, {"X-Total-Count": "8"}),
        ({"data": ROWS, "meta": {name: str(value) for name, value in META.items()}}, {}),
        ({"data": ROWS, "meta": {"totalItems": 8}}, {}),
        ({"data": ROWS, "meta": META, "links": {"next": "x"}}, {"X-Total-Count": "99"}),
    ],
)
async def test_every_known_envelope_of_a_list_is_read(body: object, headers: dict[str, str]) -> None:
    assert await listed(body, headers) == CustomerPage(
        (Customer({"id": "4"}), Customer({"id": "5"}), Customer({"id": "6"})), 2, 3, 8
    )


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ROWS, {}),
        (ROWS, {"X-Total-Count": "many"}),
        ({"data": ROWS, "meta": None}, {}),
        ({"data": ROWS, "meta": [2, 3, 8]}, {}),
        ({"data": ROWS, "meta": "page 2"}, {}),
        ({"data": ROWS, "meta": {}}, {}),
        ({"data": ROWS, "meta": {"page": None, "perPage": True, "totalItems": -1}}, {}),
        ({"data": ROWS, "meta": {"page": 0, "perPage": 0, "totalItems": "8.5"}}, {}),
        ({"data": ROWS, "meta": {"page": "²", "perPage": [], "totalItems": {}}}, {}),
    ],
)
async def test_where_totals_are_missing_the_page_is_the_one_asked_for(
    body: object, headers: dict[str, str]
) -> None:
    expected = CustomerPage(tuple(Customer({"id": row}) for row in "456"), 2, 3, None)
    assert await listed(body, headers) == expected


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"customers": ROWS},
        {"data": {"id": "4"}},
        {"data": None},
        {"results": "none"},
        {"succeed": True},
        "list",
        7,
        [7],
        [None],
        [{"name": "Acme"}],
        [{"id": None}],
        [{"id": ""}],
        [{"id": ["1"]}],
        {"data": ROWS, "meta": {"totalItems": "9" * 5_000}},
    ],
    ids=lambda body: repr(body)[:30],
)
async def test_a_list_of_no_known_form_is_unreadable(body: object) -> None:
    with pytest.raises(UpstreamUnreadable):
        await listed(body)


@pytest.mark.parametrize(
    ("number", "size", "count", "total", "following"),
    [
        (1, 20, 20, 57, 2),
        (2, 20, 20, 57, 3),
        (3, 20, 17, 57, None),
        (1, 20, 20, 20, None),
        (1, 20, 0, 0, None),
        (4, 20, 0, 57, None),
        (1, 20, 0, 57, None),
        (1, 20, 7, 57, 2),
        (1, 20, 20, None, 2),
        (1, 20, 19, None, None),
        (2, 20, 0, None, None),
        (1, 1, 1, 2, 2),
    ],
)
async def test_the_next_page_is_told_while_there_is_one(
    number: int, size: int, count: int, total: int | None, following: int | None
) -> None:
    rows = [{"id": str(row)} for row in range(count)]
    query = CustomerQuery(page=number, per_page=size)
    read = await listed({"data": rows, "meta": {"totalItems": total}}, query=query)
    assert read.next_page == following


async def test_a_record_keeps_nulls_and_fields_nobody_knows() -> None:
    record: dict[str, JsonValue] = {"id": 7, "name": None, "score": 1.5, "tags": [{"x": "ä"}]}
    async with FaktooraClient(settings(), Script(reply(record))) as api:
        assert await api.get_customer("7") == Customer(record)


async def test_a_record_of_another_customer_is_no_answer() -> None:
    async with FaktooraClient(settings(), Script(reply(RECORD))) as api:
        with pytest.raises(UpstreamUnreadable):
            await api.get_customer("cust_other")


async def test_delivery_addresses_get_their_one_name() -> None:
    record = {"id": "1", "customerDeliveryAddresses": [{"city": "Wien"}]}
    async with FaktooraClient(settings(), Script(reply(record))) as api:
        held = await api.get_customer("1")
    assert held == Customer({"id": "1", "deliveryAddresses": [{"city": "Wien"}]})


@pytest.mark.parametrize("success", [reply({"succeed": True}), httpx.Response(204), httpx.Response(200)])
async def test_a_change_may_succeed_without_showing_the_record(success: httpx.Response) -> None:
    assert (await run(UPDATE, success))[0] is None


@pytest.mark.parametrize("success", [reply({"succeed": True}), httpx.Response(204), httpx.Response(200)])
async def test_a_deletion_may_succeed_without_a_word(success: httpx.Response) -> None:
    assert (await run(DELETE, success))[0] is None


async def test_a_number_in_use_is_no_fault() -> None:
    taken = OPERATIONS["verify_customer_number"]
    assert (await run(taken, reply({"succeed": False})))[0] is False


@pytest.mark.parametrize("body", [[RECORD], {"data": [RECORD]}, {"results": [RECORD]}])
async def test_imported_customers_are_read_in_every_envelope(body: object) -> None:
    assert (await run(IMPORT, reply(body)))[0] == [CUSTOMER]


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>Welcome to the proxy</body></html>",
        b'{"id": "1", "name": "Ac',
        b'"text"',
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"succeed": "yes"}',
        b'{"value": 3, "name": "no id"}',
        b'{"value": " "}',
    ],
    ids=lambda content: repr(content[:20]),
)
@every_operation
async def test_an_answer_of_no_known_form_is_unreadable(operation: Operation, content: bytes) -> None:
    error, requests = await failed(operation, httpx.Response(200, content=content))
    assert (type(error), error.message, requests) == (
        UpstreamUnreadable,
        "The API's answer follows no known form.",
        1,
    )


@pytest.mark.parametrize("operation", [LIST, GET, CREATE, IMPORT], ids=["list", "get", "create", "import"])
async def test_an_empty_answer_is_unreadable_where_something_is_asked_for(operation: Operation) -> None:
    assert await fault_of(operation, httpx.Response(200)) == (UpstreamUnreadable, True, 1)


async def test_an_answer_that_cannot_be_unpacked_is_unreadable() -> None:
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    assert await fault_of(GET, packed) == (UpstreamUnreadable, True, 1)


# What is refused

NOT_EXISTING = {"errors": [{"code": "E_CUSTOMER_RESOURCE_NOT_EXISTS", "message": "Customer not found"}]}
LOOK_IT_UP = "Ask the user for name or number, then look it up with list_customers or get_customer by number."


@pytest.mark.parametrize("operation", [GET, UPDATE, DELETE], ids=["get", "update", "delete"])
@pytest.mark.parametrize("answer", [reply(None, 404), reply(NOT_EXISTING, 400)], ids=["404", "400 by code"])
async def test_both_forms_of_not_found_mean_no_such_customer(
    operation: Operation, answer: httpx.Response
) -> None:
    error, requests = await failed(operation, answer)
    assert (type(error), error.message, error.advice, requests) == (
        NotFound,
        "No customer has the id cust_abc123.",
        LOOK_IT_UP,
        1,
    )


async def test_an_import_of_an_unknown_file_asks_for_an_uploaded_one() -> None:
    error, _ = await failed(IMPORT, reply(None, 404))
    assert (type(error), error.message, error.advice) == (
        NotFound,
        f"No uploaded file has the id {FILE_ID}.",
        "Ask the user for the fileId of a CSV file that was uploaded to faktoora.",
    )


async def test_an_id_is_repeated_without_what_cannot_be_seen_and_bounded() -> None:
    unknown = Operation(lambda api: api.import_customers("a\u202eb" + "x" * 200), "", None, None)
    error, _ = await failed(unknown, reply(None, 404))
    assert error.message == f"No uploaded file has the id ab{'x' * 98}… [102 more characters]."


@pytest.mark.parametrize("operation", [LIST, CREATE], ids=["list", "create"])
async def test_a_missing_route_points_to_the_address_and_did_nothing(operation: Operation) -> None:
    error, requests = await failed(operation, httpx.Response(404, html="<h1>no</h1>"))
    assert isinstance(error, UpstreamError)
    assert (error.lost, error.advice, requests) == (
        False,
        "Ask the operator to check FAKTOORA_BASE_URL.",
        1,
    )


@pytest.mark.parametrize(
    "answer",
    [reply({"succeed": False}), reply({"message": "has invoices"}, 400), reply({}, 409), reply({}, 422)],
)
async def test_a_deletion_that_is_refused_is_a_conflict(answer: httpx.Response) -> None:
    error, requests = await failed(DELETE, answer)
    assert (type(error), requests) == (Conflict, 1)


async def test_a_redirect_is_not_followed() -> None:
    elsewhere = httpx.Response(302, headers={"Location": "https://elsewhere.test/login"})
    error, requests = await failed(GET, elsewhere)
    assert (type(error), error.message, requests) == (
        UpstreamError,
        "The API answered 302 with a redirect, which is not followed.",
        1,
    )


# What is sent again

FAILING = {
    "rate limited": lambda: reply(None, 429),
    "failed": lambda: reply(None, 503),
    "refused": lambda: httpx.ConnectError(""),
    "reset": lambda: httpx.ReadError(""),
}


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize("operation", [GET, UPDATE, DELETE], ids=["GET", "PATCH", "DELETE"])
async def test_what_is_safe_to_repeat_is_sent_again(
    operation: Operation, failing: Callable[[], Reply]
) -> None:
    assert await run(operation, failing(), reply(operation.answer)) == (
        operation.result,
        [operation.request] * 2,
    )


@pytest.mark.parametrize("fault", UNSENT_FAULTS)
@pytest.mark.parametrize("operation", [CREATE, IMPORT], ids=["create", "import"])
async def test_a_creation_that_never_left_is_sent_again(
    operation: Operation, fault: type[httpx.TransportError]
) -> None:
    assert await run(operation, fault(""), reply(operation.answer)) == (
        operation.result,
        [operation.request] * 2,
    )


@pytest.mark.parametrize("fault", [*SENT_FAULTS, httpx.ReadTimeout, httpx.WriteTimeout])
@pytest.mark.parametrize("operation", [CREATE, IMPORT], ids=["create", "import"])
async def test_a_creation_whose_answer_is_lost_is_sent_once(
    operation: Operation, fault: type[httpx.TransportError]
) -> None:
    _, lost, requests = await fault_of(operation, fault(""))
    assert (lost, requests) == (True, 1)


@pytest.mark.parametrize(
    ("status", "lost"), [(429, False), (500, True), (502, True), (503, True), (504, True)]
)
@pytest.mark.parametrize("operation", [CREATE, IMPORT], ids=["create", "import"])
async def test_a_creation_that_the_api_answered_is_sent_once(
    operation: Operation, status: int, *, lost: bool
) -> None:
    assert (await fault_of(operation, reply(None, status)))[1:] == (lost, 1)


async def test_a_creation_is_not_sent_again_after_a_fault_that_followed_a_refused_connection() -> None:
    assert await fault_of(CREATE, httpx.ConnectError(""), httpx.ReadError("")) == (Unreachable, True, 2)


async def test_retry_after_is_waited_for() -> None:
    started = anyio.current_time()
    await run(GET, reply(None, 429, Retry_After="1"), reply(RECORD))
    assert 1.0 <= anyio.current_time() - started < 2.0


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_a_retry_after_beyond_the_time_left_is_not_waited_for(form: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    answer = reply(None, 429, Retry_After="60" if form == "seconds" else date)
    error, requests = await failed(GET, answer)
    assert isinstance(error, RateLimited)
    assert (error.retry_after_s, requests) == (pytest.approx(60, abs=2), 1)


async def test_attempts_end_with_the_time() -> None:
    assert await fault_of(GET, *[reply(None, 503) for _ in range(2)], timeout_s=0.5) == (
        UpstreamError,
        True,
        2,
    )


async def test_a_timeout_is_not_repeated() -> None:
    assert await fault_of(GET, httpx.ReadTimeout("")) == (Timeout, True, 1)


async def test_a_deletion_remembers_a_lost_answer_over_further_attempts() -> None:
    error, requests = await failed(DELETE, httpx.ReadError(""), reply(None, 429), reply(None, 404))
    assert isinstance(error, UpstreamError)
    assert (error.lost, requests) == (True, 3)


@pytest.mark.parametrize("failing", [httpx.ConnectError(""), reply(None, 429)], ids=["refused", "429"])
async def test_a_deletion_that_was_surely_not_carried_out_before_is_not_found(failing: Reply) -> None:
    error, requests = await failed(DELETE, failing, reply(None, 404))
    assert (type(error), requests) == (NotFound, 2)


@pytest.mark.parametrize("operation", [UPDATE, DELETE], ids=["update", "delete"])
@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
async def test_after_a_lost_answer_a_refusal_of_the_repetition_leaves_the_outcome_open(
    status: int, operation: Operation
) -> None:
    error, requests = await failed(operation, httpx.ReadError(""), reply({"message": "no"}, status))
    assert isinstance(error, UpstreamError)
    assert (error.lost, error.retryable, requests) == (True, False, 2)


# Whether it may have been carried out

SHORT = 0.35
"""Seconds that leave room for one pause and a second attempt."""


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([httpx.ConnectError(""), httpx.ConnectError("")], (Unreachable, False)),
        ([httpx.PoolTimeout(""), httpx.PoolTimeout("")], (Unreachable, False)),
        ([httpx.ProxyError("407"), httpx.ProxyError("407")], (Unreachable, False)),
        ([reply(None, 429), reply(None, 429)], (RateLimited, False)),
        ([reply(None, 429), httpx.ConnectError("")], (Unreachable, False)),
        ([httpx.ConnectError(""), reply(None, 503)], (UpstreamError, True)),
        ([httpx.ReadError(""), httpx.ConnectError("")], (Unreachable, True)),
        ([reply(None, 503), reply(None, 429)], (RateLimited, True)),
    ],
)
async def test_a_fault_is_lost_when_any_attempt_may_have_been_carried_out(
    replies: list[Reply], expected: tuple[type[Fault], bool]
) -> None:
    assert (await fault_of(DELETE, *replies, timeout_s=SHORT))[:2] == expected


async def test_an_api_that_never_answers_is_a_timeout_that_may_have_been_carried_out() -> None:
    error = await failed_over(Hanging(), CREATE, timeout_s=0.1)
    assert isinstance(error, Timeout)
    assert (error.message, error.lost) == ("The API gave no answer within 0.1 s.", True)


async def test_a_host_that_cannot_be_reached_in_time_never_got_the_request() -> None:
    error = await failed_over(Unconnectable(), CREATE, timeout_s=SHORT)
    assert isinstance(error, Unreachable)
    assert (error.message, error.lost) == ("No connection to the API.", False)


@pytest.mark.parametrize("failing", [reply(None, 429), httpx.ConnectError("")], ids=["429", "refused"])
async def test_a_repeated_request_that_hangs_may_have_been_carried_out(failing: Reply) -> None:
    error = await failed_over(Hanging(failing), UPDATE, timeout_s=SHORT)
    assert isinstance(error, Timeout)
    assert error.lost


@pytest.mark.parametrize(("status", "lost"), [(429, False), (503, True)])
async def test_a_request_whose_second_turn_never_comes_is_as_lost_as_its_first(
    status: int, *, lost: bool
) -> None:
    hanging, ends = Hanging(reply(None, status), stubborn=True), list[FaktooraError]()
    async with (
        FaktooraClient(settings(timeout_s=SHORT, max_connections=1), hanging) as api,
        anyio.create_task_group() as others,
    ):
        others.start_soon(end_of, UPDATE, api, ends)
        await anyio.wait_all_tasks_blocked()
        others.start_soon(end_of, GET, api, list[FaktooraError]())
        await anyio.sleep(SHORT + 0.1)
        hanging.release.set()
    assert [request.method for request in hanging.requests] == ["PATCH", "GET"]
    assert [(type(end), end.lost) for end in ends if isinstance(end, Fault)] == [(Timeout, lost)]


# Not too many at once


async def test_no_more_requests_than_allowed_are_under_way_and_as_many_as_allowed_are() -> None:
    counting = Counting()
    async with (
        FaktooraClient(settings(max_connections=3), counting) as api,
        anyio.create_task_group() as many,
    ):
        for _ in range(10):
            many.start_soon(GET.do, api)
    assert (counting.most, counting.all) == (3, 10)


async def test_a_request_that_finds_no_free_connection_is_not_sent() -> None:
    hanging, ends = Hanging(stubborn=True), list[FaktooraError]()
    async with (
        FaktooraClient(settings(timeout_s=0.1, max_connections=1), hanging) as api,
        anyio.create_task_group() as others,
    ):
        others.start_soon(end_of, GET, api, list[FaktooraError]())
        await anyio.wait_all_tasks_blocked()
        await end_of(CREATE, api, ends)
        hanging.release.set()
    assert [request.method for request in hanging.requests] == ["GET"]
    assert [(type(end), end.message, end.lost) for end in ends if isinstance(end, Fault)] == [
        (Busy, "No connection was free within 0.1 s; nothing was sent.", False)
    ]


async def test_a_pause_before_the_next_attempt_takes_no_connection() -> None:
    script = Script(reply(None, 503), reply(RECORD), reply(RECORD))
    async with (
        FaktooraClient(settings(max_connections=1), script) as api,
        anyio.create_task_group() as others,
    ):
        others.start_soon(DELETE.do, api)
        await anyio.wait_all_tasks_blocked()
        await GET.do(api)
        others.cancel_scope.cancel()
    assert script.calls == [DELETE.request, GET.request]


async def test_a_caller_that_hangs_up_frees_its_connection() -> None:
    hanging = Hanging()
    async with FaktooraClient(settings(max_connections=1), hanging) as api:
        with anyio.move_on_after(0.05):
            await GET.do(api)
        hanging.release.set()
        assert await GET.do(api) == CUSTOMER


# Secrets

LEAKING: dict[str, Callable[[], Reply]] = {
    **{
        fault.__name__: lambda fault=fault: fault(f"broke off {KEY}")
        for fault in (*SENT_FAULTS, *UNSENT_FAULTS, httpx.ReadTimeout, httpx.PoolTimeout, httpx.ProxyError)
    },
    **{
        str(status): lambda status=status: reply({"message": f"no {KEY}", "error": KEY}, status, X_Key=KEY)
        for status in (200, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503)
    },
    "plain text": lambda: httpx.Response(500, text=KEY),
}


@pytest.mark.parametrize("leaking", LEAKING.values(), ids=LEAKING)
async def test_no_fault_and_no_log_line_shows_the_key(
    leaking: Callable[[], Reply], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="faktoora_mcp")
    error, _ = await failed(GET, leaking(), timeout_s=0.15)
    told = f"{error!r} {error} {vars(error)} {json.dumps(error.envelope())}"
    assert KEY not in told + "".join(traceback.format_exception(error)) + caplog.text


async def test_the_client_does_not_show_the_key() -> None:
    async with FaktooraClient(settings(), Script()) as api:
        assert KEY not in f"{api!r} {api}"


@every_operation
async def test_a_log_line_tells_route_status_size_and_time_and_no_search_words(
    operation: Operation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="faktoora_mcp")
    answer = reply(operation.answer)
    await run(operation, answer)
    lines = [
        record.getMessage() for record in caplog.records if record.name.partition(".")[0] == "faktoora_mcp"
    ]
    route = re.escape(operation.request.partition("?")[0])
    assert re.fullmatch(rf"{route} 200, {len(answer.content)} bytes, [0-9]+ ms", "\n".join(lines))
