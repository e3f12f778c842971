"""An id makes two customers duplicates however it is written, and in whichever field it stands."""

import pytest
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.duplicate_pairs import PairCollector
from faktoora_mcp.insight.duplicates import Traits, similarity
from faktoora_mcp.rules.findings import Of, found
from faktoora_mcp.writes.locks import creation_keys

Record = dict[str, JsonValue]
LEITWEG = "991-03730-19"
EQUAL: list[tuple[Record, Record]] = [
    ({"vatId": "CHE-107.787.577 MWST"}, {"vatId": "CHE107787577"}),
    ({"vatId": "EL094259216"}, {"vatId": "GR094259216"}),
    ({"vatId": "GB123456782"}, {"vatId": "XI 123 4567 82"}),
    ({"vatId": "BE428759497"}, {"vatId": "BE0428759497"}),
    ({"peppolId": "0204:991-1-1"}, {"peppolId": "iso6523-actorid-upis::0204:991-1-1"}),
    ({"routeId": LEITWEG}, {"routeId": f" {LEITWEG}"}),
    ({"routeId": LEITWEG}, {"peppolId": f"0204:{LEITWEG}"}),
    ({"glnId": "4012345000009"}, {"peppolId": "0088:4012345000009"}),
    ({"dunsId": "31-234-5678"}, {"peppolId": "0060:312345678"}),
    ({"vatId": "DE136695976"}, {"peppolId": "9930:DE136695976"}),
    ({"vatId": "DE136695976", "peppolId": "0088:4012345000009"}, {"peppolId": "9930:DE136695976"}),
    ({"taxId": "2893081508152"}, {"taxId": "93815/08152"}),
]
UNEQUAL: list[tuple[Record, Record]] = [
    ({"routeId": "Bestellung 4711"}, {"routeId": "Bestellung 4711"}),
    ({"routeId": "4012345000009"}, {"glnId": "4012345000009"}),
    ({"customerId": "4012345000009"}, {"glnId": "4012345000009"}),
    ({"vatId": "DE136695976"}, {"vatId": "AT136695976"}),
    ({"glnId": "4012345000009"}, {"peppolId": "0060:4012345000009"}),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_an_equal_id_makes_a_duplicate(one: Record, other: Record) -> None:
    ways = (
        similarity(Traits.of(one), Traits.of(other)),
        similarity(Traits.of(other), Traits.of(one)),
    )
    assert all(how and how.is_duplicate and how.score == 100 and len(how.reasons) == 1 for how in ways)
    assert ways[0] == ways[1]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_a_whole_base_is_searched_for_it(one: Record, other: Record) -> None:
    collector = PairCollector()
    for place, record in enumerate((one, {"vatId": "DE811128135"}, other)):
        collector.add(Customer({"id": str(place), **record}))
    assert [(pair.one["id"], pair.other["id"]) for pair in collector.pairs().duplicates] == [("0", "2")]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_two_creations_with_it_wait_for_each_other(one: Record, other: Record) -> None:
    assert creation_keys("a", one, numbered=False) & creation_keys("a", other, numbered=False)


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_other_ids_make_no_duplicate(one: Record, other: Record) -> None:
    assert similarity(Traits.of(one), Traits.of(other)) is None


def test_the_reason_names_both_fields_where_they_differ() -> None:
    one, other = Traits.of({"routeId": LEITWEG}), Traits.of({"peppolId": f"0204:{LEITWEG}"})
    how = similarity(one, other)
    assert how
    assert how.reasons == ((found("same_id", "peppolId", label="Leitweg-ID", value=Of("routeId", LEITWEG)),),)
