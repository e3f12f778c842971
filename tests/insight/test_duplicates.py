"""Whether two records are the same customer: what makes a duplicate, what only a similarity, what neither."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.answers.sentences import reason
from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicates import Similarity, Traits, duplicates_of, similarity
from faktoora_mcp.rules.identity_fields import LABELS

Record = dict[str, JsonValue]

FIRM: Record = {"isCompany": True, "name": "Müller Bau GmbH", "postcode": "10115", "city": "Berlin"}
PERSON: Record = {"isCompany": False, "firstName": "Anna", "lastName": "Weiß", "postcode": "10115"}
NAMES = [
    *(
        "Müller GmbH",
        "Mueller AG",
        "MÜLLER",
        "Müller Bau GmbH",
        "Bau Müller KG",
        "Müler Bau",
        "Müller & Söhne",
    ),
    *("Bäckerei Schröder", "Baeckerei Schroder GmbH", "Filiale 1", "Filiale 2", "Bäckerei Schröder 2", "AB"),
]
VALUES: dict[str, list[JsonValue]] = {
    "isCompany": [True, False, None],
    "name": [*NAMES, None, 5],
    "firstName": ["Anna", "Hanna", None],
    "lastName": ["Weiß", "Weiss", "Schröder", None],
    "postcode": ["10115", "10117", " ", None, 10115],
    "city": ["Berlin", "BERLIN", "Köln", None],
    "country": ["DE", "AT", None],
    "email": ["info@mueller.example", "INFO@mueller.example", "x@y.example", "", None],
    "vatId": ["DE123456789", "DE 123456789", "DE000000000", None],
    "customerId": ["K-1", "K-2", "K-3", None],
}
RECORDS = st.fixed_dictionaries({}, optional={field: st.sampled_from(VALUES[field]) for field in VALUES})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
SHOWN = ("vatId", "customerId", "postcode", "city", "email")
FIELDS = [*VALUES, "id", "taxId", "glnId", "dunsId", "peppolId"]


@dataclass(frozen=True)
class Told:
    """A similarity with its reasons in words."""

    score: float
    reasons: tuple[str, ...]
    is_duplicate: bool


def told(found: Similarity) -> Told:
    return Told(found.score, (*map(reason, found.reasons),), found.is_duplicate)


def compared(one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> Told | None:
    found = similarity(Traits.of(one), Traits.of(other))
    return found and told(found)


def duplicate(score: float, *reasons: str) -> Told:
    return Told(score, reasons, is_duplicate=True)


def hint(score: float, *reasons: str) -> Told:
    return Told(score, reasons, is_duplicate=False)


class TestIds:
    @pytest.mark.parametrize(
        ("field", "one", "other", "reason"),
        [
            ("vatId", "DE123456789", "de 123 456 789", "same VAT id DE123456789"),
            ("taxId", "12/345/67890", "1234567890", "same tax number 1234567890"),
            ("glnId", "4012345000009", "40-12345-00000-9", "same GLN 4012345000009"),
            ("glnId", "4012345000009", 4012345000009, "same GLN 4012345000009"),
            ("dunsId", "312345678", "31-234-5678", "same DUNS number 312345678"),
            ("peppolId", "0204:991-1234-56", "0204:991-1234-56", "same Peppol id 0204:991123456"),
            ("customerId", "K-1", " K-1 ", "same customer number K-1"),
        ],
    )
    def test_equal_ids_make_a_duplicate(self, field: str, one: str, other: JsonValue, reason: str) -> None:
        assert compared({field: one}, {field: other}) == duplicate(100, reason)

    @pytest.mark.parametrize(
        "value", ["", "  ", None, [], {}, True, "000000000", "DE999999999", "-", "keine"]
    )
    def test_placeholders_do_not_count_as_ids(self, value: JsonValue) -> None:
        assert compared({"vatId": value}, {"vatId": value}) is None

    def test_a_placeholder_with_a_peppol_scheme_does_not_count_either(self) -> None:
        assert compared({"peppolId": "0204:000"}, {"peppolId": "0204:000"}) is None

    def test_a_customer_number_of_equal_digits_counts(self) -> None:
        assert compared({"customerId": "111"}, {"customerId": "111"}) == duplicate(
            100, "same customer number 111"
        )

    def test_customer_numbers_are_compared_exactly(self) -> None:
        assert compared({"customerId": "003"}, {"customerId": "3"}) is None

    def test_equal_ids_count_even_if_legal_forms_differ_and_both_reasons_are_given(self) -> None:
        one, other = FIRM | {"vatId": "DE123456789"}, {"name": "Meier AG", "vatId": "DE123456789"}
        assert compared(one, other) == duplicate(
            100, "same VAT id DE123456789", "other legal form (GmbH, AG)"
        )

    def test_equal_ids_of_a_company_and_a_person_make_a_duplicate(self) -> None:
        one, other = FIRM | {"taxId": "12/345/67890"}, PERSON | {"taxId": "12/345/67890"}
        assert compared(one, other) == duplicate(100, "same tax number 1234567890")

    def test_a_quoted_value_is_clean_and_short(self) -> None:
        number = "K\u202e\n" + "1" * 200
        found = compared({"customerId": number}, {"customerId": number})
        assert found == duplicate(100, "same customer number K " + "1" * 58 + "… [142 more characters]")


class TestNames:
    @pytest.mark.parametrize(
        ("more", "found"),
        [
            ({}, duplicate(95, "same name, same postcode 10115")),
            ({"name": "MUELLER-BAU G.m.b.H."}, duplicate(95, "same name, same postcode 10115")),
            ({"name": "Bau Müller GmbH"}, duplicate(95, "same name, same postcode 10115")),
            ({"name": "Müller Bau"}, duplicate(95, "same name without legal form, same postcode 10115")),
            ({"postcode": "10999"}, duplicate(95, "same name, same city Berlin")),
            ({"postcode": None, "city": "BERLIN"}, duplicate(95, "same name, same city Berlin")),
            ({"name": "Müller Bauu GmbH"}, duplicate(100 * 22 / 23, "names 95 % alike, same postcode 10115")),
            ({"name": "Müller Bau AG"}, hint(55, "same name, other legal form (GmbH, AG)")),
            (
                {"name": "Müller Bau GmbH & Co. KG"},
                hint(55, "same name, other legal form (GmbH, GmbH & Co. KG)"),
            ),
            ({"name": "Müller Bauu AG"}, hint(55, "names 95 % alike, other legal form (GmbH, AG)")),
            ({"postcode": "50667", "city": "Köln"}, hint(45, "same name, other place")),
            ({"country": "AT"}, duplicate(95, "same name, same postcode 10115")),
            ({"postcode": None, "city": " "}, hint(50, "same name, no place to compare")),
        ],
    )
    def test_names_are_judged_with_their_place_and_form(self, more: Record, found: Similarity) -> None:
        assert compared(FIRM, FIRM | more) == found

    @pytest.mark.parametrize(
        "more",
        [
            {"name": "Meier Bau GmbH"},
            {"name": "Müller Bau AG", "postcode": "50667", "city": "Köln"},
            {"name": "Müller Bauu GmbH", "postcode": "50667", "city": "Köln"},
            {"name": "Müller Bau 2 GmbH"},
            {"isCompany": False},
            {"name": None},
            {"name": "..."},
        ],
    )
    def test_different_names_are_not_similar(self, more: Record) -> None:
        assert compared(FIRM, FIRM | more) is None

    def test_a_city_is_shown_in_one_spelling_in_either_order(self) -> None:
        one, other = FIRM | {"postcode": None}, FIRM | {"postcode": None, "city": "BERLIN"}
        assert compared(one, other) == compared(other, one) == duplicate(95, "same name, same city Berlin")

    def test_other_forms_are_a_hint_if_a_place_is_unknown(self) -> None:
        other: Record = {"name": "Müller Bau AG"}
        assert compared(FIRM, other) == hint(55, "same name, other legal form (GmbH, AG)")

    def test_a_postcode_of_another_country_is_another_place(self) -> None:
        one, other = FIRM | {"city": "Wien", "country": "AT"}, FIRM | {"city": "Bern", "country": "CH"}
        assert compared(one, other) == hint(45, "same name, other place")

    @pytest.mark.parametrize(
        ("one", "other"), [("Bäckerei Filiale 1", "Bäckerei Filiale 2"), ("Tor", "Tür"), ("C&A", "C&B")]
    )
    def test_numbers_and_short_names_must_be_equal(self, one: str, other: str) -> None:
        assert compared(FIRM | {"name": one}, FIRM | {"name": other}) is None

    def test_persons_are_compared_by_both_names_in_any_order(self) -> None:
        other = PERSON | {"firstName": "WEISS", "lastName": "Anna"}
        assert compared(PERSON, other) == duplicate(95, "same name, same postcode 10115")

    def test_a_surname_is_no_legal_form(self) -> None:
        assert compared(PERSON | {"lastName": "Sa"}, PERSON | {"lastName": None}) is None


class TestEmail:
    ONE = FIRM | {"email": "info@mueller.example"}

    @pytest.mark.parametrize(
        ("more", "found"),
        [
            (
                {"name": "Müller Hochbau GmbH"},
                duplicate(92, "same e-mail info@mueller.example, names 84 % alike"),
            ),
            (
                {"name": "Müller Bau"},
                duplicate(92, "same e-mail info@mueller.example", "same name, other place"),
            ),
            (
                {"name": "Müller Hochbau AG"},
                hint(55, "same e-mail info@mueller.example, other legal form (GmbH, AG)"),
            ),
            ({"name": "Schröder KG"}, hint(40, "same e-mail, other name")),
            ({"isCompany": False}, hint(40, "same e-mail, other name")),
            ({"name": None}, hint(40, "same e-mail info@mueller.example")),
        ],
    )
    def test_an_equal_address_is_judged_with_the_names(self, more: Record, found: Similarity) -> None:
        other: Record = self.ONE | {"email": "Info@Mueller.example", "postcode": "1", "city": "Köln"}
        assert compared(self.ONE, other | more) == found

    def test_a_text_that_is_no_address_is_not_compared(self) -> None:
        assert compared({"email": "n/a"}, {"email": "n/a"}) is None


class TestDuplicatesOf:
    def test_duplicates_and_hints_come_apart_and_best_first_without_the_record_itself(self) -> None:
        record = FIRM | {"id": "1", "vatId": "DE123456789"}
        elsewhere, other_form = FIRM | {"postcode": "1", "city": "Köln"}, FIRM | {"name": "Müller Bau AG"}
        base = [record, elsewhere, FIRM, other_form, {"name": "X", "vatId": "DE123456789"}, {"name": "Meier"}]
        customers = [Customer({"id": str(place), **one}) for place, one in enumerate(base, 1)]
        duplicates, hints = duplicates_of(record, customers)
        assert [(customer.id, found.score) for customer, found in duplicates] == [("5", 100), ("3", 95)]
        assert [(customer.id, found.score) for customer, found in hints] == [("4", 55), ("2", 45)]

    def test_a_record_that_is_not_stored_yet_is_compared_with_all(self) -> None:
        customer = Customer(FIRM | {"id": "1"})
        duplicates, hints = duplicates_of(FIRM, [customer])
        assert [(found, told(how)) for found, how in duplicates] == [
            (customer, duplicate(95, "same name, same postcode 10115"))
        ]
        assert hints == []


@given(RECORDS, RECORDS)
def test_similarity_is_symmetric(one: Record, other: Record) -> None:
    assert mirrored(compared(one, other)) == mirrored(compared(other, one))


@given(RECORDS, RECORDS)
def test_a_reason_that_shows_a_value_names_its_field(one: Record, other: Record) -> None:
    for words in (compared(one, other) or hint(0)).reasons:
        shown = [field for field in SHOWN if isinstance(one.get(field), str) and str(one[field]) in words]
        assert all(LABELS[field] in words for field in shown if str(one[field]).strip())


@given(*(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)) for _ in range(2)))
def test_any_record_can_be_compared(one: Record, other: Record) -> None:
    found = compared(one, other)
    assert found is None or (0 <= found.score <= 100 and all(found.reasons))


def test_an_excessively_long_number_is_no_id() -> None:
    assert compared({"vatId": 10**5000}, {"vatId": 10**5000}) is None


def test_only_the_start_of_a_very_long_name_is_compared() -> None:
    one, other = (FIRM | {"name": "a" * 1_000 + end} for end in "bc")
    assert compared(one, other) == duplicate(95, "same name, same postcode 10115")


def mirrored(found: Told | None) -> object:
    """A similarity without the order of words."""
    return found and (
        found.score,
        found.is_duplicate,
        [sorted(re.findall(r"[^ (),]+", one)) for one in found.reasons],
    )
