"""Lists and extras changed entry by entry: what is named changes, the rest stays to the letter."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.outcomes import Entries
from faktoora_mcp.errors import Ambiguous, InvalidInput
from faktoora_mcp.rules.findings import Of
from faktoora_mcp.writes.entries import compared, differing, extras_pairs, label, merged
from tests.told import told

Entry = dict[str, JsonValue]
ANNA: Entry = {"id": 1, "firstName": "Anna", "email": "anna@firma.de", "phoneNo": None, "createdAt": "2026"}
BERT: Entry = {"id": "2", "firstName": "Bert", "email": "Bert@Firma.de"}
NOBODY: Entry = {"firstName": " Ohne ", "email": "not an address"}
PEOPLE: list[JsonValue] = [ANNA, BERT, NOBODY]
LAGER: Entry = {"id": "7", "name": "Lager", "city": "Köln", "country": "AT"}
HOF: Entry = {"id": "8", "name": "Hof", "city": "Bonn"}


def people(*given: JsonValue, without: tuple[str, ...] = (), held: JsonValue = PEOPLE) -> JsonValue:
    return merged("customerContacts", [*given], without, held).value


class TestMerged:
    @pytest.mark.parametrize(
        "entry",
        [
            {"id": "1", "phoneNo": "+49 30 901820"},
            {"id": 1, "phoneNo": "+49 30 901820"},
            {"email": "ANNA@firma.de", "phoneNo": "+49 30 901820"},
        ],
        ids=["id", "id as a number", "e-mail in any case"],
    )
    def test_a_contact_that_is_there_gets_the_fields_that_are_named(self, entry: Entry) -> None:
        assert people(entry) == [ANNA | entry, BERT, NOBODY]

    def test_a_delivery_address_that_is_there_is_found_by_its_name(self) -> None:
        entry: Entry = {"name": "lager", "city": "Essen"}
        assert merged("deliveryAddresses", [entry], (), [HOF, LAGER]).value == [HOF, LAGER | entry]

    def test_the_id_outweighs_the_e_mail(self) -> None:
        entry: Entry = {"id": "2", "email": "anna@firma.de"}
        assert people(entry) == [ANNA, BERT | entry, NOBODY]

    def test_an_entry_equal_to_one_that_is_there_is_not_added_again(self) -> None:
        assert people({"firstName": "Nur"}, held=[{"id": 3, "firstName": "Nur"}]) == [
            {"id": 3, "firstName": "Nur"}
        ]

    def test_any_other_entry_is_added_at_the_end(self) -> None:
        carla: Entry = {"firstName": "Carla", "email": "carla@firma.de"}
        assert people(carla) == [*PEOPLE, carla]

    def test_two_new_entries_of_one_e_mail_are_both_added(self) -> None:
        carla: Entry = {"firstName": "Carla", "email": "buero@firma.de"}
        dora: Entry = {"firstName": "Dora", "email": "buero@firma.de"}
        assert people(carla, dora) == [*PEOPLE, carla, dora]

    @pytest.mark.parametrize("held", [None, []])
    def test_the_first_entries_come_in_their_order(self, held: JsonValue) -> None:
        assert people(ANNA | {"id": None}, BERT | {"id": None}, held=held) == [
            ANNA | {"id": None},
            BERT | {"id": None},
        ]

    def test_an_id_that_no_entry_has_is_refused(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            people({"id": "99", "email": "anna@firma.de"})
        assert told(caught.value.fields) == {"customerContacts": "has no entry '99'; there are: 1, 2"}

    def test_an_e_mail_that_two_entries_have_is_ambiguous(self) -> None:
        twin: Entry = ANNA | {"id": "4"}
        with pytest.raises(Ambiguous, match="2 entries of customerContacts fit") as caught:
            people({"email": "anna@firma.de"}, held=[ANNA, twin])
        assert caught.value.advice == "Name one by its id: 1, 4."

    def test_what_differs_in_an_entry_is_judged_in_the_country_of_the_entry(self) -> None:
        found = merged("deliveryAddresses", [{"id": "7", "postcode": "1010"}], (), [LAGER, HOF])
        assert found.given == [{"postcode": "1010", "country": "AT"}]

    def test_a_given_country_is_the_one_to_judge_by(self) -> None:
        entry: Entry = {"id": "7", "postcode": "10115", "country": "DE"}
        assert merged("deliveryAddresses", [entry], (), [LAGER]).given == [
            {"postcode": "10115", "country": "DE"}
        ]

    def test_an_entry_that_is_sent_back_as_it_was_is_not_judged_again(self) -> None:
        assert merged("deliveryAddresses", [LAGER], (), [LAGER]).given == [{}]


class TestRemoval:
    @pytest.mark.parametrize("word", ["2", "bert@firma.de", "BERT@FIRMA.DE", " Bert@Firma.de "])
    def test_a_contact_leaves_by_id_or_e_mail(self, word: str) -> None:
        assert people(without=(word,)) == [ANNA, NOBODY]

    @pytest.mark.parametrize("word", ["7", "Lager", "LAGER"])
    def test_a_delivery_address_leaves_by_id_or_name(self, word: str) -> None:
        assert merged("deliveryAddresses", None, (word,), [HOF, LAGER]).value == [HOF]

    def test_a_key_of_extras_leaves_by_its_name(self) -> None:
        assert merged("extras", None, ("a",), {"a": 1, "A": 2}).value == {"A": 2}

    def test_an_empty_word_names_no_entry(self) -> None:
        with pytest.raises(InvalidInput):
            people(without=("",))

    def test_one_entry_named_twice_leaves_once(self) -> None:
        assert people(without=("1", "anna@firma.de")) == [BERT, NOBODY]

    @pytest.mark.parametrize("word", ["99", "carla@firma.de", "Anna", "None"])
    def test_an_entry_that_is_not_there_is_refused_with_those_that_are(self, word: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            people(without=(word,))
        assert told(caught.value.fields) == {"customerContacts": f"has no entry {word!r}; there are: 1, 2"}

    def test_keys_of_extras_are_told_by_their_letters(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            merged("extras", None, ("A",), {"a": 1})
        assert told(caught.value.fields) == {"extras": "has no entry 'A'; there are: a"}

    def test_a_name_that_several_entries_have_is_ambiguous(self) -> None:
        with pytest.raises(Ambiguous) as caught:
            merged("deliveryAddresses", None, ("lager",), [LAGER, LAGER | {"id": "9"}])
        assert caught.value.advice == "Name one by its id: 7, 9."

    def test_an_entry_can_leave_and_come_back_anew(self) -> None:
        entry: Entry = {"email": "anna@firma.de"}
        assert people(entry, without=("anna@firma.de",)) == [BERT, NOBODY, entry]


def test_keys_of_extras_are_merged_and_a_null_removes_one() -> None:
    present: Entry = {"tier": "gold", "region": "Nord", "list": [1]}
    given: Entry = {"tier": "silver", "region": None, "new": {"a": None}}
    assert merged("extras", given, (), present).value == {
        "tier": "silver",
        "list": [1],
        "new": {"a": None},
    }


scalars = st.none() | st.text(max_size=4) | st.integers() | st.booleans()
entries = st.dictionaries(st.sampled_from(["firstName", "email", "postcode", "odd", "name"]), scalars)
held_lists = st.lists(entries, max_size=6).map(
    lambda found: cast("list[JsonValue]", [entry | {"id": str(at)} for at, entry in enumerate(found)])
)


@given(held_lists, st.data(), st.sampled_from(["customerContacts", "deliveryAddresses"]))
def test_entries_that_nobody_named_stay_as_they_are_and_in_their_order(
    held: list[JsonValue], data: st.DataObject, name: str
) -> None:
    ids = [str(at) for at in range(len(held))]
    gone = data.draw(st.sets(st.sampled_from(ids))) if ids else set[str]()
    touched = data.draw(st.sets(st.sampled_from(ids))) - gone if ids else set[str]()
    given: list[JsonValue] = [{"id": one, "note": "neu"} for one in sorted(touched)]
    expected = [
        {**cast("Entry", entry), "note": "neu"} if one in touched else entry
        for one, entry in zip(ids, held, strict=True)
        if one not in gone
    ]
    assert merged(name, given, sorted(gone), held).value == expected


class TestCompared:
    def test_every_entry_is_added_changed_removed_or_kept(self) -> None:
        anna: Entry = ANNA | {"phoneNo": "+49 30 901820"}
        carla: Entry = {"id": "3", "firstName": "Carla", "email": "carla@firma.de"}
        assert compared("customerContacts", PEOPLE, [anna, NOBODY, carla]) == Entries(
            added=[carla],
            changed={Of("id", "1"): {"phoneNo": (None, "+49 30 901820")}},
            removed=[BERT],
            kept=1,
            back=[{"id": 1, "phoneNo": None}, {"firstName": "Bert", "email": "Bert@Firma.de"}],
        )

    def test_the_same_lists_differ_in_nothing(self) -> None:
        assert compared("customerContacts", PEOPLE, PEOPLE) == Entries([], {}, [], 3, [])

    @pytest.mark.parametrize("before", [None, [], "odd"])
    def test_the_first_entries_are_added(self, before: JsonValue) -> None:
        assert compared("customerContacts", before, [BERT]) == Entries([BERT], {}, [], 0, [])

    def test_a_changed_e_mail_is_no_new_entry_where_the_id_stayed(self) -> None:
        moved: Entry = BERT | {"email": "neu@firma.de"}
        assert compared("customerContacts", [BERT], [moved]) == Entries(
            [],
            {Of("id", "2"): {"email": ("Bert@Firma.de", "neu@firma.de")}},
            [],
            0,
            [{"id": "2", "email": "Bert@Firma.de"}],
        )

    def test_an_entry_that_took_over_an_e_mail_is_new_all_the_same(self) -> None:
        moved: Entry = BERT | {"email": "neu@firma.de"}
        heir: Entry = {"id": "3", "email": "bert@firma.de"}
        found = compared("customerContacts", [BERT], [moved, heir])
        assert (found.added, [*found.changed], found.kept) == ([heir], [Of("id", "2")], 0)

    def test_an_entry_to_which_the_api_gave_another_id_is_kept(self) -> None:
        assert compared("customerContacts", [BERT], [BERT | {"id": "22"}]) == Entries([], {}, [], 1, [])

    def test_what_restores_a_changed_entry_names_the_id_that_it_has_now(self) -> None:
        moved: Entry = BERT | {"id": "22", "phoneNo": "+49 30 901820"}
        assert compared("customerContacts", [BERT], [moved]).back == [{"id": "22", "phoneNo": None}]

    def test_an_entry_that_nothing_names_may_lose_a_field(self) -> None:
        found = compared("customerContacts", [{"firstName": "Ohne", "color": "red"}], [{"firstName": "Ohne"}])
        assert (found.added, found.removed, found.kept) == ([], [], 0)

    def test_of_two_equal_entries_one_that_left_is_missed(self) -> None:
        twin: Entry = {"firstName": "Ohne"}
        found = compared("customerContacts", [twin, twin], [twin])
        assert (found.kept, found.removed) == (1, [twin])

    def test_of_two_equal_entries_one_that_came_is_told(self) -> None:
        twin: Entry = {"firstName": "Ohne"}
        found = compared("customerContacts", [twin], [twin, twin])
        assert (found.kept, found.added) == (1, [twin])


def test_of_lists_only_the_entries_that_differ_are_paired() -> None:
    changed: Entry = BERT | {"firstName": "Berta"}
    assert differing("customerContacts", [ANNA, changed], [ANNA, BERT]) == ([changed], [BERT])


def test_extras_are_paired_key_by_key() -> None:
    before: Entry = {"tier": "gold", "same": [1], "gone": 1, "empty": ""}
    after: Entry = {"tier": "silver", "same": [1], "new": 0, "empty": None}
    assert extras_pairs(before, after) == {
        "extras.tier": ("gold", "silver"),
        "extras.gone": (1, None),
        "extras.new": (None, 0),
    }


@pytest.mark.parametrize(
    ("entry", "called"),
    [
        (BERT, "2"),
        ({"email": "m@firma.de", "firstName": "M"}, "m@firma.de"),
        ({"id": 0, "email": "m@firma.de"}, "m@firma.de"),
        ({"firstName": "M"}, ""),
    ],
)
def test_an_entry_is_called_by_its_id_or_its_e_mail(entry: Entry, called: str) -> None:
    assert told(label("customerContacts", entry)) == called
