"""Whatever fields are hidden: none of their values leaves the server, and everything else still does."""

import json
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mcp import Client, MCPError
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult, PromptReference, ResourceTemplateReference

from faktoora_mcp.answers.redaction import REDACTABLE, redacted_fields
from faktoora_mcp.errors import WITHHELD
from faktoora_mcp.server.app import create_server
from faktoora_mcp.server.resources import CUSTOMER
from faktoora_mcp.server.tools import TOOLS
from tests.agents import ERAS, text_of
from tests.answers.sentinels import UNREADABLE, SentinelApi, hidden_in, shown_in
from tests.scripted import settings as settings_of

pytestmark = pytest.mark.anyio
Calls = tuple[tuple[str, dict[str, Any]], ...]
NEW: dict[str, Any] = {
    "isCompany": True, "name": "Zwirn GmbH", "address": "Weg 1", "postcode": "10115", "city": "Bonn",
    "country": "DE", "vatId": "DE136695976",
}  # fmt: skip
PERSON = {"lastName": "Neu", "email": "neu@firma.example"}
TWO = {"keep": "id1", "remove": "id2", "different_ok": True}
CALLS: Calls = (
    ("list_customers", {}),
    ("list_customers", {"fields": ["*"]}),
    ("list_customers", {"relation_fields": ["customerContacts", "user"]}),
    ("list_customers", {"keywords": ["two", UNREADABLE]}),
    ("get_customer", {"id": "id1", "fields": ["*"]}),
    ("get_customer", {"id": "id3"}),
    ("get_customer", {"id": "id9"}),
    ("query_customers", {"fields": ["id", "customerContacts", "extras"]}),
    ("query_customers", {"check": "bad_vat_id"}),
    ("query_customers", {"check": "not_ready_for_xrechnung"}),
    ("query_customers", {"group_by": ["city"]}),
    ("query_customers", {"where": {"field": "id", "op": "missing"}}),
    ("find_duplicate_customers", {}),
    ("find_duplicate_customers", {"id": "id1"}),
    ("create_customer", {"customer": NEW}),
    ("create_customer", {"customer": NEW, "allow_duplicate": True, "dry_run": True}),
    ("create_customer", {"customer": NEW, "allow_duplicate": True, "assign_number": True}),
    ("create_customer", {"customer": NEW | {"note": UNREADABLE}, "allow_duplicate": True}),
    ("update_customer", {"id": "id1", "changes": {"city": "Bonn", "note": None, "extras": {"a": 1}}}),
    ("update_customer", {"id": "id1", "changes": {"email": "a@b.de"}, "dry_run": True}),
    ("update_customer", {"id": "id1", "changes": {"country": "AT"}}),
    ("update_customer", {"id": "id3", "changes": {"vatId": "ATU13585627", "country": "DE"}}),
    ("update_customer", {"id": "id1", "changes": {"customerContacts": [{"id": "7", "phoneNo": "x"}]}}),
    ("update_customer", {"id": "id2", "changes": {"customerContacts": [PERSON]}}),
    ("update_customer", {"id": "id1", "changes": {"customerContacts": [{"id": "8"}]}}),
    ("update_customer", {"id": "id1", "changes": {}, "remove_entries": {"customerContacts": ["7"]}}),
    ("update_customer", {"id": "id1", "changes": {}, "remove_entries": {"extras": ["b"]}}),
    ("update_customer", {"id": "id1", "changes": {"note": UNREADABLE}}),
    ("update_customer", {"id": "id1", "changes": {"note": "x"}, "expect": {"city": "Bonn"}}),
    ("update_customers", {"ids": ["id1", "id3"], "changes": {"category": "A"}}),
    ("merge_customers", {"keep": "id1", "remove": "id2"}),
    ("merge_customers", {"keep": "id1", "remove": "id3"}),
    ("merge_customers", {"keep": "id1", "remove": "id2", "dry_run": False}),
    ("merge_customers", {"keep": "id1", "remove": "id2"}),
    ("merge_customers", TWO),
    ("merge_customers", {**TWO, "prefer": {"email": "remove"}}),
    ("merge_customers", {**TWO, "dry_run": False}),
    ("merge_customers", {"keep": "id1", "remove": "id3", "dry_run": False, "confirm": "x"}),
    ("delete_customer", {"id": "id1", "confirm": "x"}),
    ("delete_customer", {"id": "id1", "dry_run": True}),
    ("delete_customer", {"id": "id3", "dry_run": True}),
    ("delete_customer", {"id": "id1"}),
    ("generate_customer_number", {}),
    ("verify_customer_number", {"number": "K-2"}),
    ("import_customers", {"file_id": "f"}),
    ("import_customers", {"rows": [NEW, NEW | {"name": "Faden AG", "vatId": None, "postcode": "1"}]}),
    ("import_customers", {"rows": [NEW], "dry_run": False, "allow_duplicate": ["1"]}),
    ("import_customers", {"rows": [NEW | {"note": UNREADABLE, "vatId": None}], "dry_run": False}),
)  # fmt: skip


class Host:
    """A client that keeps all that it is told: answers, questions, progress, and what is logged."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    async def elicit(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:  # noqa: ARG002 (the SDK hands it over)
        self.told["question"] = f"{self.told.get('question', '')} {params.message}"
        return ElicitResult(action="accept", content={"agreed": True})

    async def progress(self, progress: float, total: float | None, message: str | None) -> None:
        self.told["progress"] = f"{self.told.get('progress', '')} {progress} {total} {message}"

    @contextmanager
    def logging(self) -> Generator[None]:
        lines: list[str] = []
        handler, root = logging.Handler(), logging.getLogger()
        handler.emit = lambda record: lines.append(logging.Formatter().format(record))
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
            self.told["log"] = "\n".join(lines)


@asynccontextmanager
async def client_of(host: Host, era: str, hidden: frozenset[str]) -> AsyncGenerator[Client]:
    ours = settings_of(hide_fields=tuple(sorted(hidden)))
    server = create_server(ours, SentinelApi())
    async with Client(server, mode=era, elicitation_callback=host.elicit) as client:
        yield client


async def all_that_is_told(era: str, hidden: frozenset[str] = frozenset()) -> dict[str, str]:
    host = Host()
    with host.logging():
        async with client_of(host, era, hidden) as client:
            for place, (tool, arguments) in enumerate(CALLS):
                result = await client.call_tool(tool, arguments, progress_callback=host.progress)
                host.told[f"{place} {tool} {json.dumps(arguments)}"] = text_of(result)
            host.told["many"] = await many_changed(client)
            host.told |= await resources_and_completions(client)
    return host.told


async def many_changed(client: Client) -> str:
    """What a confirmed change of several customers answers."""
    request = {"ids": ["id1", "id3", "id9"], "changes": {"category": "A", "note": None}}
    shown = json.loads(text_of(await client.call_tool("update_customers", request)))
    done = await client.call_tool(
        "update_customers", {**request, "dry_run": False, "confirm": shown.get("confirm")}
    )
    return text_of(done)


async def resources_and_completions(client: Client) -> dict[str, str]:
    by_id = ResourceTemplateReference(uri=CUSTOMER)
    category = PromptReference(name="find_customer")
    record = await client.read_resource("faktoora://customers/id1")
    with pytest.raises(MCPError) as caught:
        await client.read_resource("faktoora://customers/id9")
    ids = await client.complete(by_id, {"name": "id", "value": "Q"})
    categories = await client.complete(category, {"name": "category", "value": "Q"})
    read = {"record": record, "ids": ids, "categories": categories}
    return {name: part.model_dump_json() for name, part in read.items()} | {"unread": str(caught.value)}


def is_refused(answer: str) -> bool:
    """Whether a hidden field was asked for, or the API refused it in its own words."""
    return "hides these fields" in answer or WITHHELD in answer


PLAIN: dict[str, dict[str, str]] = {}


async def plain(era: str) -> dict[str, str]:
    """What is told where nothing is hidden; read once."""
    if era not in PLAIN:
        PLAIN[era] = await all_that_is_told(era)
    return PLAIN[era]


@pytest.mark.parametrize("era", ERAS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(hidden=frozenset(REDACTABLE))
@example(hidden=frozenset({"lastName", "city", "customerContacts"}))
@example(hidden=frozenset({"note", "country", "customerId"}))
@example(hidden=frozenset({"email", "vatId", "postcode", "legalform"}))
@given(hidden=st.frozensets(st.sampled_from(sorted(REDACTABLE)), min_size=1, max_size=5))
async def test_no_hidden_value_is_told_and_nothing_else_is_missing(era: str, hidden: frozenset[str]) -> None:
    told, expected, names = await all_that_is_told(era, hidden), await plain(era), redacted_fields(hidden)
    leaks = {where: found for where, text in told.items() if (found := hidden_in(text, names))}
    assert leaks == {}
    missing = {
        where: found
        for where, text in expected.items()
        if where != "log" and (found := shown_in(text, names) - shown_in(told.get(where, ""), names))
    }
    assert {where: found for where, found in missing.items() if not is_refused(told[where])} == {}


@pytest.mark.parametrize("era", ERAS)
async def test_the_values_are_told_where_nothing_is_hidden(era: str) -> None:
    told = await plain(era)
    assert {tool for tool, _ in CALLS} == TOOLS.keys()
    silent = {"city", "isCompany", "industry"}
    assert silent <= REDACTABLE
    for name in REDACTABLE - {"isCompany"}:
        assert any(hidden_in(text, frozenset({name})) for text in told.values()), name
    assert "question" in told
    assert "progress" in told
