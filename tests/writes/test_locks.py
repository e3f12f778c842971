"""Keys of identities: which creations share one."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicates import duplicates_of
from faktoora_mcp.writes.locks import creation_keys
from tests.writes.scripts import ACME

EQUAL_SCORE = 92
"""From here on ids, names or e-mails are equal; below they are similar."""
PERSON: dict[str, JsonValue] = {
    "isCompany": False,
    "firstName": "Erika",
    "lastName": "Muster",
    "postcode": "10115",
}
NAMES = ["Müller & Söhne GmbH", "Söhne Müller", "Mueller Soehne AG", "Müller-Söhne", "Müllersöhne", "Bau Ost"]
BODIES = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES)},
    optional={
        "isCompany": st.booleans(),
        "firstName": st.just("Erika"),
        "lastName": st.sampled_from(["Muster", "Bau"]),
        "postcode": st.sampled_from(["10115", " 10 115", "20095"]),
        "city": st.sampled_from(["Berlin", "BERLIN ", "Köln", "Koeln"]),
        "email": st.sampled_from(["a@firma.de", "A@FIRMA.de", "kaputt"]),
        "vatId": st.sampled_from(["DE123456789", "de 123456789"]),
        "customerId": st.sampled_from(["K-1", "k-1", "K1"]),
    },
)


class TestKeys:
    @pytest.mark.parametrize(
        "other",
        [
            {},
            {"name": "ACME  KG", "city": "Köln"},
            {"name": "Acme GmbH & Co. KG", "postcode": "20095"},
            {"name": "Other AG", "email": "BILLING@acme.example.com "},
            *[
                {"name": "Other AG", "email": None, name: value}
                for name, value in (
                    ("customerId", "K-1"),
                    ("vatId", "DE 123 456 789"),
                    ("taxId", "29/815/08152"),
                    ("glnId", "4006381333931"),
                    ("dunsId", "31-505-6389"),
                    ("peppolId", "0204:991-1234512345-06"),
                )
            ],
        ],
    )
    def test_creations_with_an_equal_identity_share_a_key(self, other: dict[str, JsonValue]) -> None:
        ids: dict[str, JsonValue] = {
            "customerId": "K-1",
            "vatId": "DE123456789",
            "taxId": "29 815 08152",
            "glnId": "4006381333931",
            "dunsId": "315056389",
            "peppolId": "0204:991-1234512345-06",
        }
        assert keys(ACME | ids) & keys(ACME | other)

    @pytest.mark.parametrize(
        "other",
        [
            {"name": "Other AG", "email": "o@example.com"},
            {"email": None, "postcode": "20095", "city": "Hamburg"},
            {"name": "Other AG", "email": None},
        ],
    )
    def test_creations_of_different_customers_share_none(self, other: dict[str, JsonValue]) -> None:
        assert not keys(ACME) & keys(ACME | other)

    def test_creations_that_draw_a_number_share_a_key(self) -> None:
        other: dict[str, JsonValue] = {"name": "Other AG", "postcode": "20095"}
        assert keys(ACME, numbered=True) & keys(other, numbered=True)
        assert not keys(ACME, numbered=True) & keys(other)

    def test_other_accounts_share_none(self) -> None:
        assert not keys(ACME, numbered=True) & keys(ACME, numbered=True, account="another")

    @example({"name": NAMES[0], "postcode": "10115"}, {"name": NAMES[1], "postcode": " 10 115"})
    @example(PERSON, PERSON | {"name": "Praxis Muster"})
    @given(BODIES, BODIES)
    def test_what_the_duplicate_check_calls_equal_shares_a_key(
        self, one: dict[str, JsonValue], other: dict[str, JsonValue]
    ) -> None:
        duplicates, _ = duplicates_of(one, [Customer({"id": "other", **other})])
        assume(duplicates and duplicates[0][1].score >= EQUAL_SCORE)
        assert keys(one) & keys(other)


def keys(body: dict[str, JsonValue], *, numbered: bool = False, account: str = "account") -> frozenset[str]:
    return creation_keys(account, body, numbered=numbered)
