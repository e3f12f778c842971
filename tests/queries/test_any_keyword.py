"""list_customers where one of several keywords is enough for the API: it lists those who have all."""

from dataclasses import replace

import pytest

from faktoora_mcp.queries.lookup import FILTERED_PAGES
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.agents import Agent, Answer, agent
from tests.bases import Base, Record
from tests.sandboxes import Sandbox

pytestmark = pytest.mark.anyio
ANY = [
    replace(DOCUMENTED, all_keywords=False),
    replace(CURRENT, all_keywords=False),
    replace(DOCUMENTED, all_keywords=False, max_per_page=25, over_limit="clamp", envelope="results"),
    replace(DOCUMENTED, all_keywords=False, envelope="bare"),
]
KEYWORDS = [
    ["müller", "köln"],
    ["gmbh", "berlin"],
    ["GmbH", "a"],
    ["gmbh", "2026"],
    ["gmbh", "de"],
    ["gmbh", "abc"],
    ["berlin", "hamburg"],
    ["niemand", "gmbh"],
    ["öz", "niemand"],
    ["CUST-0004", "müller", "köln"],
    ["müller gmbh", "köln"],
]


@pytest.fixture(params=ANY, ids=["documented", "current", "clamped", "bare"])
def forms(request: pytest.FixtureRequest) -> Forms:
    return request.param


def firms(count: int) -> list[Record]:
    return [{"id": f"c{place:05}", "name": f"Firma {place:05}", "city": "Ulm"} for place in range(count)]


async def listed(someone: Agent, **asked: object) -> list[Answer]:
    """Every page, as nextPage leads to it."""
    pages = [await someone.call("list_customers", fields=["id"], **asked)]
    while number := pages[-1].get("nextPage"):
        pages.append(await someone.call("list_customers", fields=["id"], page=number, **asked))
    return pages


@pytest.mark.parametrize("keywords", KEYWORDS, ids=" ".join)
async def test_exactly_the_customers_with_all_keywords_are_listed(forms: Forms, keywords: list[str]) -> None:
    async with agent("auto", Sandbox(57, replace(forms, all_keywords=True))) as someone:
        wanted = await listed(someone, keywords=keywords, per_page=4)
    async with agent("auto", Sandbox(57, forms)) as someone:
        found = await listed(someone, keywords=keywords, per_page=4)
    assert found == wanted


@pytest.mark.parametrize("more", [{"sort": "name", "order": "desc"}, {"category": "Behörde"}])
async def test_order_and_category_are_kept(forms: Forms, more: dict[str, object]) -> None:
    async with agent("auto", Sandbox(450, replace(forms, all_keywords=True))) as someone:
        wanted = await listed(someone, keywords=["gasse", "1"], **more)
    async with agent("auto", Sandbox(450, forms)) as someone:
        found = await listed(someone, keywords=["gasse", "1"], **more)
    assert found == wanted
    assert found[0]["rows"]


async def test_relations_are_shown(forms: Forms) -> None:
    asked = {"keywords": ["müller", "köln"], "relation_fields": ["customerContacts"]}
    async with agent("auto", Sandbox(57, forms)) as someone:
        answer = await someone.call("list_customers", **asked)
    contacts = answer["columns"].index("customerContacts")
    assert all(isinstance(row[contacts], list) for row in answer["rows"])


async def test_a_page_past_the_end_names_the_number_of_those_that_match(forms: Forms) -> None:
    async with agent("auto", Sandbox(57, forms)) as someone:
        near = await someone.fails("list_customers", keywords=["müller", "köln"], page=2)
        far = await someone.fails("list_customers", keywords=["müller", "köln"], page=50)
    sentence = {"page": "there are 3 customers, 20 to a page"}
    assert (near["fields"], far["fields"]) == (sentence, sentence)


async def test_one_keyword_is_left_to_the_api(forms: Forms) -> None:
    api = Sandbox(57, forms)
    async with agent("auto", api) as someone:
        await someone.call("list_customers", keywords=["gmbh"])
    assert api.calls == ["GET /customers?keywords[]=gmbh&page=1&perPage=20"]


async def test_where_the_longest_keyword_has_too_many_hits_there_is_no_total() -> None:
    base = Base(firms(2050), at_most=100, enough=any)
    async with agent("auto", base) as someone:
        first = await someone.call("list_customers", keywords=["firma", "ulm"])
        last = await someone.call("list_customers", keywords=["firma", "ulm"], page=100)
    assert "totalItems" not in first
    assert (len(first["rows"]), first["nextPage"]) == (20, 2)
    assert len(last["rows"]) == 20
    assert len(base.asked) <= 4 + 2 * (FILTERED_PAGES + 1)


async def test_where_hits_were_left_unread_the_end_is_not_claimed() -> None:
    base = Base([*firms(2050), {"id": "last", "name": "Firma", "city": "Aue"}], at_most=100, enough=any)
    async with agent("auto", base) as someone:
        answer = await someone.call("list_customers", keywords=["firma", "aue"])
    assert (answer["rows"], answer.get("totalItems")) == ([], None)
    assert answer.get("nextPage") is not None or "note" in answer
