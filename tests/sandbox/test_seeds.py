"""The invented customers: reproducible by seed, plausible, with some data errors."""

import re
from collections import Counter
from typing import cast

import httpx
import pytest
from stdnum import ean, vatin
from stdnum.iso7064 import mod_97_10

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.countries import CODES

pytestmark = pytest.mark.anyio

Body = dict[str, object]
RELATIONS = ["customerContacts", "customerDeliveryAddresses", "legalform", "invoiceTemplate"]


async def _all(count: int, seed: int = 1) -> list[Body]:
    app = create_app(customers=count, seed=seed)
    transport = httpx.ASGITransport(app=app)
    records: list[Body] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1") as api:
        for page in range(1, count // 100 + 2):
            params: dict[str, int | list[str]] = {"page": page, "perPage": 100, "relationFields[]": RELATIONS}
            answer = await api.get("/customers", params=params, headers={"X-API-KEY": "any"})
            records += answer.json()["data"]
    app.state.close()
    return records


@pytest.fixture
async def customers() -> list[Body]:
    return await _all(1500)


async def test_the_same_seed_makes_the_same_customers() -> None:
    assert await _all(57) == await _all(57)


async def test_another_seed_makes_others() -> None:
    assert await _all(57) != await _all(57, seed=2)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 41, 57, 100])
async def test_there_are_as_many_as_requested(count: int) -> None:
    assert len(await _all(count)) == count


async def test_names_and_places_vary_as_those_of_real_customers_do(customers: list[Body]) -> None:
    persons = {record["lastName"] for record in customers if not record["isCompany"]}
    places = {(record["postcode"], record["city"]) for record in customers}
    assert len(persons) > 200
    assert len(places) > 500
    assert len({city for _, city in places}) > 500


async def test_the_first_hundred_have_common_names_in_well_known_places(customers: list[Body]) -> None:
    cities = {record["city"] for record in customers[:100]}
    assert {"Köln", "Berlin", "Hamburg"} <= cities
    assert len(cities) < 60


async def test_numbers_and_ids_are_unique_and_cust_0042_is_left_free(customers: list[Body]) -> None:
    numbers = [str(record["customerId"]) for record in customers]
    assert len(set(numbers)) == len({record["id"] for record in customers}) == 1500
    assert numbers[:2] == ["CUST-0001", "CUST-0002"]
    assert "CUST-0042" not in numbers


async def test_most_customers_are_german_austrian_or_swiss(customers: list[Body]) -> None:
    countries = Counter(record["country"] for record in customers)
    assert [country for country, _ in countries.most_common(3)] == ["DE", "AT", "CH"]
    assert {"LI", "NL", "FR", "IT", "PL"} <= countries.keys() <= CODES
    assert 0.15 < sum(not record["isCompany"] for record in customers) / 1500 < 0.4
    assert {"Stammkunde", "Neukunde", "Behörde"} <= {record["category"] for record in customers}


async def test_postcodes_fit_their_countries(customers: list[Body]) -> None:
    forms = {
        "DE": "[0-9]{5}",
        "AT": "[0-9]{4}",
        "CH": "[0-9]{4}",
        "LI": "94[89][0-9]",
        "PL": "[0-9]{2}-[0-9]{3}",
    }
    for record in customers:
        assert re.fullmatch(forms.get(str(record["country"]), ".+"), str(record["postcode"]))


async def test_most_vat_ids_are_right_and_a_few_are_wrong(customers: list[Body]) -> None:
    vat_ids = [str(record["vatId"]) for record in customers if record["vatId"]]
    wrong = [vat_id for vat_id in vat_ids if not vatin.is_valid(vat_id)]
    assert 0 < len(wrong) < len(vat_ids) / 20
    assert {vat_id[:2] for vat_id in vat_ids} == {"DE", "AT", "CH", "NL", "FR", "IT", "PL"}
    assert all(re.fullmatch("DE[0-9]{9}", vat_id) for vat_id in wrong)


async def test_glns_have_their_check_digit(customers: list[Body]) -> None:
    glns = [str(record["glnId"]) for record in customers if record["glnId"]]
    assert glns
    assert all(len(gln) == 13 and ean.is_valid(gln) for gln in glns)


async def test_authorities_have_a_valid_leitweg_id(customers: list[Body]) -> None:
    authorities = [record for record in customers if record["category"] == "Behörde"]
    assert authorities
    for record in authorities:
        assert mod_97_10.is_valid(str(record["routeId"]).replace("-", ""))
        assert record["country"] == "DE"


async def test_mail_goes_to_example_domains_only(customers: list[Body]) -> None:
    contacts = [contact for record in customers for contact in cast("list[Body]", record["customerContacts"])]
    mails = [str(one["email"]) for one in [*customers, *contacts] if one["email"]]
    assert all(re.fullmatch(r"[A-Za-z.]+[a-z0-9.-]*@[a-z0-9-]+\.example", mail) for mail in mails)


async def test_some_have_contacts_delivery_addresses_notes_and_templates(customers: list[Body]) -> None:
    for field in (*RELATIONS, "note", "nameAuthorisedSignatory", "taxId", "peppolId", "supplierNumber"):
        filled = sum(bool(record[field]) for record in customers)
        assert 0 < filled < 1500, field
    entries = [entry for record in customers for entry in cast("list[Body]", record["customerContacts"])]
    assert len({entry["id"] for entry in entries}) == len(entries)


async def test_creation_is_spread_over_years_in_the_order_of_numbers(customers: list[Body]) -> None:
    created = [str(record["createdAt"]) for record in customers]
    assert created == sorted(created)
    assert len({moment[:4] for moment in created}) >= 6
    assert all(str(record["updatedAt"]) >= str(record["createdAt"]) for record in customers)


async def test_a_small_database_has_duplicates_and_a_namesake_with_another_legal_form() -> None:
    named = [record for record in await _all(10) if str(record["name"]).startswith("Müller ")]
    assert [(record["name"], record["city"]) for record in named] == [
        ("Müller GmbH", "Köln"),
        ("Müller GmbH", "Köln"),
        ("Müller AG", "Köln"),
    ]


async def test_a_small_database_has_imperfect_records() -> None:
    records = await _all(10)
    assert any(record["isCompany"] and not record["vatId"] and not record["email"] for record in records)
    assert any(record["vatId"] and not vatin.is_valid(str(record["vatId"])) for record in records)
