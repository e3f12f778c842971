"""The record that the cells of a row make."""

import pytest

from faktoora_mcp.sheets.rows import HOUSE_NUMBER, Row


def record(**cells: str) -> dict[str, object]:
    return {**Row(2, cells).record}


def test_the_house_number_belongs_to_the_address() -> None:
    number = {HOUSE_NUMBER: "5a"}
    assert record(address="Weg", **number)["address"] == "Weg 5a"
    assert record(**number)["address"] == ""


def test_required_fields_without_a_cell_are_blank() -> None:
    assert record(name="a") == {"name": "a", "address": "", "postcode": "", "city": "", "isCompany": True}


@pytest.mark.parametrize(
    ("word", "flag"),
    [
        *((word, True) for word in ("ja", "Ja", "TRUE", "true", "1", "x", "Wahr", "yes", "Firma")),
        *((word, False) for word in ("nein", "Nein", "FALSE", "false", "0", "no", "Privat")),
        ("vielleicht", "vielleicht"),
    ],
)
def test_many_words_say_whether_a_customer_is_a_company(word: str, flag: object) -> None:
    said = record(name="a", isCompany=word)["isCompany"]
    assert (said, type(said)) == (flag, type(flag))


@pytest.mark.parametrize(("cells", "flag"), [({"name": "Acme"}, True), ({"lastName": "Meier"}, False)])
def test_without_such_a_word_a_customer_with_a_name_is_a_company(
    cells: dict[str, str],
    flag: bool,  # noqa: FBT001 (a row of the table)
) -> None:
    assert record(**cells)["isCompany"] is flag
