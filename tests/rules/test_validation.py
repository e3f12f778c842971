"""The field rules: verified cases, then properties."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Required, TypedDict, cast

import pycountry
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from stdnum.at import uid as at_uid
from stdnum.ch import uid as ch_uid
from stdnum.iso7064 import mod_11_10

from faktoora_mcp.answers.sentences import sentence
from faktoora_mcp.rules import standards
from faktoora_mcp.rules.validation import (
    CONTACT_FIELDS,
    DELIVERY_ADDRESS_FIELDS,
    REQUIRED,
    Verdict,
    judge,
    nearest,
    review,
)
from tests.told import error_of, told, warnings_of

DATA = Path(__file__).parent.parent / "data"
KNOWN = (
    *REQUIRED,
    *(
        "name",
        "firstName",
        "lastName",
        "email",
        "customerId",
        "country",
        "phoneNo",
        "vatId",
        "taxId",
        "peppolId",
    ),
    *("glnId", "dunsId", "routeId", "invoiceProfile", "category", "note", "faxNo", "supplierNumber"),
    *("deliveryAddresses", "customerContacts"),
)
BERLIN = {
    "id": "1",
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "vatId": "DE123456789",
    "extras": {"tier": "gold", "since": 2019},
}


class Case(TypedDict, total=False):
    field: Required[str]
    value: Required[object]
    country: str
    verdict: Required[str]
    also_acceptable: list[str]
    normalized: object


CASES = cast("list[Case]", json.loads((DATA / "field_cases.json").read_text(encoding="utf-8")))

digits = st.text("0123456789", min_size=1)
any_text = (
    st.text()
    | st.text(st.characters(exclude_categories=()))
    | st.text("DEATUCH0123456789 .-/:@+", max_size=40)
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from((*KNOWN, "id", "position", "department", "somethingNew"))
countries = st.sampled_from((None, "DE", "AT", "CH", "LI", "FR", "GB", "GR", "XX", "de"))


def verdict_of(outcome: Verdict) -> str:
    return "reject" if outcome.error else "warn" if outcome.warnings else "ok"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['field']}-{case['value']!r}")
def test_a_verified_case_gets_its_verdict(case: Case) -> None:
    outcome = judge(case["field"], case["value"], case.get("country"))
    assert verdict_of(outcome) in (case["verdict"], *case.get("also_acceptable", []))
    assert outcome.value == (case["value"] if outcome.error else case.get("normalized", case["value"]))


@pytest.mark.parametrize(
    ("field", "value", "country", "sentence"),
    [
        ("postcode", "1011", "DE", "DE postcodes have 5 digits, got '1011'"),
        ("postcode", 1067, "DE", "expected text, got a number, which loses leading zeros"),
        ("postcode", "\u200b", None, "is blank; it is required"),
        ("name", 7, None, "expected text, got a number"),
        ("name", True, None, "expected text, got true or false"),
        ("city", ["Köln"], None, "expected text, got a list"),
        ("city", "K\ud800", None, "has a broken character"),
        ("isCompany", "yes", None, "expected true or false, got text"),
        ("extras", "{}", None, "expected an object, such as {}, got text"),
        ("customerContacts", {}, None, "expected a list of objects, got an object"),
        ("country", "Österreich", None, "did you mean AT?"),
        ("country", "Deutshland", None, "did you mean DE?"),
        ("country", "CHE", None, "did you mean CH?"),
        ("country", "ß", None, "expected an ISO 3166-1 alpha-2 code"),
        ("email", "info@localhost", None, "should have a period"),
        ("email", "info@firma..de", None, "expected one bare address"),
        ("vatId", "U13585627", "AT", "did you mean ATU13585627?"),
        ("vatId", "107787577", "CH", "did you mean CHE107787577?"),
        ("vatId", "00743110157", "IT", "did you mean IT00743110157?"),
        ("vatId", "18181508155", None, "a Steuernummer belongs into taxId"),
        ("vatId", "094259216", "GR", "did you mean EL094259216?"),
        ("vatId", "CH107787577", "CH", "did you mean CHE107787577?"),
        ("vatId", "12892312-2-42", "HU", "did you mean HU12892312?"),
        ("vatId", "UID: ATU13585627", "AT", "expected the VAT ID alone"),
        ("vatId", "DE\uff11\uff13\uff16\uff16\uff19\uff15\uff19\uff17\uff16", "DE", "DE + 9 digits"),
        ("vatId", "nicht vorhanden", "DE", "a country code, then digits and letters"),
        ("peppolId", "0088:" + "1" * 131, None, "up to 130 characters"),
        ("glnId", "4000001000004", None, "check digit"),
    ],
)
def test_a_refusal_says_what_was_wrong(field: str, value: object, country: str | None, sentence: str) -> None:
    outcome = judge(field, value, country)
    assert sentence in error_of(outcome)
    assert outcome.value is value


@pytest.mark.parametrize(
    ("field", "value", "country", "words"),
    [
        ("name", "  ", None, "is blank"),
        ("email", "info@firma.test", None, ".test is a special-use domain"),
        ("email", "jürgen@firma.de", None, "outside ASCII"),
        ("vatId", "CHE107787577", "LI", "its country CH is not the customer's country LI"),
        ("vatId", "GB980780684", "GB", "outside the EU"),
        ("vatId", "GB12345", "GB", "not in the form of a VAT ID of GB"),
        ("vatId", "NO974760673", "NO", "not in the form of a VAT ID of NO"),
        ("vatId", "NO974760674MVA", "NO", "check digit looks wrong"),
        ("vatId", "DE123456789", None, "check digit looks wrong"),
        ("taxId", "DE136695976", None, "belongs into vatId"),
        ("taxId", "ATU13585627", "AT", "belongs into vatId"),
        ("peppolId", "0192:974760674", None, "check digit of the 0192 value"),
        ("peppolId", "0060:12345678", None, "not in the form of scheme 0060, which is 9 digits"),
        ("peppolId", "0211:00743110157", None, "IT and 11 digits; did you mean 0211:IT00743110157?"),
        ("peppolId", "0215:1", None, "scheme 0215 is no longer in use in Peppol"),
        ("vatId", "HU12892312-2-42", "HU", "not in the form of a VAT ID of HU; did you mean HU12892312?"),
        ("taxId", "12-345/6789", "AT", "no tax number of AT: its check digit looks wrong"),
        ("taxId", "12-345/67", "AT", "no tax number of AT: those are 9 digits"),
        ("peppolId", "9956:0697449992", None, "0208 took its place"),
        ("peppolId", "0202:pec\u200b@x.it", None, "outside ASCII"),
        ("postcode", "8001", "LI", "9480 and 9499"),
        ("routeId", "04011000-12345-67", "DE", "check digits"),
    ],
)
def test_a_doubtful_value_passes_with_a_warning(
    field: str, value: str, country: str | None, words: str
) -> None:
    outcome = judge(field, value, country)
    assert outcome.error is None
    assert any(words in warning for warning in warnings_of(outcome))


@pytest.mark.parametrize(
    ("field", "value", "country", "written"),
    [
        ("postcode", "FL-9490", "LI", "9490"),
        ("postcode", "D-10115", None, "D-10115"),
        ("postcode", "F-75001", "FR", "F-75001"),
        ("country", " at\u00a0", None, "AT"),
        ("email", "Max.Muster@Firma.DE", None, "Max.Muster@firma.de"),
        ("vatId", "be 0697.449.992", "BE", "BE0697449992"),
        ("vatId", " che-107.787.577 mwst", "CH", "CHE-107.787.577 MWST"),
        ("vatId", "CHE-107.787.577 TPV", "CH", "CHE-107.787.577 TPV"),
        ("vatId", "CHE-107.787.577 MwSt.", "CH", "CHE-107.787.577 MWST"),
        ("vatId", "EL094259216", "GR", "EL094259216"),
        ("vatId", "XI980780684", "GB", "XI980780684"),
        ("vatId", "FR61954506077", "MC", "FR61954506077"),
        ("glnId", "4000001\u2011000005", None, "4000001000005"),
        ("customerId", " 003 ", None, "003"),
        ("note", "  indented\n", None, "  indented\n"),
        ("taxId", "12 345/6782", "AT", "12 345/6782"),
        ("peppolId", "9938:LU15027442", None, "9938:LU15027442"),
        ("phoneNo", "+43 1 58858", None, "+43 1 58858"),
        ("somethingNew", 3.5, None, 3.5),
    ],
)
def test_a_good_value_is_normalized(field: str, value: object, country: str | None, written: object) -> None:
    assert judge(field, value, country) == Verdict(written)


def test_a_glued_or_foreign_prefix_is_no_postcode() -> None:
    assert all(judge("postcode", text, "AT").error for text in ("A1010", "D-1010", "A-10115", "A-A-1010"))


def test_null_passes_in_every_field() -> None:
    assert all(judge(field, None, "DE") == Verdict(None) for field in KNOWN)


def test_a_quoted_value_shows_no_control_or_bidirectional_character() -> None:
    error = error_of(judge("postcode", "10\u202e115\x1b", "DE"))
    assert error == "DE postcodes have 5 digits, got '10115' (invisible characters left out)"


class TestNewCustomer:
    def test_is_returned_normalized_with_a_list_of_the_normalizations(self) -> None:
        outcome = review({**BERLIN, "postcode": "D-10115", "city": " Berlin ", "email": None})
        assert outcome.values == BERLIN
        assert told(outcome.errors) == {}
        assert told(outcome.warnings) == ["vatId: check digit looks wrong"]
        assert outcome.normalized == {"postcode": ("D-10115", "10115"), "city": (" Berlin ", "Berlin")}

    def test_gets_empty_extras_when_it_has_none(self) -> None:
        assert review({"city": "Bonn"}).values == {"city": "Bonn", "extras": {}}

    def test_keeps_missing_required_fields_for_others_to_report(self) -> None:
        assert told(review({}).errors) == {}

    def test_must_not_have_null_in_a_required_field(self) -> None:
        outcome = review(dict.fromkeys(REQUIRED))
        assert told(outcome.errors) == dict.fromkeys(REQUIRED, "is required and cannot be cleared")

    @pytest.mark.parametrize(
        ("given", "warnings"),
        [
            ({"isCompany": True}, ["isCompany: true, but the customer has no name"]),
            ({"isCompany": True, "name": "Acme"}, []),
            (
                {"isCompany": False, "firstName": "Eva"},
                ["isCompany: false, but the customer has no lastName"],
            ),
            ({"isCompany": False, "lastName": "Muster"}, []),
        ],
    )
    def test_without_the_name_of_its_kind_gets_a_warning(
        self, given: dict[str, object], warnings: list[str]
    ) -> None:
        assert told(review(given).warnings) == warnings


class TestChange:
    def test_is_judged_with_the_country_of_the_record(self) -> None:
        assert told(review({"postcode": "1010"}, BERLIN).errors) == {
            "postcode": "DE postcodes have 5 digits, got '1010'",
        }

    def test_is_judged_with_its_own_country_first(self) -> None:
        outcome = review({"postcode": "1010", "country": "at"}, BERLIN)
        assert outcome.values == {"postcode": "1010", "country": "AT"}
        assert told(outcome.errors) == {}

    def test_of_the_country_alone_is_checked_with_the_old_postcode(self) -> None:
        error = sentence(review({"country": "AT"}, BERLIN).errors["postcode"])
        assert error.startswith("the record's postcode '10115' does not fit country AT")
        assert error.endswith("send the new postcode too")

    def test_of_the_country_warns_of_a_doubtful_old_postcode(self) -> None:
        outcome = review({"country": "LI"}, {"postcode": "8001", "country": "CH"})
        assert told(outcome.warnings) == ["postcode: postcodes in Liechtenstein lie between 9480 and 9499"]

    @pytest.mark.parametrize("country", ["DE", "de", None])
    def test_that_leaves_the_country_does_not_touch_the_old_postcode(self, country: str | None) -> None:
        assert told(review({"country": country}, {**BERLIN, "postcode": "1011"}).errors) == {}

    def test_with_a_bad_country_reports_only_that(self) -> None:
        assert review({"country": "Austria", "postcode": "10117"}, BERLIN).errors.keys() == {"country"}

    def test_does_not_judge_unchanged_fields(self) -> None:
        old = {**BERLIN, "email": "broken", "name": "", "postcode": "1"}
        assert review({"city": "Bonn"}, old) == review({"city": "Bonn"}, BERLIN)
        assert told(review({"city": "Bonn"}, old).warnings) == []

    def test_clears_an_optional_field_with_null(self) -> None:
        outcome = review({"email": None, "customerContacts": None}, BERLIN)
        assert (outcome.values, outcome.errors) == ({"email": None, "customerContacts": None}, {})

    def test_cannot_clear_a_required_field(self) -> None:
        assert told(review({"extras": None}, BERLIN).errors) == {
            "extras": "is required and cannot be cleared"
        }

    def test_of_the_kind_is_judged_on_the_merged_record(self) -> None:
        assert told(review({"isCompany": False}, BERLIN).warnings) == [
            "isCompany: false, but the customer has no lastName",
        ]
        assert told(review({"name": None}, BERLIN).warnings) == [
            "isCompany: true, but the customer has no name"
        ]
        assert told(review({"lastName": "Muster"}, BERLIN).warnings) == []


class TestEntries:
    def test_follow_the_rules_of_their_fields_by_path(self) -> None:
        outcome = review({"customerContacts": [{"lastName": " Muster "}, {"email": "a@b@c", "phoneNo": 30}]})
        assert outcome.errors.keys() == {"customerContacts.1.email", "customerContacts.1.phoneNo"}
        assert outcome.normalized == {"customerContacts.0.lastName": (" Muster ", "Muster")}
        assert outcome.values["customerContacts"] == [
            {"lastName": "Muster"},
            {"email": "a@b@c", "phoneNo": 30},
        ]

    def test_of_delivery_addresses_have_their_own_country(self) -> None:
        places = [
            {"postcode": "1010", "country": "at"},
            {"postcode": "1010"},
            {"postcode": "1", "country": "DE"},
        ]
        outcome = review({"deliveryAddresses": places, "country": "DE"})
        assert told(outcome.errors) == {"deliveryAddresses.2.postcode": "DE postcodes have 5 digits, got '1'"}
        assert outcome.normalized == {"deliveryAddresses.0.country": ("at", "AT")}

    def test_of_contacts_read_phone_numbers_in_the_customers_country(self) -> None:
        assert told(review({"customerContacts": [{"phoneNo": "030 901820"}]}, BERLIN).warnings) == []

    def test_pass_unknown_keys_with_a_warning(self) -> None:
        outcome = review({"customerContacts": [{"telefon": "1"}], "deliveryAddresses": [{"gate": 7}]})
        assert told(outcome.warnings) == [
            "customerContacts.0: unknown field 'telefon' is passed on as it is; did you mean phoneNo?",
            "deliveryAddresses.0: unknown field 'gate' is passed on as it is",
        ]
        assert outcome.values["deliveryAddresses"] == [{"gate": 7}]

    @pytest.mark.parametrize("entry", ["Eva", None, 3, []])
    def test_must_be_objects(self, entry: object) -> None:
        assert review({"customerContacts": [{"note": "x"}, entry]}).errors.keys() == {"customerContacts.1"}

    def test_must_be_in_a_list(self) -> None:
        assert review({"deliveryAddresses": {}}, BERLIN).errors.keys() == {"deliveryAddresses"}

    def test_that_are_in_the_record_already_are_not_judged(self) -> None:
        old = {"id": 7, "email": "broken"}
        outcome = review({"customerContacts": [old, {"email": "new"}]}, {"customerContacts": [old]})
        assert outcome.errors.keys() == {"customerContacts.1.email"}

    def test_do_not_modify_the_input(self) -> None:
        contacts = [{"lastName": " Muster "}]
        review({"customerContacts": contacts})
        assert contacts == [{"lastName": " Muster "}]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("vat_id", "vatId"), ("VATID", "vatId"), ("is-company", "isCompany"), ("postcod", "postcode")),
        *(("zip", "postcode"), ("plz", "postcode"), ("postal_code", "postcode"), ("postalCode", "postcode")),
        *(
            ("street", "address"),
            ("Straße", "address"),
            ("strasse", "address"),
            ("town", "city"),
            ("ort", "city"),
        ),
        *(("phone", "phoneNo"), ("telephone", "phoneNo"), ("telefon", "phoneNo"), ("number", "customerId")),
        *(
            ("customerNumber", "customerId"),
            ("kundennummer", "customerId"),
            ("company", "name"),
            ("firma", "name"),
        ),
        *(("ustid", "vatId"), ("vat", "vatId"), ("vatNumber", "vatId"), ("steuernummer", "taxId")),
        *(("gln", "glnId"), ("duns", "dunsId"), ("leitwegId", "routeId"), ("contacts", "customerContacts")),
        *(("customerDeliveryAddresses", "deliveryAddresses"), ("xyzzy", None), ("", None)),
    ],
)
def test_nearest_names_the_field_that_was_meant(name: str, meant: str | None) -> None:
    assert nearest(name, KNOWN) == meant


def test_nearest_names_only_known_fields() -> None:
    assert nearest("plz", CONTACT_FIELDS) is None
    assert nearest("plz", DELIVERY_ADDRESS_FIELDS) == "postcode"


@given(fields, any_json, countries)
@example("peppolId", "9930:" + "9" * 5000, None)
@settings(max_examples=600, deadline=None)
def test_judging_never_raises_and_a_second_time_changes_nothing(
    field: str, value: object, country: str | None
) -> None:
    once = judge(field, value, country)
    if once.error is None:
        again = judge(field, once.value, country)
        assert again.error is None
        assert again.value is once.value or again.value == once.value


@given(st.dictionaries(fields, any_json), st.none() | st.dictionaries(fields, any_json))
@settings(max_examples=200, deadline=None)
def test_reviewing_never_raises(values: dict[str, object], record: dict[str, object] | None) -> None:
    assert review(values, record).values.keys() <= values.keys() | {"extras"}


@given(fields, st.text(min_size=61) | st.text("DEX1@.:-", min_size=61), countries)
@settings(max_examples=300, deadline=None)
def test_a_sentence_never_echoes_more_than_sixty_characters(
    field: str, value: str, country: str | None
) -> None:
    outcome = judge(field, value, country)
    said = (error_of(outcome), *warnings_of(outcome))
    assert not any(value[start : start + 61] in text for text in said for start in range(len(value) - 60))


@given(st.text("0123456789", min_size=12, max_size=12))
def test_a_gln_passes_with_its_gs1_check_digit_and_no_other(body: str) -> None:
    weighted = sum(int(digit) * weight for digit, weight in zip(body, [1, 3] * 6, strict=True))
    passing = [last for last in "0123456789" if judge("glnId", body + last).error is None]
    assert passing == [str(-weighted % 10)]


@given(st.integers(10_000_000, 99_999_999).map(str))
def test_a_valid_vat_id_of_germany_austria_or_switzerland_has_no_warnings(body: str) -> None:
    german = f"DE{body}{mod_11_10.calc_check_digit(body)}"
    austrian = f"ATU{body[:7]}{at_uid.calc_check_digit('U' + body[:7])}"
    swiss = f"CHE{body}{ch_uid.calc_check_digit(body)}"
    assert judge("vatId", german, "DE") == Verdict(german)
    assert judge("vatId", austrian, "AT") == Verdict(austrian)
    assume(ch_uid.is_valid(swiss))
    assert judge("vatId", f"{swiss} MWST", "CH") == Verdict(f"{swiss} MWST")


@given(st.sampled_from(("DE", "AT", "CH")), st.from_regex(r"\d{4,5}", fullmatch=True))
def test_a_postcode_of_other_than_ascii_digits_is_refused(country: str, postcode: str) -> None:
    right = re.fullmatch("[0-9]{5}" if country == "DE" else "[0-9]{4}", postcode) is not None
    assert (judge("postcode", postcode, country).error is None) == right


@given(digits)
def test_any_nine_digits_and_no_other_count_are_a_duns_number(number: str) -> None:
    assert (judge("dunsId", number).error is None) == (len(number) == 9)


def test_country_codes_are_those_of_iso_3166_1() -> None:
    listed = {(country.alpha_2, country.alpha_3) for country in pycountry.countries}
    assert {(two, three) for three, two in standards.ALPHA_3.items()} == listed
    assert len(standards.COUNTRIES) == 249


def test_every_country_hint_is_a_country() -> None:
    assert set(standards.COUNTRY_NAMES.values()) <= standards.COUNTRIES


def test_importing_the_rules_imports_no_library() -> None:
    script = (
        "import sys, faktoora_mcp.rules.validation;"
        "print({'stdnum', 'email_validator', 'phonenumbers'} & set(sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )
