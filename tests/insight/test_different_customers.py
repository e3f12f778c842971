"""What makes two records look like two customers."""

import pytest

from faktoora_mcp.insight.different_customers import differences
from tests.faulty import Record

FIRM: Record = {
    "isCompany": True, "name": "Nordwind Segel GmbH", "postcode": "20457", "city": "Hamburg",
    "vatId": "DE136695976",
}  # fmt: skip
PERSON: Record = {
    "isCompany": False, "firstName": "Erika", "lastName": "Muster", "postcode": "20457", "city": "Hamburg",
}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"name": "Nordwind Segel", "vatId": None},
        {"name": "NORDWIND SEGEL GMBH", "vatId": "de 136 695 976"},
        {"vatId": None, "peppolId": "9930:DE136695976"},
        {"name": "Ganz Anders GmbH"},
        {"vatId": None, "city": "Kiel", "postcode": "24103"},
        {"name": "Nordwind Segel Gesellschaft mit beschränkter Haftung"},
    ],
    ids=str,
)
def test_spellings_and_gaps_do_not_make_two_customers(other: Record) -> None:
    assert differences(FIRM, FIRM | other) == {}
    assert differences(FIRM | other, FIRM) == {}


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        ({"name": "Nordwind Segel AG"}, {"name": "other_form"}),
        ({"name": "Nordwind Segel UG (haftungsbeschränkt)", "vatId": None}, {"name": "other_form"}),
        ({"vatId": "DE129273398"}, {"vatId": "other_vat_id"}),
        ({"vatId": None, "peppolId": "9930:DE129273398"}, {"vatId": "other_vat_id"}),
        ({"vatId": "ATU13585627"}, {"vatId": "other_vat_id"}),
        ({"isCompany": False}, {"isCompany": "other_kind"}),
        (PERSON | {"vatId": None}, {"isCompany": "other_kind"}),
        ({"name": "Ganz Anders GmbH", "vatId": None}, {"name": "nothing_in_common"}),
        (
            {"name": "Nordwind Segel KG", "vatId": "DE129273398"},
            {"name": "other_form", "vatId": "other_vat_id"},
        ),
    ],
    ids=str,
)
def test_the_reason_stands_beside_the_field_that_shows_it(other: Record, reasons: dict[str, str]) -> None:
    for found in (differences(FIRM, FIRM | other), differences(FIRM | other, FIRM)):
        assert {path: finding.code for path, finding in found.items()} == reasons


def test_two_people_of_one_family_are_two_customers() -> None:
    assert differences(PERSON, PERSON | {"firstName": "Max"}).keys() == {"name"}
    assert differences(PERSON, PERSON) == {}
