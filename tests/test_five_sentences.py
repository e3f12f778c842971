"""docs/five-sentences.de.md keeps its word: whatever it says can be asked is asked here as an agent would."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.agents import Answer, agent
from tests.documents import ROOT
from tests.test_docs import HAHN, TWINS

pytestmark = pytest.mark.anyio
ASKED, _, _ = (ROOT / "docs" / "five-sentences.de.md").read_text("utf-8").partition("## Was es antwortet")
SENTENCES = [" ".join(text.split()) for text in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", ASKED)]
ACME: Answer = {
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}
MOVED = {"address": "Jungfernstieg 7", "postcode": "20354", "city": "Hamburg"}
LIST = """\
Firma;Straße;PLZ;Ort;Land
Bootsbau Lund OHG;Kai 7;24103;Kiel;DE
Müller AG;Aachener Straße 200;50667;Köln;DE
"""
NEW: Answer = {"field": "category", "op": "eq", "value": "Neukunde"}
AUSTRIAN: Answer = {"field": "country", "op": "eq", "value": "AT"}
SINCE_2025: Answer = {"field": "createdAt", "op": "from", "value": "2025-01-01"}


@dataclass(frozen=True, slots=True)
class Step:
    """A call, its arguments made from the answer before it, and the member that answers the sentence."""

    tool: str
    arguments: Callable[[Answer], Answer]
    answers: str


def step(tool: str, answers: str, **arguments: object) -> Step:
    return Step(tool, lambda _: arguments, answers)


CREATED = step("create_customer", "customer", customer=ACME, assign_number=True)
UPDATED = step("update_customer", "changed", id=HAHN, changes=MOVED)
CALLS = {
    "Welche Kunden haben wir in Köln?": [step("list_customers", "rows", keywords=["Köln"])],
    "Wie viele Kunden haben wir je Land? Welche österreichischen haben keine USt-IdNr.?": [
        step("query_customers", "groups", group_by=["country"]),
        step("query_customers", "rows", where=[AUSTRIAN, {"field": "vatId", "op": "missing"}]),
    ],
    "Ist jemand doppelt in der Kundenliste?": [step("find_duplicate_customers", "duplicates")],
    "Lege die Acme GmbH, Musterstraße 1, 10115 Berlin, an.": [CREATED],
    "Die Acme GmbH ist nach Hamburg gezogen: Jungfernstieg 7, 20354.": [
        CREATED,
        Step("update_customer", lambda created: {"id": created["customer"]["id"], "changes": MOVED}, "undo"),
    ],
    "Wer ist unser Ansprechpartner in der Buchhaltung von Immobilien Hahn? Was steht in der Notiz?": [
        step("list_customers", "rows", keywords=["Immobilien", "Hahn"], relation_fields=["customerContacts"]),
        step("get_customer", "customer", id=HAHN),
    ],
    "Welche Kunden haben eine falsche USt-IdNr.? Welche Behörden haben keine Leitweg-ID? "
    "Wem fehlt, was eine E-Rechnung braucht?": [
        step("query_customers", "rows", check="bad_vat_id"),
        step("query_customers", "scanned", where=[{"field": "routeId", "op": "missing"}, NEW], limit=5),
        step("query_customers", "rows", check="not_ready_for_xrechnung"),
    ],
    "Wie viele Kunden sind seit 2025 dazugekommen, je Kategorie?": [
        step("query_customers", "groups", where=[SINCE_2025], group_by=["category"]),
    ],
    "Bei allen Kunden der Kategorie „Neukunde“ soll „Stammkunde“ stehen. Zeig mir erst, bei wem.": [
        step("update_customers", "confirm", where=[NEW], changes={"category": "Stammkunde"}),
    ],
    "Die beiden Müller GmbH in Köln sind dieselbe. Mach eine daraus.": [
        step("merge_customers", "kept", **TWINS),
    ],
    "Hier sind zwölf neue Kunden aus Excel: … Welche davon haben wir schon?": [
        step("import_customers", "exists", csv=LIST),
    ],
    "Mach die letzte Änderung rückgängig.": [
        UPDATED,
        Step("update_customer", lambda updated: updated["undo"], "changed"),
    ],
    "Lösche den Kunden `CUST-0006`.": [
        step("get_customer", "customer", number="CUST-0006"),
        Step(
            "delete_customer",
            lambda found: {"id": found["customer"]["id"], "confirm": "CUST-0006"},
            "deleted",
        ),
    ],
}


def test_every_sentence_of_the_page_is_asked_here() -> None:
    assert [*CALLS] == SENTENCES


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_a_sentence_is_answered(sentence: str) -> None:
    answer: Answer = {}
    async with agent("auto") as someone:
        for one in CALLS[sentence]:
            answer = await someone.call(one.tool, **one.arguments(answer))
            assert answer[one.answers]


async def test_nothing_is_deleted_or_merged_without_a_confirmation() -> None:
    async with agent("auto") as someone:
        deleted = await someone.fails("delete_customer", id=HAHN)
        merged = await someone.fails("merge_customers", **TWINS, dry_run=False)
    assert [deleted["code"], merged["code"]] == ["not_confirmed"] * 2
