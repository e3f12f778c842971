"""Whether a record is the one that a creation asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.writes.identity import Match, match_of
from tests.writes.scripts import ACME, record_with

TEXTS = st.text("abcäöüß 123", min_size=1).filter(str.strip)
WANTED = st.fixed_dictionaries(
    {"name": TEXTS},
    optional=dict.fromkeys(("customerId", "email", "vatId", "address", "postcode", "city"), TEXTS),
)


class TestFit:
    @pytest.mark.parametrize(
        ("held", "expected"),
        [
            ({}, Match.FULL),
            ({"name": "ACME  GmbH", "city": " berlin"}, Match.FULL),
            ({"customerId": "CUST-1", "vatId": "DE123456789"}, Match.FULL),
            ({"email": None, "city": ""}, Match.FULL),
            ({"email": "other@acme.example.com"}, Match.PARTIAL),
            ({"city": "Hamburg"}, Match.PARTIAL),
            ({"name": "Other AG"}, Match.PARTIAL),
            ({"name": "Other AG", "email": "other@example.com"}, Match.NONE),
        ],
    )
    def test_a_record_fits_by_what_both_say(self, held: dict[str, JsonValue], expected: Match) -> None:
        assert match_of(ACME, Customer(record_with(**held))) is expected

    @pytest.mark.parametrize("field", ["customerId", "vatId", "glnId", "dunsId", "peppolId"])
    def test_another_id_is_never_the_record_that_was_asked_for(self, field: str) -> None:
        assert match_of({**ACME, field: "111"}, Customer(record_with(**{field: "222"}))) is Match.PARTIAL

    def test_a_person_fits_by_the_display_name(self) -> None:
        wanted: dict[str, JsonValue] = {"firstName": "Erika", "lastName": "Muster"}
        assert match_of(wanted, Customer({"id": "1", "name": "Erika Muster"})) is Match.FULL

    def test_the_same_place_alone_is_another_customer(self) -> None:
        neighbour = Customer(record_with(name="Other AG", email=None))
        assert match_of(ACME, neighbour) is Match.NONE

    def test_an_id_alone_shows_nothing_to_compare(self) -> None:
        assert match_of(ACME, Customer({"id": "cust_abc123"})) is Match.UNKNOWN

    @given(WANTED)
    def test_what_was_asked_for_fits_however_it_is_cased_and_spaced(self, wanted: dict[str, str]) -> None:
        held = {field: f" {text.swapcase()} " for field, text in wanted.items()}
        assert match_of({**wanted}, Customer({"id": "1", **held})) is Match.FULL
