"""Whatever two records hold: united, nothing of either is lost except in a conflict that is named."""

from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.merge_outcomes import Union
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.rules.validation import ENTRY_FIELDS
from faktoora_mcp.writes.equality import is_blank, same
from faktoora_mcp.writes.merged_record import (
    PREFERABLE,
    VALUES,
    Preferred,
    Side,
    united,
)

PATIENT = settings(suppress_health_check=[HealthCheck.too_slow])
"""Records are large, and a busy machine makes them slowly."""
TEXTS = st.sampled_from([None, "", " ", "a", "b", "A", "a b"])
NOTES = st.lists(st.sampled_from(["one", "two", " three ", ""]), max_size=3).map("\n".join)
EXTRAS = st.none() | st.dictionaries(st.sampled_from(["k", "l", "m"]), TEXTS | st.integers(0, 1), max_size=3)
SIDES: st.SearchStrategy[Side] = st.sampled_from(["keep", "remove"])
PREFERENCES = st.dictionaries(st.sampled_from([*PREFERABLE, "extras.k"]), SIDES, max_size=4)


def entries(name: str) -> st.SearchStrategy[list[Record]]:
    fields = {field: TEXTS for field in ENTRY_FIELDS[name] if field != "id"} | {"color": TEXTS}
    return st.lists(st.fixed_dictionaries({}, optional=fields), max_size=2)


@st.composite
def records(draw: st.DrawFn, side: str) -> Record:
    record: Record = draw(st.dictionaries(st.sampled_from(VALUES), TEXTS, max_size=12))
    record |= {"isCompany": draw(st.booleans()), "customerId": side, "note": draw(NOTES | st.none())}
    lists = {name: identified(draw(entries(name)), side) for name in ENTRY_FIELDS}
    return {**record, **lists, "extras": cast("JsonValue", draw(EXTRAS))}


def identified(listed: list[Record], side: str) -> JsonValue:
    return [{**entry, "id": f"{side}{place}"} for place, entry in enumerate(listed)]


def listed(record: Record, name: str) -> list[Record]:
    return cast("list[Record]", record.get(name) or [])


def values_of(record: Record) -> Iterator[tuple[str, JsonValue]]:
    """The filled values of a record by path, its lists and note aside."""
    extras = cast("Record", record.get("extras") or {})
    yield from ((name, record[name]) for name in VALUES if not is_blank(record.get(name)))
    yield from ((f"extras.{key}", value) for key, value in extras.items() if not is_blank(value))


def lines_of(record: Record) -> set[str]:
    return {line.strip() for line in str(record.get("note") or "").split("\n")} - {""}


def filled_values(entry: Record) -> Record:
    return {key: value for key, value in entry.items() if key != "id" and not is_blank(value)}


def lost_entries(name: str, old: Record, merged: Record, made: Union) -> list[Record]:
    """Entries that stand nowhere, neither as they were nor with conflicts that name the rest."""

    def stands(entry: Record, place: int, held: Record) -> bool:
        filled = filled_values(entry)
        lacking = (key for key, value in filled.items() if not same(key, value, held.get(key)))
        return all(filled[key] in made.conflicts.get(f"{name}.{place}.{key}", ()) for key in lacking)

    now = listed(merged, name)
    return [
        entry
        for entry in listed(old, name)
        if filled_values(entry) and not any(stands(entry, place, held) for place, held in enumerate(now))
    ]


def check_nothing_is_lost(keep: Record, remove: Record, made: Union) -> None:
    merged = keep | made.changes
    held = dict(values_of(merged))
    for side in (keep, remove):
        for path, value in values_of(side):
            assert same(path, value, held.get(path)) or value in made.conflicts[path]
        assert lines_of(side) <= lines_of(merged)
        for name in ENTRY_FIELDS:
            assert lost_entries(name, side, merged, made) == []


@PATIENT
@given(keep=records("k"), remove=records("r"), prefer=PREFERENCES)
def test_nothing_of_either_record_is_lost_and_conflicts_are_named(
    keep: Record, remove: Record, prefer: Preferred
) -> None:
    check_nothing_is_lost(keep, remove, united(keep, remove, prefer))


@PATIENT
@given(keep=records("k"), remove=records("r"), prefer=PREFERENCES)
def test_the_number_and_the_ids_of_entries_never_move(
    keep: Record, remove: Record, prefer: Preferred
) -> None:
    changes = united(keep, remove, prefer).changes
    assert "customerId" not in changes
    for name in ENTRY_FIELDS:
        ids = [entry["id"] for entry in listed(keep, name)]
        assert [entry["id"] for entry in listed(keep | changes, name) if "id" in entry] == ids


@PATIENT
@given(keep=records("k"), remove=records("r"))
def test_without_a_preference_every_value_of_the_kept_record_stays(keep: Record, remove: Record) -> None:
    made = united(keep, remove, {})
    held = dict(values_of(keep | made.changes))
    assert dict(values_of(keep)).items() <= held.items()
    for path, (stays, _) in made.conflicts.items():
        if path.partition(".")[0] not in ENTRY_FIELDS:
            assert is_blank(stays) or dict(values_of(keep))[path] == stays


@PATIENT
@given(keep=records("k"), remove=records("r"), prefer=PREFERENCES)
def test_the_same_merge_again_changes_nothing(keep: Record, remove: Record, prefer: Preferred) -> None:
    merged = keep | united(keep, remove, prefer).changes
    assert united(merged, remove, prefer).changes == {}


@PATIENT
@given(keep=records("k"), remove=records("r"), prefer=PREFERENCES)
def test_what_is_told_of_each_field_is_what_becomes_of_it(
    keep: Record, remove: Record, prefer: Preferred
) -> None:
    made = united(keep, remove, prefer)
    held = dict(values_of(keep | made.changes))
    parts = (made.kept, made.filled, {path: stays for path, (stays, _) in made.conflicts.items()})
    told = [
        (path, value) for part in parts for path, value in part.items() if path in held and "note" not in path
    ]
    assert sorted(path for path, _ in told) == sorted(held)
    assert dict(told) == held
    assert {*made.filled} - {"note"} <= {path for path, _ in values_of(remove)}


def pair(name: str, keep: JsonValue, remove: JsonValue, **more: JsonValue) -> tuple[Record, Record]:
    return {name: keep, **more}, {name: remove, **more}


class TestValues:
    def test_a_conflict_pairs_what_stays_with_what_goes(self) -> None:
        keep, remove = pair("phoneNo", "1", "2")
        assert united(keep, remove, {}).conflicts == {"phoneNo": ("1", "2")}
        preferred = united(keep, remove, {"phoneNo": "remove"})
        assert (preferred.conflicts, preferred.changes) == ({"phoneNo": ("2", "1")}, {"phoneNo": "2"})

    def test_a_value_of_the_other_can_be_given_up(self) -> None:
        made = united(*pair("email", None, "a@b.de"), {"email": "keep"})
        assert (made.conflicts, made.changes) == ({"email": (None, "a@b.de")}, {})

    def test_a_country_is_not_taken_from_another_place(self) -> None:
        keep: Record = {"postcode": "10115", "city": "Berlin"}
        remove: Record = {"postcode": "1010", "city": "Wien", "country": "AT"}
        assert united(keep, remove, {}).changes == {}
        assert united(keep, remove, {}).conflicts["country"] == (None, "AT")
        moved = united(keep, remove, {"postcode": "remove", "city": "remove"})
        assert moved.changes == remove

    def test_a_country_is_taken_from_the_same_place_in_another_spelling(self) -> None:
        keep: Record = {"postcode": "80331", "city": "Muenchen", "address": "Am Markt 1"}
        remove: Record = {"postcode": "80331", "city": "München", "address": "Markt 1", "country": "DE"}
        assert united(keep, remove, {}).changes == {"country": "DE"}

    def test_a_first_name_is_not_taken_from_another_person(self) -> None:
        made = united({"lastName": "Muster"}, {"lastName": "Beispiel", "firstName": "Erika"}, {})
        assert (made.changes, made.conflicts["firstName"]) == ({}, (None, "Erika"))

    @pytest.mark.parametrize(
        ("keep", "remove", "note"),
        [
            ("a", "b", "a\nb"),
            ("a\nb", "b", "a\nb"),
            ("a", "b\na", "b\na"),
            ("abc", "a", "abc\na"),
            (None, "b", "b"),
            ("a", " ", "a"),
        ],
    )
    def test_notes_are_joined_unless_one_has_the_lines_of_the_other(
        self, keep: JsonValue, remove: JsonValue, note: str
    ) -> None:
        old, other = pair("note", keep, remove)
        assert (old | united(old, other, {}).changes)["note"] == note


class TestEntries:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"email": "a@b.de"}, {"email": "A@B.de", "lastName": "Öz"}),
            (
                {"firstName": "Ayşe", "lastName": "Öz"},
                {"firstName": "Ayse", "lastName": "Oez", "phoneNo": "1"},
            ),
            (
                {"email": "a@b.de", "firstName": "Eva", "lastName": "Alt"},
                {"email": "a@b.de", "firstName": "Eva", "lastName": "Neu"},
            ),
        ],
    )
    def test_a_contact_is_one_by_its_email_or_its_name(self, one: Record, other: Record) -> None:
        keep: Record = {"customerContacts": [one]}
        made = united(keep, {"customerContacts": [other]}, {})
        assert len(listed(keep | made.changes, "customerContacts")) == 1

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"email": "a@b.de", "lastName": "Öz"}, {"email": "a@b.de", "lastName": "Lund"}),
            (
                {"email": "a@b.de", "firstName": "Eva", "lastName": "Öz"},
                {"email": "a@b.de", "firstName": "Ali", "lastName": "Öz"},
            ),
            ({"lastName": "Öz", "email": "a@b.de"}, {"lastName": "Öz", "email": "c@d.de"}),
            ({"lastName": "Öz"}, {"phoneNo": "1"}),
        ],
    )
    def test_two_people_stay_two_contacts(self, one: Record, other: Record) -> None:
        made = united({"customerContacts": [one]}, {"customerContacts": [other]}, {})
        assert (made.changes["customerContacts"], made.conflicts) == ([one, other], {})

    @pytest.mark.parametrize(
        ("one", "other", "count"),
        [
            ({"name": "Lager", "city": "Kiel"}, {"name": "LAGER", "postcode": "24103"}, 1),
            ({"address": "Kai 7", "city": "Kiel"}, {"address": "Kai 7", "city": "Kiel", "name": "Lager"}, 1),
            ({"name": "Lager", "city": "Kiel"}, {"name": "Lager", "city": "Bonn"}, 2),
            ({"name": "Lager", "postcode": "1"}, {"name": "Lager", "postcode": "2"}, 2),
            ({"name": "Nord", "address": "Kai 7"}, {"name": "Süd", "address": "Kai 7"}, 2),
        ],
    )
    def test_an_address_is_one_by_its_name_or_its_place(self, one: Record, other: Record, count: int) -> None:
        old: Record = {"deliveryAddresses": [one]}
        made = united(old, {"deliveryAddresses": [other]}, {})
        assert len(listed(old | made.changes, "deliveryAddresses")) == count

    def test_a_conflict_in_an_entry_is_named_by_its_place(self) -> None:
        one: Record = {"email": "a@b.de", "phoneNo": "1"}
        other: Record = {"email": "a@b.de", "phoneNo": "2", "note": "neu"}
        keep: Record = {"customerContacts": [{"email": "c@d.de"}, one]}
        made = united(keep, {"customerContacts": [other]}, {})
        assert made.conflicts == {"customerContacts.1.phoneNo": ("1", "2")}
        assert made.changes == {"customerContacts": [{"email": "c@d.de"}, one | {"note": "neu"}]}
        taken = united(keep, {"customerContacts": [other]}, {"customerContacts": "remove"})
        assert taken.conflicts == {"customerContacts.1.phoneNo": ("2", "1")}
        assert listed(taken.changes, "customerContacts")[1] == other

    @pytest.mark.parametrize("side", ["keep", "remove"])
    def test_a_second_conflict_at_one_place_keeps_an_entry_of_its_own(self, side: Side) -> None:
        keep: Record = {"customerContacts": [{"email": "a@b.de", "phoneNo": "1"}]}
        remove: Record = {"customerContacts": [{"email": "a@b.de", "phoneNo": phone} for phone in ("2", "3")]}
        made = united(keep, remove, {"customerContacts": side})
        check_nothing_is_lost(keep, remove, made)
        phones = [entry["phoneNo"] for entry in listed(made.changes, "customerContacts")]
        assert phones == (["1", "3"] if side == "keep" else ["2", "3"])
