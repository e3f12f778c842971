"""The next free customer number, in the formats that tenants use."""

import httpx
import pytest

from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from faktoora_mcp.sandbox.numbering import NumberForm, form_of, highest, next_free

pytestmark = pytest.mark.anyio

Body = dict[str, object]


@pytest.fixture
def customers() -> int:
    return 0


@pytest.fixture
def forms() -> Forms:
    return DOCUMENTED


async def _next_after(api: httpx.AsyncClient, acme: Body, *numbers: str | None) -> str:
    for number in numbers:
        assert (await api.post("/customer", json=acme | {"customerId": number})).status_code == 200
    return (await api.get("/customers/generate-number")).json()["value"]


@pytest.mark.parametrize(
    ("used", "following"),
    [
        ([], "001"),
        ([None, "ACME", "Müller"], "001"),
        (["001", "002"], "003"),
        (["007"], "008"),
        (["009"], "010"),
        (["999"], "1000"),
        (["997", "998", "999", "1000"], "1001"),
        (["1", "2", "3"], "4"),
        (["8", "9", "10"], "11"),
        (["CUST-001"], "CUST-002"),
        (["CUST-0001", "CUST-0041"], "CUST-0042"),
        (["K2024-0006", "K2024-0007", "K2023-0099"], "K2024-0008"),
        (["001", "CUST-001", "CUST-002"], "CUST-003"),
        (["10001", "10002", "ACME", None], "10003"),
        (["A1-01-X", "KD 0009"], "KD 0010"),
        (["CUST-0001", "CUST-0002", "CUST-7"], "CUST-0003"),
        (["00000000000000000000000000001"], "00000000000000000000000000002"),
        (["999999999999999999"], "1000000000000000000"),
    ],
)
async def test_the_number_after_the_highest_of_the_most_common_form(
    api: httpx.AsyncClient, acme: Body, used: list[str | None], following: str
) -> None:
    assert await _next_after(api, acme, *used) == following


async def test_generating_does_not_reserve(api: httpx.AsyncClient, acme: Body) -> None:
    assert await _next_after(api, acme, "001") == "002"
    assert await _next_after(api, acme) == "002"


async def test_the_generated_number_is_free(api: httpx.AsyncClient, acme: Body) -> None:
    number = await _next_after(api, acme, "001", "002", "004")
    answer = await api.get("/customer/verify-customer-number", params={"value": number})
    assert (number, answer.json()) == ("005", {"succeed": True})


async def test_verify_takes_numbers_literally(api: httpx.AsyncClient, acme: Body) -> None:
    await _next_after(api, acme, "Ä-003", "003")
    for value, free in (("003", False), ("3", True), ("Ä-003", False), ("ä-003", True), ("%", True)):
        answer = await api.get("/customer/verify-customer-number", params={"value": value})
        assert answer.json() == {"succeed": free}


def test_taken_numbers_are_skipped() -> None:
    assert next_free(NumberForm("K", 3, 7), {"K008", "K009"}.__contains__) == "K010"


def test_a_form_is_prefix_width_and_value() -> None:
    assert form_of("K2024-0007") == NumberForm("K2024-", 4, 7)
    assert form_of("\u0661") is None
    assert form_of("") is None


def test_wider_numbers_count_only_where_they_outgrew_the_padding() -> None:
    assert highest(3, {3: 12, 4: 1003, 2: 99}) == 1003
    assert highest(3, {3: 12, 4: 15}) == 12
