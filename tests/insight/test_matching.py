"""Whether a record satisfies a condition, and that the API search loses no customer."""

import sys
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.insight.matching import Narrowing, matcher, narrowings
from faktoora_mcp.insight.normalization import cased

Record = dict[str, JsonValue]
Found = Callable[[str], str]

FULL: Record = {
    "id": "cust_1",
    "customerId": "003",
    "isCompany": True,
    "name": "Müller  Bau GmbH",
    "city": "München",
    "postcode": "80331",
    "country": "DE",
    "email": "Info@Mueller-Bau.de",
    "phoneNo": "+49 (89) 12 34-5",
    "vatId": "DE 123.456.789",
    "peppolId": "iso6523-actorid-upis::0204:991-03730-19",
    "routeId": "991-03730-19",
    "category": "A-Kunde",
    "note": " ",
    "extras": {
        "crm.id": 7,
        "tags": ["alt", "VIP"],
        "since": "2024-05-01",
        "city": "Đorđe",
        "empty": [],
        "zero": 0,
        "no": False,
    },
    "customerContacts": [
        {"lastName": "Weiß", "email": "weiss@mueller-bau.de", "phoneNo": "089/111"},
        {"lastName": "Öz", "email": None},
    ],
    "deliveryAddresses": [],
    "createdAt": "2024-05-01T23:30:00+02:00",
}
HERE: dict[str, object] = {"field": "city", "op": "eq", "value": "münchen"}
NOWHERE: dict[str, object] = {"field": "city", "op": "eq", "value": "Atlantis"}
PERSON: Record = {"id": "2", "isCompany": False, "firstName": "Erika", "lastName": "Muster", "name": " "}
SWISS: Record = {"id": "3", "vatId": "CHE-116.281.710 MWST", "country": "CH", "postcode": "80011"}
ABROAD: Record = {
    "id": "4",
    "country": "DE",
    "email": "no address",
    "deliveryAddresses": [{"country": "AT", "postcode": "1010"}, {"country": None, "postcode": "1"}, "x"],
    "customerContacts": [{"email": "a@@b"}],
}
LOST: Record = {"id": "5", "country": "DE", "deliveryAddresses": [{"country": "AT", "postcode": "10115"}]}


def condition(field: str, op: str, value: object = None) -> Condition:
    return Condition.model_validate({"field": field, "op": op, "value": value})


def holds(record: Record, field: str, op: str, value: object = None) -> bool:
    return matcher([condition(field, op, value)])(Customer(record))


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("city", "eq", "  mÜNCHEN "),
        ("city", "eq", unicodedata.normalize("NFD", "München")),
        ("name", "eq", "müller bau gmbh"),
        ("city", "ne", "Muenchen"),
        ("city", "in", ["Wien", "münchen"]),
        ("city", "contains", "UENCH"),
        ("city", "starts_with", "muen"),
        ("city", "starts_with", "mun"),
        ("city", "contains", "MUNCHEN"),
        ("name", "contains", "muller bau"),
        ("extras.city", "contains", "dorde"),
        ("extras.city", "starts_with", "djord"),
        ("email", "contains", "müller"),
        ("customerId", "eq", "003"),
        ("customerId", "ne", "3"),
        ("vatId", "eq", "de123456789"),
        ("vatId", "contains", "456 789"),
        ("vatId", "starts_with", "DE-1"),
        ("vatId", "in", ["DE987654321", "USt-IdNr. DE 123 456 789"]),
        ("phoneNo", "eq", "+4989 12345"),
        ("phoneNo", "eq", "0049 89 12345"),
        ("phoneNo", "eq", "089 12345"),
        ("phoneNo", "in", ["030 1", "+49 (0)89/12345"]),
        ("phoneNo", "ne", "089 12346"),
        ("phoneNo", "starts_with", "+49 89"),
        ("phoneNo", "contains", "89/12"),
        ("customerContacts.phoneNo", "eq", "089111"),
        ("customerContacts.phoneNo", "eq", "+49 89 111"),
        ("peppolId", "eq", "0204:991-03730-19"),
        ("peppolId", "eq", "9958:991-03730-19"),
        ("peppolId", "starts_with", "0204:991"),
        ("peppolId", "starts_with", "iso6523-actorid-upis::0204"),
        ("peppolId", "contains", "991-037"),
        ("routeId", "eq", "0204:991-03730-19"),
        ("isCompany", "eq", True),
        ("isCompany", "ne", "false"),
        ("isCompany", "in", [True, False]),
        ("note", "missing", None),
        ("taxId", "missing", None),
        ("taxId", "ne", "12/345/67890"),
        ("deliveryAddresses", "missing", None),
        ("deliveryAddresses.city", "missing", None),
        ("deliveryAddresses.city", "ne", "Wien"),
        ("customerContacts", "present", None),
        ("customerContacts.email", "present", None),
        ("customerContacts.lastName", "eq", "öz"),
        ("customerContacts.lastName", "contains", "weiss"),
        ("extras", "present", None),
        ("extras.crm.id", "eq", 7),
        ("extras.crm.id", "eq", "7"),
        ("extras.tags", "eq", "vip"),
        ("extras.empty", "missing", None),
        ("extras.zero", "present", None),
        ("extras.no", "eq", False),
        ("extras.since", "after", "2024-04-30"),
        ("extras.since", "before", "2024-05-02"),
        ("createdAt", "starts_with", "2024-05"),
        ("createdAt", "before", "2024-05-02"),
        ("createdAt", "after", "2024-04-30"),
        ("createdAt", "before", "2024-05-01T21:30:01Z"),
        ("createdAt", "after", "2024-05-01T21:29:59"),
        ("createdAt", "after", "0001-01-01"),
        ("createdAt", "before", "9999-12-31"),
        ("createdAt", "from", "0001-01-01"),
        ("createdAt", "until", "9999-12-31"),
        ("createdAt", "from", "2024-05-01"),
        ("createdAt", "until", "2024-05-01"),
        ("createdAt", "from", "2024-05-01T21:30:00Z"),
        ("createdAt", "until", "2024-05-01T21:30:00"),
        ("extras.since", "from", "2024-05-01"),
        ("extras.since", "until", "2024-05-01"),
        ("name", "ends_with", "bau gmbh"),
        ("city", "ends_with", "UENCHEN"),
        ("city", "ends_with", "unchen"),
        ("email", "ends_with", "@mueller-bau.de"),
        ("postcode", "ends_with", "331"),
        ("vatId", "ends_with", "56-789"),
        ("phoneNo", "ends_with", "123/45"),
        ("peppolId", "ends_with", "30-19"),
        ("customerContacts.lastName", "ends_with", "eiss"),
        ("extras.tags", "ends_with", "ip"),
        ("city", "not_contains", "Wien"),
        ("note", "not_contains", "x"),
        ("deliveryAddresses.city", "not_contains", "Wien"),
        ("vatId", "invalid", None),
    ],
)
def test_a_condition_holds(field: str, op: str, value: object) -> None:
    assert holds(FULL, field, op, value)


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("city", "eq", "Muenchen"),
        ("city", "in", ["Munchen", "Muenchen"]),
        ("city", "starts_with", "ünchen"),
        ("city", "eq", "Munchen"),
        ("name", "contains", "mller"),
        ("phoneNo", "eq", "+43 89 12345"),
        ("phoneNo", "in", ["12345", "030 12345"]),
        ("routeId", "eq", "991-03730-20"),
        ("customerId", "eq", "3"),
        ("customerId", "eq", "0 03"),
        ("customerId", "in", ["3", "03"]),
        ("customerContacts.lastName", "ne", "Öz"),
        ("customerContacts.email", "missing", None),
        ("deliveryAddresses.city", "present", None),
        ("deliveryAddresses.city", "eq", "München"),
        ("note", "present", None),
        ("taxId", "invalid", None),
        ("email", "invalid", None),
        ("extras.crm", "present", None),
        ("extras.tags", "before", "2030-01-01"),
        ("extras.since", "after", "2024-05-01"),
        ("extras.since", "before", "2024-05-01"),
        ("createdAt", "before", "2024-05-01"),
        ("createdAt", "after", "2024-05-01"),
        ("createdAt", "after", "9999-12-31"),
        ("updatedAt", "before", "2030-01-01"),
        ("updatedAt", "until", "2030-01-01"),
        ("extras.tags", "from", "2020-01-01"),
        ("createdAt", "from", "2024-05-02"),
        ("createdAt", "until", "2024-04-30"),
        ("createdAt", "from", "2024-05-01T21:30:01Z"),
        ("createdAt", "until", "2024-05-01T21:29:59"),
        ("city", "ends_with", "Mün"),
        ("postcode", "ends_with", "803"),
        ("name", "not_contains", "MUELLER"),
        ("customerContacts.lastName", "not_contains", "öz"),
    ],
)
def test_a_condition_does_not_hold(field: str, op: str, value: object) -> None:
    assert not holds(FULL, field, op, value)


@pytest.mark.parametrize(
    ("created", "day"),
    [
        ("2026-01-30T23:00:00Z", "2026-01-31"),
        ("2026-01-31T22:59:59Z", "2026-01-31"),
        ("2026-01-31T23:00:00Z", "2026-02-01"),
        ("2026-06-30T22:00:00Z", "2026-07-01"),
        ("2026-07-01T21:59:59.999Z", "2026-07-01"),
        ("2026-07-01T22:00:00Z", "2026-07-02"),
        ("2026-03-29T22:30:00Z", "2026-03-30"),
        ("2026-10-25T22:59:59Z", "2026-10-25"),
        ("2026-12-31", "2026-12-31"),
        ("2026-07-01", "2026-07-01"),
    ],
)
def test_a_date_is_the_whole_day_in_germany(created: str, day: str) -> None:
    record: Record = {"id": "1", "createdAt": created}
    found = [op for op in ("before", "from", "until", "after") if holds(record, "createdAt", op, day)]
    assert found == ["from", "until"]


@given(st.datetimes(), st.dates())
def test_a_moment_is_before_a_day_or_from_it_and_until_it_or_after_it(when: datetime, day: date) -> None:
    record: Record = {"id": "1", "createdAt": f"{when.isoformat()}Z"}
    before, since, until, after = (
        holds(record, "createdAt", op, day.isoformat()) for op in ("before", "from", "until", "after")
    )
    assert (before, until) == (not since, not after)
    assert since or until


class TestAlternatives:
    @staticmethod
    def holds(*alternatives: dict[str, object]) -> bool:
        return matcher([Condition.model_validate({"any": [*alternatives]})])(Customer(FULL))

    def test_one_that_holds_is_enough(self) -> None:
        assert self.holds(HERE, NOWHERE)
        assert self.holds(NOWHERE, HERE)
        assert self.holds(NOWHERE, {"any": [NOWHERE, HERE]})

    def test_none_that_holds_is_not(self) -> None:
        assert not self.holds(NOWHERE)
        assert not self.holds(NOWHERE, {"any": [NOWHERE]})

    def test_other_conditions_must_hold_too(self) -> None:
        either, there = Condition.model_validate({"any": [HERE, NOWHERE]}), Condition.model_validate(NOWHERE)
        assert not matcher([either, there])(Customer(FULL))

    def test_nothing_narrows_them(self) -> None:
        either = Condition.model_validate({"any": [{"field": "postcode", "op": "eq", "value": "80331"}]})
        assert narrowings([either]) == []


@pytest.mark.parametrize(
    ("record", "field", "op", "value", "held"),
    [
        (PERSON, "name", "eq", "erika muster", True),
        (PERSON, "name", "present", None, True),
        (PERSON, "isCompany", "eq", "FALSE", True),
        (PERSON, "isCompany", "missing", None, False),
        (SWISS, "vatId", "eq", "CHE116281710", True),
        (SWISS, "vatId", "eq", "CHE-116.281.710 TVA", True),
        (SWISS, "vatId", "eq", "CHE-116.281.711 MWST", False),
        (SWISS, "vatId", "contains", "mwst", True),
        ({"id": "6", "vatId": "GR094259216"}, "vatId", "eq", "EL094259216", True),
        ({"id": "6", "vatId": "GR094259216"}, "vatId", "starts_with", "EL", True),
        ({"id": "6", "vatId": "GR094259216"}, "vatId", "starts_with", "GR", True),
        ({"id": "6", "vatId": "BE428759497"}, "vatId", "ne", "BE 0428.759.497", False),
        ({"id": "6", "phoneNo": "040 123456", "country": "AT"}, "phoneNo", "eq", "+43 40 123456", True),
        ({"id": "6", "phoneNo": "040 123456", "country": "AT"}, "phoneNo", "eq", "+49 40 123456", False),
        ({"id": "6", "phoneNo": "040 123456"}, "phoneNo", "eq", "+49 40 123456", False),
        ({"id": "6", "faxNo": "0041 44 123 45 67"}, "faxNo", "eq", "+41 44 1234567", True),
        ({"id": "6", "name": "Baur"}, "name", "contains", "bauer", False),
        ({"id": "6", "name": "Bauer"}, "name", "contains", "baur", False),
        ({"id": "6", "lastName": "Y\u0131lmaz"}, "name", "contains", "yilmaz", True),
        (SWISS, "postcode", "invalid", None, True),
        (ABROAD, "email", "invalid", None, True),
        (ABROAD, "customerContacts.email", "invalid", None, True),
        (ABROAD, "deliveryAddresses.postcode", "invalid", None, False),
        (LOST, "deliveryAddresses.postcode", "invalid", None, True),
        ({"id": 7, "customerId": 3}, "customerId", "eq", "3", True),
        ({"id": 7, "extras": None}, "extras.a", "missing", None, True),
        ({"id": 7, "customerContacts": "?"}, "customerContacts.email", "missing", None, True),
        ({"id": 7, "name": "\u200b"}, "name", "missing", None, True),
        ({"id": 7, "country": "Österreich"}, "country", "contains", "oester", False),
        ({"id": 7, "city": "\u200b "}, "city", "missing", None, True),
    ],
)
def test_odd_records_are_read_tolerantly(
    record: Record,
    field: str,
    op: str,
    value: object,
    held: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    assert holds(record, field, op, value) is held


def test_all_conditions_must_hold() -> None:
    city, zip_code = condition("city", "eq", "München"), condition("postcode", "eq", "1010")
    assert matcher([])(Customer(FULL))
    assert not matcher([city, zip_code])(Customer(FULL))


class TestNarrowings:
    @pytest.mark.parametrize(
        ("asked", "keywords"),
        [
            ([("name", "eq", "Acme Bau GmbH")], ["acme"]),
            ([("name", "eq", "München")], ["chen"]),
            ([("city", "eq", "Muenchen")], ["nchen"]),
            ([("city", "in", ["Berlin"])], ["berlin"]),
            ([("city", "in", ["Berlin", "Wien"])], []),
            ([("city", "ne", "Berlin")], []),
            ([("city", "contains", "Berlin")], []),
            ([("postcode", "eq", " 10115 ")], ["10115"]),
            ([("email", "eq", "Info@Firma.de")], ["Info@Firma.de"]),
            ([("customerId", "eq", "K-0042")], ["K-0042"]),
            ([("postcode", "starts_with", "1011")], ["1011"]),
            ([("customerId", "contains", "K-0042")], ["0042"]),
            ([("postcode", "starts_with", "101")], []),
            ([("postcode", "eq", "1")], []),
            ([("country", "eq", "DE")], []),
            ([("vatId", "eq", "DE123456789")], []),
            ([("extras.city", "eq", "Berlin")], []),
            ([("deliveryAddresses.city", "eq", "Berlin")], []),
            ([("city", "missing", None)], []),
            ([("city", "eq", "Berlin"), ("postcode", "eq", "10115")], ["10115", "berlin"]),
            ([("city", "eq", "Bern"), ("name", "eq", "Acmebau GmbH")], ["acmebau", "bern"]),
            ([], []),
        ],
    )
    def test_the_most_selective_condition_comes_first(
        self, asked: list[tuple[str, str, object]], keywords: list[str]
    ) -> None:
        found = narrowings([condition(*one) for one in asked])
        assert [narrowing.query for narrowing in found] == [
            CustomerQuery(keywords=(one,)) for one in keywords
        ]

    @pytest.mark.parametrize(("op", "value"), [("eq", "Stammkunde"), ("in", ["Stammkunde"])])
    def test_a_category_is_compared_and_requested_exactly(self, op: str, value: object) -> None:
        asked = [condition("category", op, value)]
        assert narrowings(asked) == [Narrowing("category", CustomerQuery(category="Stammkunde"))]
        assert not matcher(asked)(Customer({"id": "1", "category": "stammkunde"}))

    def test_several_categories_and_parts_of_one_are_not_requested(self) -> None:
        for op, value in (("in", ["A", "B"]), ("contains", "stamm"), ("ne", "A")):
            assert narrowings([condition("category", op, value)]) == []


def keywords_of(asked: list[Condition]) -> list[str]:
    return [word for narrowing in narrowings(asked) for word in narrowing.query.keywords]


def as_ascii(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def written_out(text: str) -> str:
    composed = unicodedata.normalize("NFC", text).casefold()
    return without_accents(composed.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))


def read_back(text: str) -> str:
    """A search that treats ä as ae."""
    return written_out(text).replace("ae", "a").replace("oe", "o").replace("ue", "u")


SEARCHED = (
    "name", "firstName", "lastName", "nameAuthorisedSignatory", "address", "postcode", "city", "email",
    "country", "customerId",
)  # fmt: skip
SEARCHES: list[Found] = [as_ascii, str.lower, str.casefold, without_accents, written_out, read_back]


def found_by(search: Found, keyword: str, record: Record) -> bool:
    """A simple model of the API's search: one of the covered fields contains the keyword."""
    return any(search(keyword) in search(str(record.get(field) or "")) for field in SEARCHED)


@cache
def odd_letters() -> list[str]:
    """Letters outside ASCII that become ASCII when case is folded."""
    beyond = map(chr, range(128, sys.maxunicode + 1))
    return [letter for letter in beyond if any("!" <= sign <= "~" for sign in cased(letter))]


@pytest.mark.parametrize("search", SEARCHES)
def test_every_unicode_letter_is_searched_without_loss(search: Found) -> None:
    lost: list[str] = []
    for letter in odd_letters():
        record: Record = {"id": "1", "name": f"ab{letter}cd{letter}{letter}ef"}
        for typed in (str(record["name"]), cased(str(record["name"]))):
            words = keywords_of([condition("name", "eq", typed)])
            lost += [letter for word in words if not found_by(search, word, record)]
    assert lost == []


ODD = "\u0149\u017f\u1e98\u212a\ufb00\ufb01\ufb06\u0308"
LETTERS = st.sampled_from([*"abeiflknostuvz0123 .-@", *"äöüßéÉÄ", *ODD, "ue", "ae", "ss", "st", "  "])
TEXTS = st.lists(LETTERS, min_size=1, max_size=9).map("".join)
TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "o", "ü": "ue", "ß": "ss", "é": "e"})
RETYPED: list[Found] = [
    lambda text: text.translate(TRANSCRIBED),
    str, str.upper, str.casefold, lambda text: f" {text} ", lambda text: unicodedata.normalize("NFD", text),
    lambda text: " ".join(text.split()), lambda text: text[1:5] or text, without_accents, written_out,
]  # fmt: skip
OPS = ["eq", "in", "contains", "starts_with", "ne"]


@given(st.data(), st.dictionaries(st.sampled_from(SEARCHED), TEXTS, min_size=1))
def test_pushing_down_never_changes_the_answer(data: st.DataObject, texts: dict[str, str]) -> None:
    record: Record = {"id": "1", **texts}
    asked: list[Condition] = []
    for _ in range(data.draw(st.integers(1, 2))):
        field, op = data.draw(st.sampled_from(sorted(texts))), data.draw(st.sampled_from(OPS))
        value = data.draw(st.sampled_from(RETYPED))(texts[field])
        if any(sign.isalnum() for sign in value):
            asked.append(condition(field, op, value))
    if matcher(asked)(Customer(record)):
        words = keywords_of(asked)
        assert all(found_by(search, word, record) for word in words for search in SEARCHES)
