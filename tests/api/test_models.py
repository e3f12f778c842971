import json
from collections.abc import Mapping
from pathlib import Path
from typing import Required, TypedDict, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from faktoora_mcp.api.models import (
    API_OWNED,
    WRITABLE,
    Contact,
    CustomerChanges,
    CustomerQuery,
    DeliveryAddress,
    NewCustomer,
    Relation,
    SortField,
)
from faktoora_mcp.api.records import Customer, CustomerPage, record_key, rows_of
from faktoora_mcp.rules.validation import ENTRY_FIELDS, REQUIRED, review
from tests.scripted import ACME
from tests.told import said

ABROAD: dict[str, object] = {
    "isCompany": True,
    "address": "Rue 1",
    "postcode": "L-1",
    "city": "X",
    "extras": {},
}
TABLE = (
    *("isCompany", "address", "postcode", "city", "extras", "name", "firstName", "lastName", "email"),
    *("customerId", "country", "phoneNo", "vatId", "taxId", "peppolId", "glnId", "dunsId", "invoiceProfile"),
    *("deliveryAddresses", "customerContacts"),
)
"""The specification's table of customer fields."""
LIKELY = (
    *("category", "nameAuthorisedSignatory", "supplierNumber", "routeId", "title", "gender", "faxNo", "note"),
    *("legalform", "industry"),
)
OPTIONAL = [name for name in WRITABLE if name not in REQUIRED]
POSTCODES = {"DE": "10115", "de": "10115", "AT": "1010", "CH": "8001"}
DATA = Path(__file__).parent.parent / "data"


class Case(TypedDict, total=False):
    field: Required[str]
    value: Required[object]
    country: str
    verdict: Required[str]
    also_acceptable: list[str]


CASES = cast("list[Case]", json.loads((DATA / "field_cases.json").read_text(encoding="utf-8")))


def with_country(case: Case) -> dict[str, object]:
    """The case's field, before the country it depends on, as JSON may have it."""
    given = {case["field"]: case["value"]}
    return given | ({"country": case["country"]} if "country" in case else {})


def filled_in(case: Case) -> dict[str, object]:
    """The same with the required fields, the postcode one of the case's country."""
    country = case["value"] if case["field"] == "country" else case.get("country")
    return ABROAD | {"postcode": POSTCODES.get(str(country), "L-1")} | with_country(case)


def refused(model: type[NewCustomer | CustomerChanges], given: Mapping[str, object]) -> dict[str, str]:
    """What the model says of every field it refuses."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    errors = caught.value.errors(include_input=False)
    return {".".join(map(str, error["loc"])): said(error) for error in errors}


def accepts(model: type[NewCustomer | CustomerChanges], given: Mapping[str, object]) -> bool:
    try:
        model.model_validate(given)
    except ValidationError:
        return False
    return True


class TestNewCustomer:
    def test_the_specifications_example_is_sent_unchanged(self) -> None:
        assert NewCustomer.model_validate(ACME).body() == ACME

    def test_it_takes_the_specifications_fields_and_the_likely_ones_and_no_others(self) -> None:
        assert sorted(NewCustomer.model_fields) == sorted((*TABLE, *LIKELY))

    @pytest.mark.parametrize("name", REQUIRED[:-1])
    def test_a_required_field_cannot_be_left_out(self, name: str) -> None:
        rest = {field: value for field, value in ACME.items() if field != name}
        assert refused(NewCustomer, rest) == {name: "Field required"}

    @pytest.mark.parametrize("name", REQUIRED)
    def test_a_required_field_cannot_be_null(self, name: str) -> None:
        assert refused(NewCustomer, ACME | {name: None}).keys() == {name}

    def test_extras_are_empty_unless_given(self) -> None:
        rest = {field: value for field, value in ACME.items() if field != "extras"}
        assert NewCustomer.model_validate(rest).body() == ACME

    def test_a_null_counts_as_not_given(self) -> None:
        assert NewCustomer.model_validate(ACME | dict.fromkeys(LIKELY)).body() == ACME

    @pytest.mark.parametrize("name", ["plz", "vat_id", "somethingNew", *API_OWNED])
    def test_a_field_that_is_not_for_writing_is_refused(self, name: str) -> None:
        assert refused(NewCustomer, ACME | {name: "x"}) == {name: "Extra inputs are not permitted"}

    @pytest.mark.parametrize("value", [1, 0, "true", "yes"])
    def test_only_true_and_false_say_whether_it_is_a_company(self, value: object) -> None:
        assert "expected true or false" in refused(NewCustomer, ACME | {"isCompany": value})["isCompany"]

    def test_a_number_is_no_text(self) -> None:
        lost = 'got a number, which loses leading zeros; send all digits in quotes, like "003"'
        errors = refused(NewCustomer, ACME | {"customerId": 3, "postcode": 1067})
        assert errors == {"customerId": f"expected text, {lost}", "postcode": f"expected text, {lost}"}

    def test_the_body_is_normalised(self) -> None:
        sent = ACME | {"country": " de", "postcode": "D-10115", "vatId": "DE 123 456 789", "city": "Berlin "}
        assert NewCustomer.model_validate(sent).body() == ACME

    def test_it_remembers_what_was_sent(self) -> None:
        sent = ACME | {"country": " de", "note": None}
        assert NewCustomer.model_validate(sent).as_sent == sent

    def test_a_country_after_the_postcode_still_counts(self) -> None:
        sent = ACME | {"postcode": "1011"}
        assert list(sent).index("country") > list(sent).index("postcode")
        assert refused(NewCustomer, sent) == {"postcode": "DE postcodes have 5 digits, got '1011'"}

    def test_a_foreign_postcode_is_left_alone(self) -> None:
        sent = ACME | {"country": "NL", "postcode": "1011 AB", "vatId": None}
        assert NewCustomer.model_validate(sent).body()["postcode"] == "1011 AB"

    def test_it_cannot_be_altered(self) -> None:
        with pytest.raises(ValidationError, match="frozen"):
            NewCustomer.model_validate(ACME).city = "Hamburg"  # pyright: ignore[reportAttributeAccessIssue] (the test's subject)


class TestCustomerChanges:
    def test_only_what_is_given_is_sent(self) -> None:
        assert CustomerChanges.model_validate({"city": "Hamburg "}).body() == {"city": "Hamburg"}

    def test_it_has_the_fields_of_a_new_customer(self) -> None:
        assert CustomerChanges.model_fields.keys() == NewCustomer.model_fields.keys()

    @pytest.mark.parametrize("name", OPTIONAL)
    def test_a_null_clears_an_optional_field(self, name: str) -> None:
        assert CustomerChanges.model_validate({name: None}).body() == {name: None}

    @pytest.mark.parametrize("name", REQUIRED)
    def test_a_null_cannot_clear_a_required_field(self, name: str) -> None:
        assert refused(CustomerChanges, {name: None}) == {name: "is required and cannot be cleared"}

    @pytest.mark.parametrize("name", ["plz", *API_OWNED])
    def test_a_field_that_is_not_for_writing_is_refused(self, name: str) -> None:
        assert refused(CustomerChanges, {name: "x"}) == {name: "Extra inputs are not permitted"}

    def test_a_country_after_the_postcode_still_counts(self) -> None:
        assert refused(CustomerChanges, {"postcode": "10115", "country": "AT"}).keys() == {"postcode"}

    def test_it_remembers_what_was_sent(self) -> None:
        sent: dict[str, object] = {"country": " de", "note": None}
        assert CustomerChanges.model_validate(sent).as_sent == sent


class TestRules:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['field']}-{case['value']!r}")
    def test_a_verified_case_of_a_new_customer_gets_its_verdict(self, case: Case) -> None:
        verdicts = (case["verdict"], *case.get("also_acceptable", []))
        outcome = "ok" if accepts(NewCustomer, filled_in(case)) else "reject"
        assert outcome in {"ok" if verdict == "warn" else verdict for verdict in verdicts}

    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['field']}-{case['value']!r}")
    def test_a_verified_case_of_a_change_is_judged_as_for_a_new_customer(self, case: Case) -> None:
        of_new = accepts(NewCustomer, filled_in(case))
        assert accepts(CustomerChanges, with_country(case)) == of_new

    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['field']}-{case['value']!r}")
    def test_the_model_refuses_what_the_review_refuses_and_sends_what_it_writes(self, case: Case) -> None:
        sent = filled_in(case)
        verdict = review(sent)
        assert accepts(NewCustomer, sent) is not bool(verdict.errors)
        assert verdict.errors or NewCustomer.model_validate(sent).body() == verdict.values


texts = (
    st.none() | st.text(max_size=12) | st.sampled_from(["DE 123456789", " at", "D-10115", "a@FIRMA.de", "x"])
)
ids = st.text(max_size=5) | st.integers() | st.none()
contacts = st.dictionaries(
    st.sampled_from(ENTRY_FIELDS["customerContacts"][1:]), texts
) | st.fixed_dictionaries({"id": ids, "somethingNew": st.integers()})
places = st.dictionaries(st.sampled_from(ENTRY_FIELDS["deliveryAddresses"][1:]), texts)
values = {
    **dict.fromkeys((name for name in OPTIONAL if name not in ENTRY_FIELDS), texts),
    "country": st.sampled_from([None, "DE", "at", " CH ", "FR", "XX"]),
    "postcode": st.sampled_from(["10115", "D-10115", "1010", "A-1010", " 8001", "", "SW1A 1AA"]),
    "customerContacts": st.none() | st.lists(contacts, max_size=2),
    "deliveryAddresses": st.none() | st.lists(places, max_size=2),
}
LISTS = ("customerContacts", "deliveryAddresses")
"""Entries of changes are judged by what differs from the record."""
given_fields = st.fixed_dictionaries({}, optional=values)


@settings(max_examples=150, deadline=None)
@given(given_fields)
def test_a_new_customer_is_what_the_review_says_of_it(more: dict[str, object]) -> None:
    sent = ABROAD | more
    verdict = review(sent)
    assert accepts(NewCustomer, sent) is not bool(verdict.errors)
    assert verdict.errors or NewCustomer.model_validate(sent).body() == verdict.values


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({}, optional={name: values[name] for name in values if name not in LISTS}))
def test_changes_are_what_the_review_of_an_empty_record_says_of_them(sent: dict[str, object]) -> None:
    verdict = review(sent, {})
    assert accepts(CustomerChanges, sent) is not bool(verdict.errors)
    assert verdict.errors or CustomerChanges.model_validate(sent).body() == verdict.values


class TestEntries:
    def test_they_know_the_fields_that_the_rules_know(self) -> None:
        known = {"customerContacts": Contact, "deliveryAddresses": DeliveryAddress}
        assert {name: set(model.model_fields) for name, model in known.items()} == {
            name: set(fields) for name, fields in ENTRY_FIELDS.items()
        }

    @pytest.mark.parametrize(
        ("given", "path", "sentence"),
        [
            ({"customerContacts": [{}, {"email": "none"}]}, "customerContacts.1.email", "one bare address"),
            (
                {"deliveryAddresses": [{"postcode": "1011", "country": "DE"}]},
                "deliveryAddresses.0.postcode",
                "DE postcodes have 5 digits",
            ),
        ],
    )
    def test_the_rules_hold_inside_of_them(self, given: dict[str, object], path: str, sentence: str) -> None:
        errors = refused(NewCustomer, ACME | given)
        assert errors.keys() == {path}
        assert sentence in errors[path]

    @pytest.mark.parametrize(
        ("given", "path", "sentence"),
        [
            ({"customerContacts": [{"lastName": 7}]}, "customerContacts.0.lastName", "expected text"),
            ({"customerContacts": ["Max"]}, "customerContacts.0", "valid dictionary"),
            ({"customerContacts": {}}, "customerContacts", "valid list"),
        ],
    )
    def test_their_shape_is_checked_in_changes_too(
        self, given: dict[str, object], path: str, sentence: str
    ) -> None:
        for model, sent in ((NewCustomer, ACME | given), (CustomerChanges, given)):
            errors = refused(model, sent)
            assert errors.keys() == {path}
            assert sentence in errors[path]

    def test_in_changes_they_are_not_judged_without_the_record(self) -> None:
        given: dict[str, object] = {"customerContacts": [{"id": "1", "email": "folgt noch"}]}
        assert CustomerChanges.model_validate(given).body() == given

    def test_the_place_of_an_entry_is_judged_by_its_own_country(self) -> None:
        sent = ACME | {"deliveryAddresses": [{"postcode": "75001", "country": "FR"}, {"postcode": "1"}]}
        assert accepts(NewCustomer, sent)

    def test_they_are_normalised(self) -> None:
        given = {"deliveryAddresses": [{"postcode": "A-1010", "country": "at", "city": " Wien"}]}
        assert NewCustomer.model_validate(ACME | given).body()["deliveryAddresses"] == [
            {"country": "AT", "postcode": "1010", "city": "Wien"}
        ]

    def test_unknown_keys_and_nulls_pass_as_they_are(self) -> None:
        entry = {"id": "7", "somethingNew": {"deep": [1, None]}, "note": None}
        assert CustomerChanges.model_validate({"customerContacts": [entry]}).body() == {
            "customerContacts": [entry]
        }

    def test_an_id_that_was_read_may_be_written_back_as_it_was(self) -> None:
        given = {"customerContacts": [{"id": 7}], "deliveryAddresses": [{"id": 8}]}
        assert CustomerChanges.model_validate(given).body() == given


class TestCustomerQuery:
    def test_the_specifications_example_is_sent_so(self) -> None:
        query = CustomerQuery(keywords=("Acme",), page=1, per_page=20, sort="name", order="asc")
        assert query.params() == [
            ("keywords[]", "Acme"),
            ("page", "1"),
            ("perPage", "20"),
            ("sort", "name"),
            ("order", "asc"),
        ]

    def test_lists_repeat_their_name(self) -> None:
        query = CustomerQuery(
            keywords=("a", "b"), category="A & B", relation_fields=("user", "customerContacts"), page=3
        )
        assert query.params() == [
            ("keywords[]", "a"),
            ("keywords[]", "b"),
            ("page", "3"),
            ("perPage", "20"),
            ("category", "A & B"),
            ("relationFields[]", "user"),
            ("relationFields[]", "customerContacts"),
        ]

    def test_nothing_but_paging_is_sent_unasked(self) -> None:
        assert CustomerQuery().params() == [("page", "1"), ("perPage", "20")]

    @pytest.mark.parametrize(
        "given",
        [
            {"page": 0},
            {"per_page": 0},
            {"per_page": 1001},
            {"sort": "city"},
            {"order": "up"},
            {"relation_fields": ("invoices",)},
            {"perPage": 5},
        ],
        ids=str,
    )
    def test_what_the_api_does_not_know_is_refused(self, given: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            CustomerQuery.model_validate(given)

    def test_sorting_and_relations_are_the_specifications(self) -> None:
        spec = "customerId, name, nameAuthorisedSignatory, address, phoneNo, category, isCompany, email, "
        spec += "faktooraId, vatId, taxId, invoiceProfile, supplierNumber, routeId, peppolId, "
        spec += "createdAt, updatedAt"
        relations = (
            "user, legalform, importedFile, customerContacts, invoiceTemplate, customerDeliveryAddresses"
        )
        assert get_args(SortField) == tuple(spec.split(", "))
        assert get_args(Relation) == tuple(relations.split(", "))


class TestCustomer:
    def test_unknown_fields_and_nulls_are_kept(self) -> None:
        body: dict[str, JsonValue] = {
            "id": "1",
            "vatId": None,
            "brandNew": {"a": [1]},
            "isCompany": "perhaps",
        }
        assert Customer.read(body).record == body

    def test_an_id_may_be_a_number(self) -> None:
        assert Customer.read({"id": 42}).id == "42"

    @pytest.mark.parametrize(
        "body", [None, [], "text", {}, {"id": None}, {"id": ""}, {"id": {}}, {"succeed": True}], ids=str
    )
    def test_what_has_no_id_is_no_customer(self, body: JsonValue) -> None:
        with pytest.raises(ValueError, match="a JSON object with an id"):
            Customer.read(body)

    def test_delivery_addresses_have_one_name(self) -> None:
        assert Customer.read({"id": "1", "customerDeliveryAddresses": [{"id": "2"}]}).record == {
            "id": "1",
            "deliveryAddresses": [{"id": "2"}],
        }
        assert record_key("customerDeliveryAddresses") == "deliveryAddresses"

    @pytest.mark.parametrize("loaded", ["deliveryAddresses", "customerDeliveryAddresses"])
    def test_delivery_addresses_are_not_hidden_by_a_null_under_the_other_name(self, loaded: str) -> None:
        both: dict[str, JsonValue] = {"deliveryAddresses": None, "customerDeliveryAddresses": None}
        for body in ({"id": "1"} | both, {"id": "1"} | dict(reversed(both.items()))):
            entries: list[JsonValue] = [{"id": "2"}]
            assert Customer.read({**body, loaded: entries}).record["deliveryAddresses"] == [{"id": "2"}]

    @pytest.mark.parametrize(
        ("names", "shown"),
        [
            ({"name": "Acme GmbH", "lastName": "Muster"}, "Acme GmbH"),
            ({"name": None, "firstName": "Erika", "lastName": "Muster"}, "Erika Muster"),
            ({"name": "  ", "lastName": "Muster"}, "Muster"),
            ({"firstName": "Erika", "lastName": ""}, "Erika"),
            ({"name": 4711}, "4711"),
            ({}, None),
        ],
    )
    def test_the_display_name_is_name_or_else_first_and_last_name(
        self, names: dict[str, JsonValue], shown: str | None
    ) -> None:
        assert Customer({"id": "1"} | names).name == shown

    def test_reduced_it_tells_customers_apart_and_no_more(self) -> None:
        person: dict[str, JsonValue] = {"id": 1, "customerId": 7, "firstName": "Erika", "lastName": "Muster"}
        more: dict[str, JsonValue] = {
            "postcode": "10115",
            "city": None,
            "email": "e@muster.de",
            "note": "secret",
        }
        assert Customer(person | more).reduced() == {
            "id": "1",
            "customerId": "7",
            "name": "Erika Muster",
            "postcode": "10115",
        }


class TestCustomerPage:
    @pytest.mark.parametrize(
        ("body", "header", "total"),
        [
            (
                {"data": [{"id": "1"}], "meta": {"page": 2, "perPage": 1, "totalItems": 3, "totalPages": 3}},
                None,
                3,
            ),
            ({"results": [{"id": "1"}], "pagination": {"page": 2, "pageSize": 1, "rowCount": 3}}, None, 3),
            ({"data": [{"id": "1"}], "meta": {"page": "2", "perPage": "1", "totalItems": "3"}}, None, 3),
            ([{"id": "1"}], "3", 3),
            ([{"id": "1"}], None, None),
            ({"data": [{"id": "1"}]}, None, None),
            ({"data": [{"id": "1"}], "meta": None}, "many", None),
        ],
    )
    def test_every_known_envelope_is_read(
        self, body: JsonValue, header: str | None, total: int | None
    ) -> None:
        read = CustomerPage.read(body, CustomerQuery(page=2, per_page=1), header)
        assert read == CustomerPage((Customer({"id": "1"}),), page=2, per_page=1, total_items=total)

    def test_the_page_size_that_the_api_chose_counts(self) -> None:
        body: JsonValue = {"data": [{"id": "1"}], "meta": {"page": 1, "perPage": 1, "totalItems": 2}}
        assert CustomerPage.read(body, CustomerQuery(per_page=100)).next_page == 2

    @pytest.mark.parametrize(
        "body",
        [None, "text", 7, {}, {"data": {}}, {"customers": []}, {"data": [{"name": "x"}]}, [1]],
        ids=str,
    )
    def test_anything_else_is_no_list_of_customers(self, body: JsonValue) -> None:
        with pytest.raises(ValueError, match=r"a list of customers|a customer is"):
            CustomerPage.read(body, CustomerQuery())

    @pytest.mark.parametrize(
        ("count", "page", "total", "following"),
        [
            (20, 1, 57, 2),
            (20, 2, 57, 3),
            (17, 3, 57, None),
            (20, 1, 20, None),
            (0, 1, 0, None),
            (0, 9, 57, None),
            (20, 1, None, 2),
            (19, 1, None, None),
            (0, 2, None, None),
        ],
    )
    def test_the_next_page_is_known(
        self, count: int, page: int, total: int | None, following: int | None
    ) -> None:
        customers = tuple(Customer({"id": str(place)}) for place in range(count))
        assert CustomerPage(customers, page, 20, total).next_page == following

    def test_the_rows_of_any_envelope_are_found(self) -> None:
        bodies: list[JsonValue] = [{"data": [1]}, {"results": [1]}, [1]]
        assert [rows_of(body) for body in bodies] == [[1], [1], [1]]
