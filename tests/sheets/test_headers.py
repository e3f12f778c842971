"""Headers of customer lists, in German and English, and the fields that they name."""

import pytest

from faktoora_mcp.api.models import WRITABLE
from faktoora_mcp.sheets.headers import HEADERS, Column, columns_of, field_of, missing_fields
from faktoora_mcp.sheets.rows import HOUSE_NUMBER


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("PLZ", "postcode"), ("Postleitzahl", "postcode"), ("zip", "postcode"),
        ("Postal Code", "postcode"), ("USt-IdNr.", "vatId"), ("USt-ID", "vatId"), ("UStID", "vatId"),
        ("UID", "vatId"), ("VAT", "vatId"), ("Steuernummer", "taxId"), ("Firma", "name"),
        ("Firmenname", "name"), ("company", "name"), ("Vorname", "firstName"),
        ("Nachname", "lastName"), ("Straße", "address"), ("STRASSE", "address"), ("Str.", "address"),
        ("Anschrift", "address"), ("street", "address"), ("Hausnummer", HOUSE_NUMBER), ("Ort", "city"),
        ("Stadt", "city"), ("city", "city"), ("Land", "country"), ("country", "country"),
        ("E-Mail", "email"), ("e_mail", "email"), ("Telefon", "phoneNo"), ("Tel.", "phoneNo"),
        ("phone", "phoneNo"), ("Kundennummer", "customerId"), ("Kd.-Nr.", "customerId"),
        ("customer no", "customerId"), ("GLN", "glnId"), ("D-U-N-S®", "dunsId"),
        ("Leitweg-ID", "routeId"), ("Käuferreferenz", "routeId"), ("Kaeuferreferenz", "routeId"),
        ("Peppol-ID", "peppolId"), ("Kategorie", "category"), ("Bemerkung", "note"), ("Notiz", "note"),
        ("Anrede", "gender"), ("Titel", "title"), ("Fax", "faxNo"), ("Firma ja/nein", "isCompany"),
        ("isCompany", "isCompany"), ("Umsatz", None), ("", None), ("extras", None),
    ],
)  # fmt: skip
def test_a_header_names_a_field_in_german_or_english(header: str, field: str | None) -> None:
    assert field_of(header) == field


def test_every_known_header_names_one_writable_field() -> None:
    listed = [(header, field) for field, headers in HEADERS.items() for header in headers.split(", ")]
    assert [(header, field_of(header)) for header, _ in listed] == listed
    assert HEADERS.keys() - {HOUSE_NUMBER} <= {*WRITABLE}


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["Name"], ["name"]),
        (["Name", "Nachname"], ["name", "lastName"]),
        (["Firma", "Name"], ["name", "lastName"]),
        (["Vorname", "Name"], ["firstName", "lastName"]),
        (["Firma", "Vorname", "Name"], ["name", "firstName", "lastName"]),
    ],
)
def test_name_beside_a_company_or_a_first_name_is_the_family_name(
    headers: list[str], fields: list[str]
) -> None:
    assert [column.field for column in columns_of(headers)] == fields


def test_only_the_first_of_two_columns_for_a_field_is_read() -> None:
    first, second = Column("Tel.", "phoneNo", read=True), Column("Telefon", "phoneNo", read=False)
    assert columns_of(["Tel.", "Telefon"]) == (first, second)


def test_an_unknown_header_is_a_column_without_a_field() -> None:
    assert columns_of(["Umsatz"]) == (Column("Umsatz", None, read=False),)


def test_the_fields_that_every_customer_needs_are_missing_without_a_column() -> None:
    assert missing_fields(columns_of(["Firma", "PLZ"])) == ["address", "city"]
    assert missing_fields(columns_of(["Ort", "PLZ", "Straße"])) == []
