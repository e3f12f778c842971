"""Headers of customer lists, in German and English, and the fields that they name."""

import pytest

from faktoora_mcp.api.models import WRITABLE
from faktoora_mcp.sheets.headers import HEADERS, SECOND_CHOICE, Column, columns_of, field_of, missing_fields
from faktoora_mcp.sheets.rows import FIELD_OF_PART, HOUSE_NUMBER, PO_BOX, VAT_COUNTRY


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
        ("isCompany", "isCompany"), ("Umsatz", None), ("", None), ("extras", "extras"), ("Konto", None),
        ("Debitoren-Nr.", "customerId"),
        ("Handy", "phoneNo"), ("Postfach", PO_BOX), ("EU-Land", VAT_COUNTRY), ("Kunden-ID", "customerId"),
    ],
)  # fmt: skip
def test_a_header_names_a_field_in_german_or_english(header: str, field: str | None) -> None:
    assert field_of(header) == field


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("StraÃŸe", "address"), ("Stra\ufffde", "address"), ("Stra?e", "address"),
        ("Stra\ufffd\ufffde", "address"),
        ("USt-ID\u00a0", "vatId"), ("'PLZ", "postcode"), ("K\ufffduferreferenz", "routeId"),
        ("?", None), ("Fax?", "faxNo"), ("Wer?Was", None), ("\ufffd", None),
    ],
)  # fmt: skip
def test_a_damaged_header_is_known_by_what_it_was(header: str, field: str | None) -> None:
    assert field_of(header) == field


def test_every_known_header_names_one_writable_field() -> None:
    listed = [
        (header, field)
        for field, headers in (*HEADERS.items(), *SECOND_CHOICE.items())
        for header in headers.split(", ")
        if header
    ]
    assert [(header, field_of(header)) for header, _ in listed] == listed
    assert HEADERS.keys() - FIELD_OF_PART.keys() <= {*WRITABLE}


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
    assert columns_of(["Tel.", "Telefon"]) == (
        Column("Tel.", "phoneNo", read=True),
        Column("Telefon", "phoneNo", read=False, instead="Tel.", conflict=True),
    )


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ("Kunden-Nr.", "Debitoren-Nr.", "customerId"),
        ("Telefon", "Handy", "phoneNo"),
        ("E-Mail", "E-Mail 2", "email"),
    ],
)
def test_a_header_of_second_choice_yields_without_a_conflict(first: str, second: str, field: str) -> None:
    unread = Column(second, field, read=False, instead=first)
    assert columns_of([second, first]) == (unread, Column(first, field, read=True))
    assert columns_of([second]) == (Column(second, field, read=True),)


def test_an_account_is_the_customer_number_unless_it_is_one_of_a_bank() -> None:
    datev, bank = ["Konto", "Name (Adressattyp Unternehmen)"], ["Konto", "BLZ", "Firma"]
    assert [column.field for column in columns_of(datev)] == ["customerId", "name"]
    assert [column.field for column in columns_of(["Konto", "Firma"])] == ["customerId", "name"]
    assert [column.field for column in columns_of(bank)] == [None, None, "name"]


def test_a_field_may_be_named_for_a_header_or_a_column_left_out() -> None:
    columns = columns_of(["Firma", "Kurz", "Ort"], {"Kurz": "name", "Ort": ""})
    assert columns == (
        Column("Firma", "name", read=False, instead="Kurz"),
        Column("Kurz", "name", read=True),
        Column("Ort", None, read=False),
    )


def test_an_unknown_header_is_a_column_without_a_field() -> None:
    assert columns_of(["Umsatz"]) == (Column("Umsatz", None, read=False),)


def test_the_fields_that_every_customer_needs_are_missing_without_a_column() -> None:
    assert missing_fields(columns_of(["Firma", "PLZ"])) == ["address", "city"]
    assert missing_fields(columns_of(["Ort", "PLZ", "Straße"])) == []
