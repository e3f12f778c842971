"""What counts as held, and what as a difference."""

import pytest
from pydantic import JsonValue

from faktoora_mcp.writes.equality import changed, ignored, same, same_entry

CONTACT: dict[str, JsonValue] = {"lastName": "Muster", "email": "m@firma.de"}
KEPT: dict[str, JsonValue] = {"id": 1, **CONTACT, "phoneNo": None, "createdAt": "2026"}


@pytest.mark.parametrize(
    ("name", "sent", "held"),
    [
        ("city", "Berlin", " Berlin "),
        ("note", "", None),
        ("email", None, ""),
        ("extras", {}, None),
        ("customerContacts", [], None),
        ("isCompany", False, False),
        ("extras", {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ("customerContacts", [CONTACT], [KEPT]),
    ],
)
def test_it_is_held_as_it_was_sent(name: str, sent: JsonValue, held: JsonValue) -> None:
    assert same(name, sent, held)


@pytest.mark.parametrize(
    ("name", "sent", "held"),
    [
        ("city", "Berlin", "BERLIN"),
        ("city", "Berlin", None),
        ("postcode", "1067", 1067),
        ("isCompany", False, None),
        ("extras", {"a": 0}, {}),
        ("extras", {"a": 1}, {"a": 1, "b": 2}),
        ("customerContacts", [CONTACT], [KEPT, KEPT]),
        ("customerContacts", [CONTACT], [KEPT | {"note": "neu"}]),
        ("customerContacts", [{**CONTACT, "skype": "m"}], [KEPT]),
    ],
)
def test_it_is_not_held_as_it_was_sent(name: str, sent: JsonValue, held: JsonValue) -> None:
    assert not same(name, sent, held)


@pytest.mark.parametrize("entry", [CONTACT, KEPT], ids=["as sent", "as held"])
def test_what_the_api_adds_to_an_entry_is_its_own_affair(entry: dict[str, JsonValue]) -> None:
    assert same_entry("customerContacts", CONTACT, entry)


def test_an_entry_that_is_no_object_is_held_only_as_it_is() -> None:
    assert same_entry("customerContacts", "x", "x")
    assert not same_entry("customerContacts", "x", CONTACT)


def test_what_an_entry_has_more_than_before_is_a_change() -> None:
    richer: JsonValue = {**KEPT, "skype": "m"}
    assert changed("customerContacts", [KEPT], [richer])
    assert same("customerContacts", [KEPT], [richer])


def test_ignored_pairs_what_was_sent_with_what_is_held_instead() -> None:
    sent: dict[str, JsonValue] = {"city": "Berlin", "category": "A", "faxNo": "1"}
    assert ignored(sent, {"city": "Berlin", "category": "B"}) == {
        "category": ("A", "B"),
        "faxNo": ("1", None),
    }


def test_lists_that_a_record_does_not_show_are_not_called_ignored() -> None:
    assert ignored({"customerContacts": [CONTACT]}, {"city": "Berlin"}) == {}
    assert ignored({"customerContacts": [CONTACT]}, {"customerContacts": None}) == {
        "customerContacts": ([CONTACT], None)
    }
