"""Whether a customer is the one of a row: every value that the row gives, however the API writes an id."""

import pytest
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.writes.many.list_comparison import fits
from tests.scripted import RECORD

HELD: dict[str, JsonValue] = {
    **RECORD,
    "phoneNo": "+49 30 901820",
    "vatId": "DE136695976",
    "glnId": "4000001000005",
    "note": "Kommt montags.",
    "extras": {"rabatt": "3 %", "seit": 2019},
    "legalform": {"id": "7", "name": "GmbH"},
    "customerContacts": [{"id": 1, "lastName": "Weber", "email": "w@acme.example.com"}],
}


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Acme GmbH"},
        {"name": " Acme GmbH ", "phoneNo": "030 901820"},
        {"vatId": "DE 136 695 976", "glnId": "4000001 00000 5"},
        {"email": "Billing@ACME.example.com"},
        {"extras": {"rabatt": "3 %"}},
        {"extras": {}, "taxId": "", "faxNo": None},
        {"legalform": "GmbH"},
        {"legalform": "7"},
        {"isCompany": True, "customerContacts": [{"lastName": "Weber", "email": "w@acme.example.com"}]},
    ],
)
def test_every_value_that_is_given_is_there(given: dict[str, JsonValue]) -> None:
    assert fits(given, Customer(HELD))


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Acme AG"},
        {"name": "acme gmbh"},
        {"email": "bil.ling@acme.example.com"},
        {"customerId": "CUST0042"},
        {"customerId": "cust-0042"},
        {"phoneNo": "030 901821"},
        {"note": "Kommt dienstags."},
        {"faxNo": "030 901820"},
        {"isCompany": False},
        {"extras": {"rabatt": "4 %"}},
        {"legalform": "AG"},
        {"customerContacts": [{"lastName": "Wolf", "email": "w@acme.example.com"}]},
        {"deliveryAddresses": [{"city": "Berlin"}]},
    ],
)
def test_one_other_value_is_another_customer_or_a_question(given: dict[str, JsonValue]) -> None:
    assert not fits({"name": "Acme GmbH", **given}, Customer(HELD))
