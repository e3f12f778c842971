"""A whole name typed as one keyword is found by its words, whatever the API shows of its lists."""

import json
from dataclasses import replace

import httpx
import pytest

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.queries.lookup import matching_pages, words_of
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.agents import ERAS, agent
from tests.bases import Base, Record
from tests.sandboxes import Sandbox
from tests.scripted import settings

pytestmark = pytest.mark.anyio
PEOPLE: list[Record] = [
    {"id": "1", "isCompany": False, "firstName": "Max", "lastName": "Müller"},
    {"id": "2", "isCompany": False, "firstName": "Max", "lastName": "Meier"},
    {"id": "3", "isCompany": True, "name": "Müller & Söhne GmbH"},
]
NAMES = [
    ("Max Müller", "1"),
    ("Müller, Max", "1"),
    ("max  meier", "2"),
    ("Söhne & Müller", "3"),
    ("GmbH (Müller)", "3"),
]


class WithoutTotal(Base):
    """A page is a bare array."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        return httpx.Response(200, json=json.loads(answer.content)["data"])


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("base", [Base, WithoutTotal])
@pytest.mark.parametrize(("typed", "found"), NAMES)
async def test_it_is_listed(era: str, base: type[Base], typed: str, found: str) -> None:
    async with agent(era, base(PEOPLE)) as someone:
        answer = await someone.call("list_customers", keywords=[typed], fields=["id"])
    assert [row[0] for row in answer["rows"]] == [found]


@pytest.mark.parametrize("forms", [DOCUMENTED, CURRENT, replace(DOCUMENTED, envelope="bare")])
async def test_it_is_listed_by_the_sandbox(forms: Forms) -> None:
    api = Sandbox(57, forms)
    firm: Record = {"isCompany": True, "name": "Wortmann & Söhne", "address": "Weg 1", "extras": {}}
    added = await api.add({**firm, "postcode": "10115", "city": "Berlin"})
    async with agent("auto", api) as someone:
        answer = await someone.call("list_customers", keywords=["Söhne & Wortmann"], fields=["id"])
    assert answer["rows"] == [[added["id"]]]


@pytest.mark.parametrize("base", [Base, WithoutTotal])
@pytest.mark.parametrize(("typed", "found"), NAMES)
async def test_it_is_exported(base: type[Base], typed: str, found: str) -> None:
    async with FaktooraClient(settings(), base(PEOPLE)) as client:
        query = CustomerQuery(keywords=(typed,))
        pages = [page async for page in matching_pages(client, query)]
    assert [customer.id for page in pages for customer in page.customers] == [found]


async def test_a_keyword_that_is_found_as_it_stands_is_not_divided() -> None:
    base = Base(PEOPLE)
    async with FaktooraClient(settings(), base) as client:
        found = [page async for page in matching_pages(client, CustomerQuery(keywords=("Müller & S",)))]
    assert [customer.id for page in found for customer in page.customers] == ["3"]
    assert ["Müller", "S"] not in base.words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Müller & Söhne", ("Müller", "Söhne")),
        ("50 % Rabatt!", ("50", "Rabatt")),
        ("<info@firma.de>, K-0042.", ("info@firma.de", "K-0042")),
        ("Mu\u0308ller", ("Müller",)),
        ("Andre\u0301", ("André",)),
        ("_x_ — y", ("x", "y")),
        ("& %", ()),
    ],
)
def test_words_have_no_punctuation_around_them(text: str, words: tuple[str, ...]) -> None:
    assert words_of((text,)) == words
