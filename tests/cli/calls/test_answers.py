"""Answers and errors at a terminal: in both languages and at any width nothing is cut, broken or too wide."""

import json
import re
from collections.abc import Iterator

import pytest
from click import unstyle
from pydantic import JsonValue

from faktoora_mcp.cli.calls.answers import show_answer
from faktoora_mcp.cli.texts.german_answers import PARTS
from faktoora_mcp.server.schemas import COLUMNS
from tests.cli.commands import run, run_at_terminal

MUELLER = "6e80fa48-9b0b-4a16-b72f-2bb83586fca7"
TWIN = "c725bd97-9e28-4761-88fe-a5d73716e7ea"
LIST = "csv=Firma;Straße;PLZ;Ort\nAcme GmbH;Weg 1;10115;Berlin\nBeta;Weg 1;1011;Berlin"
NEW = ("customer.isCompany=true", "customer.name=Müller GmbH", "customer.address=Weg 1")
COLOGNE = ("customer.postcode=50667", "customer.city=Köln")
LONG = "Neue Anschrift ab dem ersten Januar des kommenden Jahres"
CALLS: dict[str, tuple[str, ...]] = {
    "a list": ("list_customers", "per_page=5"),
    "an empty list": ("list_customers", "keywords=nobody"),
    "all fields": ("list_customers", "per_page=2", "fields=*"),
    "a record": ("get_customer", "number=CUST-0004"),
    "nobody": ("get_customer", "id=nobody"),
    "groups": ("query_customers", "group_by=country", "limit=5"),
    "groups by two fields": ("query_customers", "group_by=country", "group_by=city", "limit=0"),
    "reasons": ("query_customers", "check=bad_vat_id"),
    "duplicates": ("find_duplicate_customers",),
    "candidates": ("create_customer", *NEW, *COLOGNE),
    "a difference": ("update_customer", f"id={MUELLER}", "changes.city=Hamburg", f"changes.note={LONG}"),
    "a wrong field": ("update_customer", f"id={MUELLER}", "changes.pstcode=1"),
    "a number": ("generate_customer_number",),
    "a holder": ("verify_customer_number", "number=CUST-0004"),
    "a deletion": ("delete_customer", f"id={MUELLER}", "confirm=CUST-0004"),
    "conflicts": ("merge_customers", f"keep={MUELLER}", f"remove={TWIN}"),
    "a list to import": ("import_customers", LIST),
    "differences": ("update_customers", f"ids={MUELLER}", "ids=nobody", "changes.category=Kunde"),
}
NOT_SHOWN = ("note", "next", "code", "message", "retryable", "fields", "confirm", "columns")
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def shown(name: str, columns: int, language: str) -> list[str]:
    """The lines that a person reads."""
    words = (*CALLS[name], "--sandbox", "--language", language)
    return unstyle(run_at_terminal("call", *words, columns=columns)[1]).splitlines()


def texts(value: JsonValue) -> Iterator[str]:
    """The values of an answer that people read."""
    match value:
        case dict():
            for name, part in value.items():
                if name not in NOT_SHOWN:
                    yield from texts(part)
        case list():
            for part in value:
                yield from texts(part)
        case str():
            yield value
        case _:
            pass


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("name", CALLS)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int, language: str) -> None:
    assert [
        line for line in shown(name, columns, language) if len(line) > columns and len(line.split()) > 2
    ] == []


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("name", CALLS)
def test_every_word_and_id_of_an_answer_is_shown_whole(name: str, columns: int) -> None:
    given = json.loads(run("call", *CALLS[name], "--sandbox", "--json").stdout)
    words = {word.strip('",;') for line in shown(name, columns, "en") for word in line.split()}
    outcome = str(given.get("outcome")).replace("_", " ").split()
    wanted = {word.strip('",;') for text in texts(given) for word in text.split()} - {
        "dry_run",
        "not_confirmed",
    }
    assert sorted({*wanted, *outcome} - words - {"None"}) == []


@pytest.mark.parametrize("name", CALLS)
def test_parts_of_an_answer_have_german_names(name: str) -> None:
    """What ours are: fields of a customer keep the names that calls take."""
    ours = {text for text in PARTS if PARTS[text] != text and text not in COLUMNS}
    heads = {line.split(":")[0].strip() for line in shown(name, 80, "de")}
    assert heads & ours == set()


def test_ids_stand_beside_the_rest_where_there_is_room_and_else_below() -> None:
    wide, narrow = (shown("a list", columns, "en") for columns in (140, 80))
    assert [bool(ID.match(line)) for line in wide[1:3]] == [True, True]
    assert [line for line in narrow if ID.search(line)] == [
        line for line in narrow if re.fullmatch(rf"  id {ID.pattern}", line)
    ]


def test_duplicates_stand_in_numbered_groups_with_their_reasons() -> None:
    lines = shown("duplicates", 60, "de")
    start = lines.index("doppelt")
    assert lines[start : start + 7] == [
        "doppelt",
        "1. gleicher Name, gleiche Postleitzahl 50667; gleiche",
        "   E-Mail-Adresse info@mueller-koeln.example",
        "customerId  name         postcode  city  address",
        "CUST-0004   Müller GmbH  50667     Köln  Hohe Straße 12",
        f"  id {MUELLER}",
        "CUST-0008   Müller GmbH  50667     Köln  Hohe Str. 12",
    ]


def test_a_difference_is_a_table() -> None:
    lines = shown("a difference", 80, "de")
    assert lines[1:5] == [
        "geändert",
        "Feld  vorher  nachher",
        "city  Köln    Hamburg",
        f"note          {LONG}",
    ]
    assert lines[-2:] == [
        f"id: {MUELLER}, customerId: CUST-0004,",
        "name: Müller GmbH, geprüft: ja, Sandbox: ja",
    ]


def test_a_call_that_only_showed_says_how_to_do_it() -> None:
    told = " ".join(shown("differences", 80, "de"))
    assert re.search(r"Es wurde nichts geändert\. .* dry_run=false confirm=1-[0-9a-f]{10}$", told)


def test_entries_of_lists_are_named_by_the_paths_that_calls_take(
    capsys: pytest.CaptureFixture[str],
) -> None:
    contacts: JsonValue = [{"firstName": "Ada"}, {"firstName": "Bo"}]
    show_answer({"customer": {"customerContacts": contacts, "extras": {"costCentre": "4711"}}})
    assert capsys.readouterr().out.splitlines()[2:] == [
        "customerContacts.1.firstName  Ada",
        "customerContacts.2.firstName  Bo",
        "extras.costCentre             4711",
    ]
