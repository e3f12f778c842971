"""Pages, order, filters, search and relations of GET /customers and GET /customer/{id}."""

from collections.abc import Mapping
from typing import cast

import httpx
import pytest

from faktoora_mcp.sandbox.errors import InvalidRequestError
from faktoora_mcp.sandbox.folding import fold
from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from tests.sandbox.refusals import expected, messages, refusal

pytestmark = pytest.mark.anyio

Body = dict[str, object]
SORTS = [
    "customerId", "name", "nameAuthorisedSignatory", "address", "phoneNo", "category", "isCompany", "email",
    "faktooraId", "vatId", "taxId", "invoiceProfile", "supplierNumber", "routeId", "peppolId",
    "createdAt", "updatedAt",
]  # fmt: skip
RELATIONS = [
    *("user", "legalform", "importedFile", "customerContacts", "invoiceTemplate"),
    "customerDeliveryAddresses",
]


async def _listed(api: httpx.AsyncClient, **params: object) -> list[Body]:
    renamed = {
        {"keywords": "keywords[]", "relations": "relationFields[]"}.get(k, k): v for k, v in params.items()
    }
    answer = await api.get("/customers", params=cast("dict[str, str]", {"perPage": 100} | renamed))
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def _create(api: httpx.AsyncClient, body: Body, *changes: Mapping[str, object]) -> list[Body]:
    answers = [await api.post("/customer", json=body | dict(change)) for change in changes]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
async def test_a_page_has_20_customers_by_default(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/customers")).json()
    assert len(answer["data"]) == 20
    assert answer["meta"] == {"page": 1, "perPage": 20, "totalItems": 57, "totalPages": 3}


async def test_following_the_pages_visits_every_customer_once(api: httpx.AsyncClient) -> None:
    pages = [await _listed(api, page=page, perPage=10, sort="isCompany") for page in range(1, 7)]
    ids = [record["id"] for page in pages for record in page]
    assert len(ids) == len(set(map(str, ids))) == 57


async def test_a_page_past_the_end_is_empty_with_true_meta(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/customers", params={"page": 10**15, "perPage": 50})).json()
    assert answer == {"data": [], "meta": {"page": 10**15, "perPage": 50, "totalItems": 57, "totalPages": 2}}


async def test_without_a_sort_the_oldest_come_first(api: httpx.AsyncClient) -> None:
    created = [record["createdAt"] for record in await _listed(api)]
    assert created == sorted(cast("list[str]", created))


@pytest.mark.parametrize("sort", SORTS)
async def test_every_documented_field_sorts_both_ways_with_unset_values_last(
    api: httpx.AsyncClient, sort: str
) -> None:
    def key(record: Body) -> tuple[bool, str]:
        value = record[sort]
        return value is None, fold(value) if isinstance(value, str) else str(value)

    up = await _listed(api, sort=sort, order="asc")
    assert len(up) == 57
    assert up == sorted(await _listed(api), key=key)
    assert await _listed(api, sort=sort, order="desc") == up[::-1]


async def test_names_sort_without_regard_to_case_and_umlauts(api: httpx.AsyncClient, acme: Body) -> None:
    names = ["zzz Öl", "ZZZ Nuss", "zzz Zahn", "ZZZ ähre"]
    await _create(api, acme, *({"name": name} for name in names))
    found = await _listed(api, keywords="zzz", sort="name")
    assert [record["name"] for record in found] == ["ZZZ ähre", "ZZZ Nuss", "zzz Öl", "zzz Zahn"]


async def test_category_filters_by_the_exact_category(api: httpx.AsyncClient) -> None:
    listed = await _listed(api)
    authorities = await _listed(api, category="Behörde")
    assert authorities == [record for record in listed if record["category"] == "Behörde"]
    assert authorities
    assert await _listed(api, category="Behö") == []


async def test_every_keyword_must_match_somewhere(api: httpx.AsyncClient, acme: Body) -> None:
    await _create(api, acme, {"city": "Hamburg"}, {"city": "Bremen"})
    found = await _listed(api, keywords=["acme", "hamburg"])
    assert [record["city"] for record in found] == ["Hamburg"]
    assert await _listed(api, keywords=["acme", "hamburg", "nowhere"]) == []


async def test_keywords_and_category_narrow_each_other(api: httpx.AsyncClient, acme: Body) -> None:
    await _create(
        api,
        acme,
        {"category": "A"},
        {"category": "B"},
        {"email": "info@other.example", "name": "Other", "category": "A"},
    )
    assert len(await _listed(api, keywords=["acme"], category="A")) == 1
    assert len(await _listed(api, keywords=["ac"], category="A")) == 1
    assert len(await _listed(api, keywords=["acme", "gm"], category="A")) == 1


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Quitte"),
        ("firstName", "Quitte"),
        ("lastName", "Quitte"),
        ("nameAuthorisedSignatory", "Quitte"),
        ("address", "Quittenweg 3"),
        ("city", "Quittenberg"),
        ("email", "info@quitte.example"),
        ("customerId", "QUITTE-1"),
    ],
)
async def test_a_keyword_is_looked_for_inside_each_searched_field(
    api: httpx.AsyncClient, acme: Body, field: str, value: str
) -> None:
    created = await _create(api, acme, {field: value})
    assert await _listed(api, keywords="uitt") == created


async def test_postcode_and_country_are_searched(api: httpx.AsyncClient, acme: Body) -> None:
    created = await _create(api, acme, {"postcode": "98761"}, {"postcode": "QX9", "country": "MT"})
    assert await _listed(api, keywords="9876") == created[:1]
    assert created[1] in await _listed(api, keywords="mt")


@pytest.mark.parametrize(
    "field", ["vatId", "taxId", "glnId", "peppolId", "note", "category", "phoneNo", "supplierNumber"]
)
async def test_other_fields_are_not_searched(api: httpx.AsyncClient, acme: Body, field: str) -> None:
    await _create(api, acme, {field: "QUITTE"})
    assert await _listed(api, keywords="quitte") == []


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
@pytest.mark.parametrize(
    "keyword", ["münchen", "MÜNCHEN", "muenchen", "MUENCHEN", "munchen", "Mu\N{COMBINING DIAERESIS}nchen"]
)
@pytest.mark.parametrize("city", ["Münchenbach", "Muenchenbach"])
async def test_umlauts_are_found_in_every_spelling(
    api: httpx.AsyncClient, acme: Body, keyword: str, city: str
) -> None:
    await _create(api, acme, {"city": city})
    expected = [] if (city, keyword) == ("Muenchenbach", "munchen") else [city]
    found = await _listed(api, keywords=[keyword, "bach"])
    assert [record["city"] for record in found] == expected


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
@pytest.mark.parametrize("keyword", ["weiß", "WEISS", "weiss", "renée", "RENEE", "łódź", "lodz", "ü", "öß"])
async def test_sharp_s_accents_and_short_words_are_found(
    api: httpx.AsyncClient, acme: Body, keyword: str
) -> None:
    created = await _create(api, acme, {"name": "Renée Weiß Łódź Bütöß"})
    assert created[0] in await _listed(api, keywords=keyword)


@pytest.mark.parametrize(
    "keyword",
    [
        "%%%",
        "_",
        "*",
        "***",
        "?",
        "[",
        "[a",
        "]",
        "[a]",
        '"',
        "'",
        "a OR b",
        "\x00",
        "\x1f",
        "NEAR(a)",
        "-",
        "\\",
    ],
)
async def test_special_characters_in_a_keyword_are_literal(
    api: httpx.AsyncClient, acme: Body, keyword: str
) -> None:
    before = await _listed(api, keywords=keyword)
    visible = keyword if keyword.isprintable() else "plain"
    created = await _create(api, acme, {"name": f"x{visible}y"})
    after = await _listed(api, keywords=keyword)
    assert all(record in after for record in before)
    assert (created[0] in after) == (visible == keyword or keyword in {"\x00", "\x1f"})


async def test_a_keyword_does_not_match_across_two_fields(api: httpx.AsyncClient, acme: Body) -> None:
    await _create(api, acme, {"name": "Quirin", "city": "Quast"})
    assert len(await _listed(api, keywords=["quirin", "quast"])) == 1
    assert await _listed(api, keywords=["quirin quast"]) == []


async def test_blank_keywords_are_no_filter(api: httpx.AsyncClient) -> None:
    assert len(await _listed(api, keywords=["", " "])) == 57


async def test_search_follows_changes_and_deletions(api: httpx.AsyncClient, acme: Body) -> None:
    (created,) = await _create(api, acme, {"name": "Quitte GmbH"})
    changed = await api.patch(f"/customer/{created['id']}", json=acme | {"name": "Mirabelle GmbH"})
    assert changed.status_code == 200
    assert await _listed(api, keywords="quitte") == []
    assert len(await _listed(api, keywords="mirabelle")) == 1
    await api.delete(f"/customer/{created['id']}")
    assert await _listed(api, keywords="mirabelle") == []
    assert await _listed(api, keywords="mi", category="nothing") == []


async def test_relations_are_absent_unless_requested(api: httpx.AsyncClient) -> None:
    for record in [*await _listed(api), (await api.get("/customer/cust_abc123")).json()]:
        assert not {*RELATIONS, "deliveryAddresses"} & record.keys()


@pytest.mark.parametrize("relation", RELATIONS)
async def test_one_relation_is_added_when_requested(api: httpx.AsyncClient, relation: str) -> None:
    listed = {str(record["id"]): record for record in await _listed(api, relations=relation)}
    single = await api.get("/customer/cust_abc123", params={"relationFields[]": relation})
    assert all(set(RELATIONS) & record.keys() == {relation} for record in listed.values())
    assert single.json() == listed["cust_abc123"]


async def test_all_relations_have_their_shapes(api: httpx.AsyncClient) -> None:
    records = await _listed(api, relations=RELATIONS)
    for record in records:
        assert record["user"] == records[0]["user"] != None  # noqa: E711 - one comparison chain for both
        assert isinstance(record["customerContacts"], list)
        assert isinstance(record["customerDeliveryAddresses"], list)
        assert record["importedFile"] is None
    named = [record["legalform"] for record in records] + [record["invoiceTemplate"] for record in records]
    assert {frozenset(cast("Body", one)) for one in named if one} == {frozenset({"id", "name"})}


async def test_an_imported_customer_names_its_file(api: httpx.AsyncClient) -> None:
    file_id = "550e8400-e29b-41d4-a716-446655440000"
    await api.post("/customers/import", json={"fileId": file_id})
    (found,) = await _listed(api, keywords="K-9001", relations="importedFile")
    file = cast("Body", found["importedFile"])
    assert (file["id"], file["name"]) == (file_id, "kunden.csv")


async def test_a_record_shows_every_field_with_unset_ones_as_null(api: httpx.AsyncClient) -> None:
    (record,) = await _listed(api, keywords="CUST-0006")
    assert {"faktooraId", "title", "gender", "faxNo", "note", "supplierNumber", "routeId"} <= record.keys()
    assert (record["vatId"], record["email"]) == (None, None)
    assert record["extras"] is not None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=", "page"),
        ("page=" + "9" * 5000, "page"),
        ("page=\N{ARABIC-INDIC DIGIT ONE}", "page"),
        ("page=1&page=2", "page"),
        ("perPage=0", "perPage"),
        ("sort=city", "sort"),
        ("sort=name;drop", "sort"),
        ("order=ASC", "order"),
        ("relationFields[]=invoices", "relationFields[]"),
        ("keywords=Acme", "keywords"),
        ("per_page=5", "per_page"),
    ],
)
async def test_a_bad_parameter_is_refused_by_name(
    api: httpx.AsyncClient, forms: Forms, query: str, name: str
) -> None:
    answer = await api.get(f"/customers?{query}")
    assert refusal(answer) == expected(InvalidRequestError, forms)
    assert f'"{name}"' in messages(answer)[0]


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
async def test_a_page_of_more_than_100_customers_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get("/customers?perPage=101")
    assert (answer.status_code, '"perPage"' in messages(answer)[0]) == (400, True)


async def test_all_bad_parameters_are_named_at_once(api: httpx.AsyncClient) -> None:
    answer = await api.get("/customers?page=x&perPage=y&sort=z")
    assert len(messages(answer)) == 3
