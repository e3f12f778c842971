"""The checks on good and on bad records."""

import pytest
from pydantic import JsonValue

from faktoora_mcp.answers.sentences import sentence
from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.checks import CHECKS, CheckName, Reason
from faktoora_mcp.insight.paths import PATHS

READY: dict[str, JsonValue] = {
    "id": "1",
    "isCompany": True,
    "name": "Stadt Acme",
    "address": "Rathausplatz 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "rechnung@acme.example.com",
    "vatId": "DE136695976",
    "peppolId": "0204:991-03730-19",
    "routeId": "991-03730-19",
}
PERSON: dict[str, JsonValue] = {"isCompany": False, "name": None, "firstName": "Erika", "lastName": "Muster"}


def reason(check: CheckName, changed: dict[str, JsonValue]) -> str | None:
    return said(CHECKS[check].reason(Customer(READY | changed)))


def said(reasons: Reason) -> str | None:
    return ", ".join(map(sentence, reasons)) or None


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_record_is_not_found_by_a_check(check: CheckName) -> None:
    assert reason(check, {}) is None


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("missing_vat_id", PERSON | {"vatId": None}),
        ("missing_vat_id", {"isCompany": None, "vatId": None}),
        ("bad_vat_id", {"vatId": None}),
        ("bad_vat_id", {"vatId": "de 136 695 976"}),
        ("bad_vat_id", {"country": "GB", "vatId": "GB980780684"}),
        ("bad_vat_id", {"country": "CH", "vatId": "CHE-107.787.577 MWST"}),
        ("bad_vat_id", {"country": "AT"}),
        ("bad_vat_id", {"country": "AT", "vatId": "CHE-107.787.577"}),
        ("bad_postcode", {"postcode": " "}),
        ("bad_postcode", {"country": None, "postcode": "1011"}),
        ("bad_postcode", {"country": "AT", "postcode": "1010"}),
        ("no_email", {"email": "not an address"}),
        ("not_ready_for_xrechnung", PERSON),
        ("not_ready_for_xrechnung", {"email": None}),
        ("not_ready_for_xrechnung", {"peppolId": None}),
        ("not_ready_for_xrechnung", {"email": "info@acme.local"}),
        ("not_ready_for_xrechnung", {"peppolId": "folgt"}),
        ("not_ready_for_xrechnung", {"city": "Leer", "name": "Null"}),
        ("missing_vat_id", {"vatId": "DE1"}),
    ],
)
def test_an_allowed_value_is_not_found_by_a_check(check: CheckName, changed: dict[str, JsonValue]) -> None:
    assert reason(check, changed) is None


@pytest.mark.parametrize(
    ("check", "changed", "words"),
    [
        ("missing_vat_id", {"vatId": " "}, "a company without vatId"),
        (
            "bad_vat_id",
            {"vatId": "136695976"},
            (
                "invalid vatId: VAT IDs begin with a country code such as DE, got '136695976'; "
                "did you mean DE136695976?"
            ),
        ),
        (
            "bad_vat_id",
            {"vatId": "DE136695976!"},
            "invalid vatId: DE VAT IDs are DE + 9 digits, got 'DE136695976!'",
        ),
        ("bad_vat_id", {"vatId": "DE123456789"}, "doubtful vatId: check digit looks wrong"),
        (
            "bad_vat_id",
            {"country": "GB", "vatId": "GB980780685"},
            "doubtful vatId: check digit looks wrong; GB is outside the EU: VIES cannot confirm it",
        ),
        (
            "bad_vat_id",
            {"country": "FR", "vatId": "FR1"},
            "doubtful vatId: not in the form of a VAT ID of FR",
        ),
        (
            "bad_vat_id",
            {"country": "CH", "vatId": "CHE-107.787.578"},
            "doubtful vatId: check digit looks wrong",
        ),
        ("bad_postcode", {"postcode": "1011"}, "invalid postcode: DE postcodes have 5 digits, got '1011'"),
        (
            "bad_postcode",
            {"postcode": "00115"},
            "doubtful postcode: no German address has a postcode beginning with 00, 05, 43 or 62",
        ),
        ("no_email", {"email": ""}, "no email"),
        ("no_email", {"email": None, "customerContacts": [{"email": "a@acme.example.com"}]}, "no email"),
        ("not_ready_for_xrechnung", {"routeId": None}, "no routeId"),
        ("not_ready_for_xrechnung", {"name": None}, "no name"),
        (
            "not_ready_for_xrechnung",
            {"country": "Deutschland", "city": "", "postcode": None},
            "no postcode, no city, invalid country",
        ),
        (
            "not_ready_for_xrechnung",
            {"email": "info at acme", "peppolId": None},
            "no way to deliver (invalid email, no peppolId)",
        ),
        (
            "not_ready_for_xrechnung",
            {"routeId": "Bestellung 7", "postcode": "00115"},
            (
                "doubtful routeId: no Leitweg-ID, doubtful postcode: no German address has a postcode "
                "beginning with 00, 05, 43 or 62"
            ),
        ),
        (
            "not_ready_for_xrechnung",
            {"routeId": "991-03730-18"},
            "doubtful routeId: check digits of the Leitweg-ID look wrong",
        ),
        (
            "not_ready_for_xrechnung",
            {"email": "info@acme.local", "peppolId": None},
            (
                "no way to deliver (doubtful email: .local is a special-use domain that mail does not reach, "
                "no peppolId)"
            ),
        ),
        ("not_ready_for_peppol", {"peppolId": None}, "no peppolId"),
        (
            "not_ready_for_peppol",
            {"peppolId": "991-03730-19"},
            (
                "invalid peppolId: Peppol IDs are four digits of a scheme, a colon and up to 130 characters "
                "without blanks, such as 0088:4000001000005, got '991-03730-19'"
            ),
        ),
        (
            "not_ready_for_peppol",
            {"peppolId": "9958:991-03730-19"},
            "doubtful peppolId: scheme 9958 is retired; 0204 took its place",
        ),
    ],
)
def test_a_check_gives_the_reason(check: CheckName, changed: dict[str, JsonValue], words: str) -> None:
    assert reason(check, changed) == words


@pytest.mark.parametrize("text", ["wird nachgereicht", "folgt", "n/a", "-", "unbekannt", "tbd", "siehe oben"])
@pytest.mark.parametrize(
    ("check", "field", "words"),
    [
        ("missing_vat_id", "vatId", "a company without vatId"),
        ("no_email", "email", "no email"),
        ("not_ready_for_peppol", "peppolId", "no peppolId"),
        *(
            ("not_ready_for_xrechnung", field, f"no {field}")
            for field in ("routeId", "name", "address", "postcode", "city", "country")
        ),
    ],
)
def test_a_placeholder_counts_as_missing(check: CheckName, field: str, words: str, text: str) -> None:
    assert reason(check, {field: text}) == words


def test_everything_that_an_empty_record_lacks_is_named() -> None:
    assert said(CHECKS["not_ready_for_xrechnung"].reason(Customer({"id": "1"}))) == (
        "no routeId, no address, no postcode, no city, no country, no name, "
        "no way to deliver (no email, no peppolId)"
    )


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_reads_only_the_fields_it_names(check: CheckName) -> None:
    bare: dict[str, JsonValue] = {"id": "1"}
    assert set(CHECKS[check].fields) <= PATHS
    named = {field: value for field, value in READY.items() if field in CHECKS[check].fields}
    assert CHECKS[check].reason(Customer(bare | named)) == ()
