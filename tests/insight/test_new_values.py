"""Values that nobody else has, where a base was seen."""

import pytest

from faktoora_mcp.api.records import Customer
from faktoora_mcp.insight.new_values import PresentValues, new_values
from faktoora_mcp.rules.findings import found

BASE = [
    Customer({"id": "1", "category": "Premium", "country": "DE"}),
    Customer({"id": "2", "category": "Standard", "country": ""}),
    Customer({"id": "3", "category": None}),
]


def test_a_value_that_nobody_has_is_named_with_those_that_exist_the_most_similar_first() -> None:
    assert [*new_values({"category": "Premum", "country": "DE"}, BASE)] == [
        found("new_value", "category", value="Premum", existing="'Premium', 'Standard'")
    ]


@pytest.mark.parametrize(
    "record", [{"category": "Standard"}, {"category": None}, {"category": ""}, {"city": "Ulm"}]
)
def test_a_value_that_somebody_has_or_that_is_free_text_is_not(record: dict[str, str | None]) -> None:
    assert [*new_values({**record}, BASE)] == []


def test_of_a_base_without_values_nothing_is_new() -> None:
    assert [*PresentValues().new({"category": "Premium"})] == []
