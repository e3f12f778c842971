"""An agent meets one id in several spellings: a second customer is refused, found again, and hidden alike."""

import pytest

from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.agents import ERAS, agent
from tests.bases import Record
from tests.sandboxes import Sandbox
from tests.scripted import ACME

pytestmark = pytest.mark.anyio
LEITWEG = "991-03730-19"
OTHER: Record = {
    **ACME,
    "name": "Ganz Anders AG",
    "email": "ag@anders.example",
    "postcode": "50667",
    "city": "Köln",
}
SPELLINGS: list[tuple[Record, Record]] = [
    ({"vatId": "CHE-107.787.577 MWST", "country": "CH", "postcode": "8001"},
     {"vatId": "CHE107787577", "country": "CH", "postcode": "3003"}),
    ({"vatId": "EL094259216"}, {"vatId": "GR094259216"}),
    ({"routeId": LEITWEG}, {"peppolId": f"0204:{LEITWEG}"}),
    ({"peppolId": "0088:4012345000009"}, {"glnId": "4012345000009"}),
]  # fmt: skip


@pytest.fixture(params=[*zip(ERAS, (DOCUMENTED, CURRENT), strict=True)], ids=ERAS)
def setting(request: pytest.FixtureRequest) -> tuple[str, Forms]:
    era, forms = request.param
    return str(era), forms


def without_ids(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in ("vatId", "customerId")}


@pytest.mark.parametrize(("held", "new"), SPELLINGS)
async def test_a_second_customer_with_the_id_is_refused(
    setting: tuple[str, Forms], held: Record, new: Record
) -> None:
    era, forms = setting
    async with agent(era, Sandbox(5, forms)) as someone:
        first = await someone.call("create_customer", customer=without_ids(ACME) | held)
        error = await someone.fails("create_customer", customer=without_ids(OTHER) | new)
    assert error["code"] == "duplicate"
    assert [one["id"] for one in error["candidates"]] == [first["customer"]["id"]]


@pytest.mark.parametrize(("held", "new"), SPELLINGS)
async def test_both_are_found_as_duplicates(setting: tuple[str, Forms], held: Record, new: Record) -> None:
    era, forms = setting
    async with agent(era, Sandbox(0, forms)) as someone:
        for customer in (without_ids(ACME) | held, without_ids(OTHER) | new):
            await someone.call("create_customer", customer=customer, allow_duplicate=True)
        answer = await someone.call("find_duplicate_customers")
    assert answer["duplicatesTotal"] == 1


async def test_a_condition_finds_it(setting: tuple[str, Forms]) -> None:
    era, forms = setting
    async with agent(era, Sandbox(5, forms)) as someone:
        customer = without_ids(ACME) | {
            "vatId": "EL094259216",
            "country": "GR",
            "phoneNo": "+30 21 0123 4567",
        }
        made = await someone.call("create_customer", customer=customer)
        for field, value in (("vatId", "GR 094 259 216"), ("phoneNo", "0030 2101234567")):
            where = [{"field": field, "op": "eq", "value": value}]
            answer = await someone.call("query_customers", where=where, fields=["id"])
            assert [row[0] for row in answer["rows"]] == [made["customer"]["id"]]


@pytest.mark.parametrize("hidden", ["routeId", "peppolId"])
async def test_a_value_that_stands_in_two_fields_is_hidden_with_either(
    setting: tuple[str, Forms], hidden: str
) -> None:
    era, forms = setting
    api = Sandbox(0, forms)
    await api.add({**without_ids(ACME), "routeId": LEITWEG})
    await api.add({**without_ids(OTHER), "peppolId": f"0204:{LEITWEG}"})
    async with agent(era, api, hide_fields=(hidden,)) as someone:
        answer = await someone.call("find_duplicate_customers")
    assert answer["duplicatesTotal"] == 1
    assert LEITWEG not in str(answer)
