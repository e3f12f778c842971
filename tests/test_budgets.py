"""What the server costs in bytes and in requests, held to the figures of benchmarks/budgets.py."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import pytest

from benchmarks import budgets
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.server.app import create_server
from tests.agents import ERAS, Agent, agent, text_of
from tests.faulty import FaultyApi
from tests.scripted import ACME, Script, settings

pytestmark = pytest.mark.anyio
CSV = "Firma;Straße;PLZ;Ort;Land\nBootsbau Lund OHG;Kai 7;24103;Kiel;DE\n"
TWIN = ACME | {"name": "Müller GmbH", "postcode": "50667", "city": "Köln"}


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def at_work(era: str, forms: Forms = DOCUMENTED) -> AsyncGenerator[tuple[Agent, FaultyApi]]:
    """An agent at a base of one page, after a walk and an update that have shown the forms of the API.

    The documented API refuses the first walk's page of 1000 and answers one of 100; the current API refuses
    the first update without its required fields. Each costs one request in a run.
    """
    api = FaultyApi(57, forms)
    async with agent(era, api) as someone:
        await someone.call("query_customers", limit=0)
        await someone.call("update_customer", id="cust_abc123", changes={"phoneNo": "030 1"})
        api.left.clear()
        api.sent = 0
        yield someone, api


def size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


async def definitions() -> dict[str, int]:
    """What a model reads of every tool before it calls one, in bytes."""
    async with agent("auto", Script()) as someone:
        tools = (await someone.client.list_tools()).tools
    read = {
        t.name: {"name": t.name, "description": t.description, "inputSchema": t.input_schema} for t in tools
    }
    return {name: size(part) for name, part in read.items()}


async def test_the_definitions_of_the_tools_but_those_for_many_stay_within_their_budget() -> None:
    sizes = await definitions()
    single = [sizes[name] for name in sizes.keys() - budgets.FOR_MANY]
    assert len(single) == 10
    assert sum(single) <= budgets.SINGLE_TOOLS_BYTES


async def test_the_definitions_of_all_tools_stay_within_their_budget() -> None:
    assert sum((await definitions()).values()) <= budgets.TOOLS_BYTES


@pytest.mark.parametrize("given", [{}, {"account": "A" * 80}], ids=["plain", "with the longest account"])
async def test_instructions_are_short(given: Mapping[str, object]) -> None:
    for sandbox in (True, False):
        server = create_server(settings(sandbox=sandbox, **given), Script())
        assert len(server.instructions or "") <= budgets.INSTRUCTIONS_CHARS


async def test_a_list_costs_a_part_of_what_the_api_sends(era: str) -> None:
    async with at_work(era) as (someone, api):
        text = text_of(await someone.result("list_customers", per_page=20))
        sent = api.sent
    assert len(json.loads(text)["rows"]) == 20
    assert len(text.encode()) <= 20 * budgets.ROW_BYTES
    assert len(text.encode()) <= sent * budgets.LIST_SHARE


async def test_records_cost_a_part_of_what_the_api_sends(era: str) -> None:
    async with at_work(era) as (someone, api):
        rows = (await someone.call("list_customers", per_page=100, fields=["id"]))["rows"]
        api.sent = 0
        texts = [text_of(await someone.result("get_customer", id=identity)) for (identity,) in rows]
    assert len(texts) == 57
    assert sum(len(text.encode()) for text in texts) <= api.sent * budgets.RECORD_SHARE


ERRORS: dict[str, tuple[str, dict[str, object]]] = {
    "several wrong fields": (
        "create_customer",
        {"customer": ACME | {"postcode": "1011", "email": "acme", "vatId": "DE12", "glnId": "4"}},
    ),
    "a misspelt argument": ("list_customers", {"keyword": "Acme"}),
    "a misspelt field": ("update_customer", {"id": "cust_abc123", "changes": {"plz": "10115"}}),
    "nobody": ("get_customer", {"id": "nobody"}),
    "a number nobody has": ("get_customer", {"number": "CUST-9999"}),
    "not confirmed": ("delete_customer", {"id": "cust_abc123", "confirm": "somebody else"}),
    "no such file": ("import_customers", {"file_id": "nothing"}),
    "an unknown tool": ("list_custmers", {}),
}


@pytest.mark.parametrize("case", ERRORS)
async def test_an_error_is_short(era: str, case: str) -> None:
    tool, arguments = ERRORS[case]
    async with at_work(era) as (someone, _):
        result = await someone.result(tool, **arguments)
    assert result.is_error
    assert len(text_of(result).encode()) <= budgets.ERROR_BYTES


async def test_an_error_with_candidates_is_short(era: str) -> None:
    async with at_work(era) as (someone, api):
        for number in range(8):
            await api.add(ACME | {"customerId": f"A-{number}", "vatId": None})
        result = await someone.result("create_customer", customer=ACME)
    assert json.loads(text_of(result))["error"]["candidates"]
    assert len(text_of(result).encode()) <= budgets.CANDIDATES_ERROR_BYTES


TWINS = {"keep": "6e80fa48-9b0b-4a16-b72f-2bb83586fca7", "remove": "c725bd97-9e28-4761-88fe-a5d73716e7ea"}
"""One firm of the sandbox, entered twice."""
CALLS: dict[str, tuple[str, Mapping[str, object]]] = {
    "a list": ("list_customers", {"keywords": ["GmbH"]}),
    "a record by id": ("get_customer", {"id": "cust_abc123"}),
    "a record by number": ("get_customer", {"number": "CUST-0004"}),
    "a number that nobody has": ("get_customer", {"number": "CUST-9999"}),
    "a number to draw": ("generate_customer_number", {}),
    "a free number to verify": ("verify_customer_number", {"number": "CUST-9999"}),
    "a taken number to verify": ("verify_customer_number", {"number": "CUST-0004"}),
    "a creation, in a base of one page": ("create_customer", {"customer": ACME | {"name": "Zwirn OHG"}}),
    "a creation with the next number": (
        "create_customer",
        {"customer": ACME | {"name": "Zwirn OHG"}, "assign_number": True},
    ),
    "a creation that is refused for duplicates": ("create_customer", {"customer": TWIN}),
    "an update": ("update_customer", {"id": "cust_abc123", "changes": {"city": "Hamburg"}}),
    "a deletion": ("delete_customer", {"id": "cust_abc123", "confirm": "CUST-0003"}),
    "a deletion that the name confirms": (
        "delete_customer",
        {"id": "ecd1345e-88c7-40f6-907f-96694ba955f3", "confirm": "Immobilien Hahn GmbH & Co. KG"},
    ),
    "a merge, shown": ("merge_customers", TWINS),
    "a merge": ("merge_customers", {**TWINS, "dry_run": False, "confirm": "CUST-0008"}),
    "an import": ("import_customers", {}),
    "a question, in a base of one page": ("query_customers", {"group_by": ["country"], "limit": 0}),
}


MORE_WHERE_NUMBERS_ARE_COUNTED = {"a creation with the next number": 1, "a number to draw": 1}
"""The number after that of the 57 customers is taken in this base."""


@pytest.mark.parametrize("what", budgets.REQUESTS)
async def test_a_call_takes_no_more_requests_than_said(era: str, forms: Forms, what: str) -> None:
    tool, arguments = CALLS[what]
    async with at_work(era, forms) as (someone, api):
        if tool == "import_customers":
            arguments = {"file_id": await api.upload(CSV)}
        await someone.result(tool, **arguments)
        more = MORE_WHERE_NUMBERS_ARE_COUNTED.get(what, 0) if forms.number_from_count else 0
        assert sum(api.left.values()) == budgets.REQUESTS[what] + more, api.left


@pytest.mark.parametrize(
    ("forms", "tool", "requests"),
    [
        (DOCUMENTED, "query_customers", [2, 1, 1]),
        (CURRENT, "query_customers", [1, 1, 1]),
        (DOCUMENTED, "update_customer", [2, 2, 2]),
        (CURRENT, "update_customer", [4, 2, 2]),
    ],
)
async def test_a_form_of_the_api_is_learned_once_in_a_run(
    forms: Forms, tool: str, requests: list[int]
) -> None:
    api, took = FaultyApi(57, forms), list[int]()
    async with agent("auto", api) as someone:
        for city in ("Kiel", "Ulm", "Hof"):
            api.left.clear()
            change = {"id": "cust_abc123", "changes": {"city": city}}
            await someone.call(tool, **(change if tool == "update_customer" else {"limit": 0}))
            took.append(sum(api.left.values()))
    assert took == requests
