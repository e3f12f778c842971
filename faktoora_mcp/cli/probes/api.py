"""`faktoora-mcp doctor --api`: reads that show which forms an API has. No customer's value is shown."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import SecretStr

from faktoora_mcp.api.connection import SANDBOX_URL
from faktoora_mcp.api.embedded import EmbeddedSandbox
from faktoora_mcp.api.models import CustomerQuery, Relation, relation_params
from faktoora_mcp.api.records import LIST_RELATIONS, Customer, CustomerPage, record_key, rows_of, total_of
from faktoora_mcp.api.request import Call
from faktoora_mcp.settings import FALLBACK_PAGE_SIZE, WALK_PAGE_SIZE, Settings

from .connection import Api, Asked, open_http
from .forms import NOT_TRIED, UNKNOWN, UNTESTED, Form
from .search import search_forms

NEWEST = CustomerQuery(per_page=FALLBACK_PAGE_SIZE, sort="createdAt", order="desc")
REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
NO_ROUTE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
TRIED_CUSTOMERS = 3
CODE = re.compile("[A-Z][A-Z_]{2,60}")


def open_api(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """The API of the settings, or the embedded sandbox; `transport` replaces the way there (for tests)."""
    if transport or not settings.sandbox:
        return open_http(settings, transport)
    inside = {"base_url": SANDBOX_URL, "api_key": SecretStr("sandbox")}
    return open_http(settings.model_copy(update=inside), EmbeddedSandbox(settings))


async def api_forms(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> list[Form]:
    """Every form that the API shows; what could not be decided is unknown. `transport` as above."""
    async with open_api(settings, transport) as http:
        api = Api(http, settings.timeout_s)
        newest = await api.customers(NEWEST)
        return [
            *_list_forms(newest),
            await _page_size(api, newest),
            *await search_forms(api, newest.customers),
            await _unknown_id(api),
            *await _relations(api, newest),
            await _api_keys(api),
            Form("changes", NOT_TRIED),
        ]


def _list_forms(newest: Asked) -> list[Form]:
    envelope, total = UNKNOWN, UNKNOWN
    if newest.page:
        total = _total(newest)
        match newest.body:
            case {"data": list()}:
                envelope = "data"
            case {"results": list()}:
                envelope = "results"
            case _:
                envelope = "bare"
    return [Form("envelope", envelope, newest.request), Form("total", total, newest.request)]


def _total(asked: Asked) -> str:
    if total_of(asked.body) is not None:
        return "body"
    return "no" if total_of(asked.body, asked.total_header) is None else "header"


async def _page_size(api: Api, newest: Asked) -> Form:
    large = CustomerQuery(per_page=WALK_PAGE_SIZE)
    asked = await api.customers(large)
    if asked.page:
        return await _given_size(api, large, asked, asked.page)
    if asked.status not in REFUSALS or newest.page is None:
        return Form("page_size", UNKNOWN, asked.request)
    smaller = await api.customers(CustomerQuery(per_page=FALLBACK_PAGE_SIZE + 1))
    if smaller.page:
        sizes = {"size": FALLBACK_PAGE_SIZE + 1, "refused": WALK_PAGE_SIZE}
        return Form("page_size", "refused", smaller.request, sizes)
    if smaller.status not in REFUSALS:
        return Form("page_size", UNKNOWN, smaller.request)
    sizes = {"size": FALLBACK_PAGE_SIZE, "refused": FALLBACK_PAGE_SIZE + 1}
    return Form("page_size", "refused", smaller.request, sizes)


async def _given_size(api: Api, query: CustomerQuery, asked: Asked, page: CustomerPage) -> Form:
    """The size of the pages that come when more is asked for than the specification's API allows."""
    rows = len(page.customers)
    if rows >= query.per_page:
        return Form("page_size", "accepted", asked.request, {"size": rows})
    if page.per_page < query.per_page:
        return Form("page_size", "clamped", asked.request, {"size": page.per_page})
    more = page.total_items is not None and rows < page.total_items
    if page.total_items is None:
        asked = await api.customers(query.model_copy(update={"page": 2}))
        more = bool(asked.customers)
    if more:
        return Form("page_size", "clamped", asked.request, {"size": rows})
    return Form("page_size", "few", asked.request, {"size": query.per_page})


async def _unknown_id(api: Api) -> Form:
    asked = await api.get(f"/customer/{uuid4()}", shown="/customer/<unknown id>")
    facts = {"status": asked.status}
    match asked.body:
        case _ if asked.status not in (*REFUSALS, *NO_ROUTE, HTTPStatus.GONE):
            return Form("unknown_id", UNKNOWN, asked.request)
        case {"errors": [{"code": str(code)}, *_]} | {"code": str(code)} if CODE.fullmatch(code):
            return Form("unknown_id", "code", asked.request, facts | {"code": code})
        case _:
            return Form("unknown_id", "status", asked.request, facts)


async def _relations(api: Api, newest: Asked) -> list[Form]:
    """Whether lists of entries come with the list, and with a single customer."""
    asked = await api.customers(NEWEST.model_copy(update={"relation_fields": LIST_RELATIONS}))
    filled: list[tuple[Customer, Relation]] = [
        (customer, relation)
        for customer in asked.customers
        for relation in LIST_RELATIONS
        if customer.record.get(record_key(relation))
    ]
    plain = {key for customer in newest.customers for key in customer.record}
    loaded = {key for customer in asked.customers for key in customer.record} - plain
    given = filled or any(record_key(relation) in loaded for relation in LIST_RELATIONS)
    answer = "yes" if given else UNTESTED if asked.page else UNKNOWN
    listed = Form("relations_list", answer, asked.request)
    return [listed, await _relations_of_one(api, filled, newest.customers)]


async def _relations_of_one(
    api: Api, filled: Sequence[tuple[Customer, Relation]], customers: Sequence[Customer]
) -> Form:
    """`filled`: customers of whom the list shows that they have entries; without any, others are tried."""
    if filled:
        customer, relation = filled[0]
        asked = await _one(api, customer, (relation,))
        has = _has_entries(asked, relation)
        return Form("relations_get", UNKNOWN if has is None else "yes" if has else "no", asked.request)
    for customer in customers[:TRIED_CUSTOMERS]:
        asked = await _one(api, customer, LIST_RELATIONS)
        if any(_has_entries(asked, relation) for relation in LIST_RELATIONS):
            return Form("relations_get", "yes", asked.request)
    return Form("relations_get", UNTESTED)


async def _one(api: Api, customer: Customer, relations: tuple[Relation, ...]) -> Asked:
    shown = Call("GET", "/customer/<id>", relation_params(relations)).url
    return await api.get(f"/customer/{quote(customer.id, safe='')}", relation_params(relations), shown)


def _has_entries(asked: Asked, relation: Relation) -> bool | None:
    if not asked.is_success:
        return None
    try:
        return bool(Customer.read(asked.body).record.get(record_key(relation)))
    except ValueError:
        return None


async def _api_keys(api: Api) -> Form:
    asked = await api.get("/apikeys")
    if asked.status in NO_ROUTE:
        return Form("api_keys", "no", asked.request)
    if asked.status == HTTPStatus.FORBIDDEN:
        return Form("api_keys", "forbidden", asked.request)
    try:
        rows_of(asked.body)
    except ValueError:
        return Form("api_keys", UNKNOWN, asked.request)
    return Form("api_keys", "yes" if asked.is_success else UNKNOWN, asked.request)
