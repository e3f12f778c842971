"""The pages about many customers show each of the three tools with a call and what it answers."""

import json
from operator import itemgetter
from typing import cast

import pytest

from tests.agents import Answer, agent
from tests.documents import ROOT, blocks
from tests.faulty import FaultyApi, Record

pytestmark = pytest.mark.anyio
PLACE: Record = {"isCompany": True, "address": "Kai 7", "postcode": "80331", "country": "DE", "extras": {}}
MISSPELT: list[Record] = [
    {"name": "Bootsbau Lund OHG", "customerId": "M-1", "city": "Muenchen"},
    {"name": "Segel Ost GmbH", "customerId": "M-2", "city": "Muenchen"},
]
TWICE: list[Record] = [
    {"name": "Segel Ost GmbH", "customerId": "M-1", "city": "München", "phoneNo": "089 1111"},
    {
        "name": "Segel Ost GmbH",
        "customerId": "M-2",
        "city": "München",
        "phoneNo": "089 2222",
        "email": "info@segel.example.com",
        "customerContacts": [{"lastName": "Öz", "email": "oez@segel.example.com"}],
    },
]


@pytest.mark.parametrize(
    ("page", "tool", "held"),
    [
        ("lists.md", "import_customers", []),
        ("many.md", "update_customers", MISSPELT),
        ("merging.md", "merge_customers", TWICE),
    ],
)
async def test_the_call_on_a_page_is_answered_as_it_says(page: str, tool: str, held: list[Record]) -> None:
    call, shown = (cast("Answer", json.loads(one.text)) for one in blocks(ROOT / "docs" / page, "json"))
    api = FaultyApi(3)
    ids = [(await api.add(PLACE | record))["id"] for record in held]
    if "keep" in call:
        call |= dict(zip(("keep", "remove"), ids, strict=True))
    async with agent("auto", api) as caller:
        answer = await caller.call(tool, **call)
    if confirm := shown.pop("confirm", None):
        assert str(answer["confirm"]).partition("-")[0] == str(confirm).partition("-")[0]
    for group in answer.get("differences", []):
        cast("list[dict[str, str]]", group["examples"]).sort(key=itemgetter("customerId"))
    assert {name: answer[name] for name in shown} == shown
