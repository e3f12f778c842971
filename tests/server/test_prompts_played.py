"""Every prompt, played on the sandbox by an agent that follows its text."""

import re
from typing import get_args

import pytest
from anyio import to_thread

from faktoora_mcp.language import Language
from faktoora_mcp.server.tools import TOOLS
from tests.agents import ERAS, agent
from tests.attempts import new
from tests.faulty import Base, Record
from tests.scripted import Script
from tests.server.plays import KEPT, PLAYS, TWIN, Call, Played, played
from tests.server.test_prompts import NAMES

SHOWN_FIRST = ("import_customers", "merge_customers", "update_customers")
"""Tools that only show what would happen unless they are told otherwise."""
CHANGING = [name for name in NAMES if name not in ("find_customer", "explain_error")]


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=get_args(Language))
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


def tools_named(text: str) -> list[str]:
    """The tools in the order in which the steps first name them."""
    steps = text[text.index("\n1. ") :]
    return [*dict.fromkeys(name for name in re.findall(r"\b[a-z_]+\b", steps) if name in TOOLS)]


def quoted(text: str) -> set[str]:
    """Words between backticks."""
    return {*re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text)))}


def numbered(base: Base, number: str) -> Record:
    (found,) = (record for record in base.values() if record["customerId"] == number)
    return found


def changed(done: Played) -> set[str]:
    """Numbers of the existing customers that were changed."""
    return {str(was["customerId"]) for key, was in done.before.items() if done.after.get(key) != was}


def test_every_prompt_is_played() -> None:
    assert sorted(PLAYS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_tools_that_a_prompt_names_are_called_in_its_order(
    era: str, language: Language, name: str
) -> None:
    done = played(era, language, name)
    assert [*dict.fromkeys(tool for tool, _ in done.calls)] == tools_named(done.text)


@pytest.mark.anyio
@pytest.mark.parametrize("name", NAMES)
async def test_the_arguments_that_a_prompt_names_are_given(language: Language, name: str) -> None:
    async with agent("auto", Script()) as someone:
        tools = (await someone.client.list_tools()).tools
    done = await to_thread.run_sync(played, "auto", language, name)
    named = {*tools_named(done.text)}
    known = {argument for tool in tools if tool.name in named for argument in tool.input_schema["properties"]}
    given = {argument for _, arguments in done.calls for argument in arguments}
    assert (known & quoted(done.text)) - given == set()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_changed_before_the_user_is_asked(era: str, name: str) -> None:
    done = played(era, "de", name)
    assert done.asked[0] == done.before


@pytest.mark.parametrize("name", CHANGING)
def test_every_creation_and_change_has_a_dry_run_before(era: str, name: str) -> None:
    done = played(era, "de", name)
    tried: list[Call] = []
    for tool, arguments in done.calls:
        request = {
            key: value for key, value in arguments.items() if key not in ("expect", "confirm", "dry_run")
        }
        if arguments.get("dry_run", tool in SHOWN_FIRST):
            tried.append((tool, request))
        elif tool in ("create_customer", "update_customer", *SHOWN_FIRST) and "file_id" not in arguments:
            assert (tool, request) in tried


def test_finding_goes_from_the_number_to_words_to_a_vat_id(era: str) -> None:
    done = played(era, "de", "find_customer")
    assert done.shown == {"error": "not_found", "several": 3, "one": KEPT}
    assert done.after == done.before


def test_onboarding_creates_one_customer_with_the_generated_number(era: str) -> None:
    done = played(era, "de", "onboard_customer")
    (made,) = new(done.before, done.after)
    assert done.asked == [done.before] * 3
    assert made["customerId"] == done.shown["tried"]["body"]["customerId"] == "CUST-0059"
    assert done.left["POST /customer"] == 1
    assert changed(done) == set()


def test_onboarding_first_shows_duplicates_warnings_and_normalized_values(era: str) -> None:
    shown = (played(era, "de", "onboard_customer")).shown
    assert shown["error"] == "duplicate"
    assert shown["tried"]["warnings"] == ["vatId: check digit looks wrong"]
    assert shown["tried"]["normalized"] == {"vatId": ["DE 123 456 789", "DE123456789"]}
    assert {customer["customerId"] for customer in shown["tried"]["similar"]} >= {KEPT, TWIN}


def test_a_list_is_imported_once_and_corrected(era: str) -> None:
    done = played(era, "de", "review_import")
    number = done.shown["number"]
    left = {str(record["name"]): record for record in new(done.before, done.after)}
    assert {name: record["customerId"] for name, record in left.items()} == {
        "Kanzlei Zeta KG": "K-2",
        "Bootsbau Lund OHG": number,
        "Segelmacher Ost OHG": "L-1",
    }
    assert left["Kanzlei Zeta KG"]["vatId"] == "DE136695976"
    assert done.left["POST /customers/import"] == 1
    assert changed(done) == {KEPT}


def test_an_imported_duplicate_is_merged_into_the_customer_it_duplicates(era: str) -> None:
    done = played(era, "de", "review_import")
    merged = done.shown["merged"]
    assert (merged["outcome"], merged["remove"]["customerId"]) == ("merged", "K-1")
    before = [numbered(done.before, number)["id"] for number in (KEPT, TWIN)]
    assert {frozenset(pair) for pair in done.shown["pairs"]} >= {
        frozenset((merged["remove"]["id"], one)) for one in before
    }
    assert numbered(done.after, KEPT)["faxNo"] == "0221 5020381"


def test_cleaning_up_corrects_one_spelling_one_category_and_one_missing_id(era: str) -> None:
    done = played(era, "de", "clean_up")
    cities, categories = (dict(done.shown[name]["groups"]["rows"]) for name in ("cities", "categories"))
    assert (cities["Koeln"], categories["Werften"], categories["Werft"]) == (1, 1, 1)
    names = ("name", "city", "category", "vatId")
    touched = {
        key: [done.after[key][name] for name in names]
        for key in done.after
        if done.after[key] != done.before[key]
    }
    assert sorted(touched.values(), key=str) == [
        ["Nordwind Segel GmbH", "Hamburg", "Werft", "DE136695976"],
        ["Werft Ost GmbH", "Köln", "Werft", None],
    ]


def test_readiness_is_checked_again_after_the_corrections(era: str) -> None:
    done = played(era, "de", "check_readiness")
    (row,) = done.shown["before"]["rows"]
    assert row[-1] == "no routeId, no way to deliver (no email, no peppolId)"
    assert (done.shown["before"]["matched"], done.shown["after"]["matched"]) == (1, 0)
    held = done.after[row[0]]
    assert (held["email"], held["routeId"]) == ("oez@nordwind.example", "991-03730-19")
    assert len([key for key in done.before if done.after[key] != done.before[key]]) == 1


def test_a_merge_copies_missing_values_and_deletes_only_the_other_record(era: str) -> None:
    done = played(era, "de", "plan_merge")
    stays, other = numbered(done.before, KEPT), numbered(done.before, TWIN)
    now = numbered(done.after, KEPT)
    assert {name for name in now if now[name] != stays[name]} == {
        "taxId", "faxNo", "invoiceProfile", "customerContacts", "updatedAt",
    }  # fmt: skip
    taken = ("taxId", "faxNo", "invoiceProfile")
    assert [now[name] for name in taken] == [other[name] for name in taken]
    assert done.before.keys() - done.after.keys() == {str(other["id"])}
    assert changed(done) == {KEPT, TWIN}


def test_a_merge_shows_first_what_stays_and_what_goes(era: str) -> None:
    shown = played(era, "de", "plan_merge").shown
    first, tried, merged = (shown[name] for name in ("first", "tried", "merged"))
    assert tried["conflicts"]["invoiceProfile"] == [*reversed(first["conflicts"]["invoiceProfile"])]
    assert merged["conflicts"] == tried["conflicts"]
    assert merged["changed"]["faxNo"][1] == tried["filled"]["faxNo"]


def test_a_merge_does_not_touch_firms_of_another_legal_form(era: str) -> None:
    done = played(era, "de", "plan_merge")
    similar = {one["name"] for pair in done.shown["found"]["similar"] for one in pair["customers"]}
    assert similar == {"Müller GmbH", "Müller AG"}
    assert done.shown["refused"]["fields"]["name"] == "other legal form (GmbH, AG)"
    assert "Müller AG" in [record["name"] for record in done.after.values()]


def test_after_an_unknown_outcome_a_read_shows_what_was_done_and_nothing_is_repeated(era: str) -> None:
    done = played(era, "de", "explain_error")
    assert done.shown["code"] == "outcome_unknown"
    assert "`outcome_unknown`" in done.shown["reference"]
    assert (done.shown["newest"], done.shown["city"]) == ("Nordwind Segel GmbH", "Bonn")
    assert done.after == done.before
    assert {call.split()[0] for call in done.left} == {"GET"}
