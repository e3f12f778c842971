"""Customer lists as imports and checks read them: rows with their place, record and findings."""

from faktoora_mcp.sheets.customers import read_customers
from tests.customer_files import ACME, content


def test_a_row_is_a_record_with_its_place_and_the_customer_it_is_about() -> None:
    (row,) = read_customers(content(ACME), "kunden.csv").rows()
    assert (row.place, row.customer, row.ready) == (2, "Acme GmbH", True)
    assert row.record == {
        "customerId": "K-1",
        "name": "Acme GmbH",
        "address": "Musterstraße 1",
        "postcode": "10115",
        "city": "Berlin",
        "country": "DE",
        "isCompany": True,
    }


def test_rows_can_be_read_again() -> None:
    sheet = read_customers(content(ACME))
    assert [*sheet.rows()] == [*sheet.rows()]
