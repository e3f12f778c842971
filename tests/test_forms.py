"""Any version of the API: the same calls leave the same customers, and lead to the same claims.

A long run: PYTEST_EXAMPLES=3000 .venv/bin/python -m pytest tests/test_forms.py
"""

import json
import os
from dataclasses import replace
from typing import Any, cast

import anyio
import hypothesis
import pytest
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.rules.validation import REQUIRED
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.agents import agent, text_of
from tests.faulty import Record
from tests.sandboxes import Sandbox
from tests.scripted import ACME
from tests.steps import STEPS, Step, claim_of
from tests.worlds import World, world

pytestmark = pytest.mark.anyio
ID = "cust_abc123"
REBATE: Record = {"extras": {"rabatt": "3 %"}}
PEOPLE: Record = {"customerContacts": [{"email": "oez@acme.example.com"}, {"email": "lund@acme.example.com"}]}
Seen = tuple[JsonValue, list[JsonValue]]
Taken = tuple[Step, tuple[Seen, Seen]]
SHRINK = hypothesis.Phase.shrink
"""An example takes a quarter of a second, so to make it smaller takes minutes."""
EXAMPLES = int(os.environ.get("PYTEST_EXAMPLES", "50"))
LISTS = ("customerContacts", "deliveryAddresses")
COUNT: Step = ("query", {"where": [], "group_by": []})
"""A walk shows how large the pages are. Where there are more than two a search may narrow a question."""
PAGE_LIMITS = [
    *((25, "clamp"), (25, "clamp"), (25, "clamp"), (100, "refuse"), (100, "clamp")),
    *((500, "refuse"), (500, "clamp"), (1000, "refuse"), (1000, "clamp")),
]


def forms_of(limit: tuple[int, str], **given: Any) -> Forms:  # noqa: ANN401 (as Forms takes them)
    return Forms(max_per_page=limit[0], over_limit=cast("Any", limit[1]), **given)


ANY_FORMS = st.builds(
    forms_of,
    st.sampled_from(PAGE_LIMITS),
    patch_needs_required=st.booleans(),
    edits_is_company=st.booleans(),
    clears_with=st.sampled_from(["null", "empty"]),
    shows_cleared_as=st.sampled_from(["null", "empty"]),
    envelope=st.sampled_from(["data", "results", "bare"]),
    search_fields=st.sampled_from([DOCUMENTED.search_fields, CURRENT.search_fields, ("name",), ("vatId",)]),
    folds=st.booleans(),
    all_keywords=st.booleans(),
    relations_on_get=st.booleans(),
    omitted_on_get=st.sampled_from([(), (), ("extras",)]),
    omitted_in_list=st.sampled_from([(), (), ("extras",)]),
    error_body=st.sampled_from(["errors", "code"]),
    unknown_id_status=st.sampled_from([404, 400]),
    invalid_status=st.sampled_from([400, 422]),
    soft_delete=st.booleans(),
    number_from_count=st.booleans(),
)


@hypothesis.settings(max_examples=EXAMPLES, deadline=None, phases=set(hypothesis.Phase) - {SHRINK})
@hypothesis.given(ANY_FORMS, st.sampled_from([0, 3, 60]), st.lists(STEPS, min_size=3, max_size=10))
def test_all_forms_end_alike_with_the_same_claims(forms: Forms, customers: int, steps: list[Step]) -> None:
    for step, (other, known) in anyio.run(taken, forms, customers, [COUNT, *steps]):
        assert other == known, step


async def taken(forms: Forms, customers: int, steps: list[Step]) -> list[Taken]:
    """What each step claimed and left behind, in this form and in the documented one."""
    unseen = (*forms.omitted_on_get, *forms.omitted_in_list, *(() if forms.relations_on_get else LISTS))
    async with world(forms, customers, unseen) as other, world(DOCUMENTED, customers, unseen) as known:
        return [(step, await both(forms, other, known, step)) for step in steps]


async def both(forms: Forms, other: World, known: World, step: Step) -> tuple[Seen, Seen]:
    held = other.held()
    claim = await claim_of(other, step)
    if is_impossible(forms, claim):
        return (None, other.held()), (None, held)
    expected = await claim_of(known, step if forms.edits_is_company else with_present_kind(known, step))
    if not is_comparable(forms, step):
        claim = expected = None
    return (claim, other.held()), (expected, known.held())


def with_present_kind(known: World, step: Step) -> Step:
    """The step where the API does not change isCompany, but ignores it, which no dry run can predict."""
    kind, given = step
    if kind != "update" or given["dry_run"]:
        return step
    if "isCompany" in given["changes"] and (record := known.at(given["place"])):
        return kind, given | {"changes": given["changes"] | {"isCompany": record["isCompany"]}}
    return step


def is_impossible(forms: Forms, claim: JsonValue) -> bool:
    """Whether a change was refused because the API does not show what it would lose."""
    hides = bool(forms.omitted_on_get) or not forms.relations_on_get
    return hides and isinstance(claim, dict) and claim.get("error") == "conflict" and "holder" not in claim


def is_comparable(forms: Forms, step: Step) -> bool:
    """Whether the API's own search and list show the same as those of the documented API."""
    kind, given = step
    if kind == "list" and given["keywords"]:
        return forms.folds and forms.search_fields == DOCUMENTED.search_fields
    return not (forms.omitted_in_list and "extras" in str(given))


class TestToday:
    """What an agent sees of an API as its vendor documents it today."""

    async def test_a_change_is_made_with_the_required_fields_and_answered_without_them(self) -> None:
        api = Sandbox(3, CURRENT)
        async with agent("auto", api) as someone:
            answer = await someone.call("update_customer", id=ID, changes={"city": "Kiel"})
            await someone.call("update_customer", id=ID, changes={"phoneNo": "040 1"})
        assert (answer["changed"].keys(), answer["undo"]["changes"].keys()) == ({"city"}, {"city"})
        first, second, third = api.bodies("PATCH")
        assert first == {"city": "Kiel"}
        assert second.keys() == third.keys() ^ {"phoneNo"} == {*REQUIRED}

    @pytest.mark.parametrize("shown", ["null", "empty"])
    async def test_null_clears_a_field_and_undo_fills_it_again(self, shown: Any) -> None:  # noqa: ANN401
        api = Sandbox(3, replace(CURRENT, shows_cleared_as=shown))
        held = await api.add(ACME)
        async with agent("auto", api) as someone:
            cleared = await someone.call("update_customer", id=held["id"], changes={"email": None})
            read = await someone.call("get_customer", id=held["id"])
            undone = await someone.call("update_customer", **cleared["undo"])
            again = await someone.call("update_customer", **undone["undo"])
            dry = await someone.call("update_customer", id=held["id"], changes={"vatId": None}, dry_run=True)
        empty = None if shown == "null" else ""
        assert cleared["changed"] == again["changed"] == {"email": [ACME["email"], empty]}
        assert not {"ignored", "warnings"} & cleared.keys()
        assert not read["customer"].get("email")
        assert undone["changed"] == {"email": [empty, ACME["email"]]}
        assert dry["body"] == {"vatId": "", **{name: ACME[name] for name in REQUIRED}}

    async def test_a_change_of_is_company_is_reported_as_ignored(self) -> None:
        api = Sandbox(3, CURRENT)
        held = await api.add(ACME)
        async with agent("auto", api) as someone:
            answer = await someone.call("update_customer", id=held["id"], changes={"isCompany": False})
        assert ("changed" in answer, answer["ignored"]) == (False, {"isCompany": [False, True]})

    async def test_a_refusal_is_told_in_the_words_of_the_api(self) -> None:
        async with agent("auto", Sandbox(57, CURRENT)) as someone:
            table = await someone.call("list_customers", fields=["id", "name"], per_page=57)
            results = [
                text_of(await someone.result("delete_customer", id=identity, confirm=name))
                for identity, name in table["rows"]
            ]
        refusals = [result for result in results if '"conflict"' in result]
        assert refusals
        assert all("is used by" in refusal for refusal in refusals)

    async def test_a_deletion_claims_no_erasure(self) -> None:
        async with agent("auto", Sandbox(3, CURRENT)) as someone:
            result = await someone.result("delete_customer", id=ID, confirm="CUST-0003")
        assert json.loads(text_of(result))["outcome"] == "deleted"
        assert not [
            word for word in ("erase", "permanent", "forever", "irrevocabl") if word in text_of(result)
        ]

    async def test_an_unknown_customer_is_not_found(self) -> None:
        async with agent("auto", Sandbox(3, replace(CURRENT, unknown_id_status=400))) as someone:
            error = await someone.fails("get_customer", id="nobody")
        assert (error["code"], error["message"]) == ("not_found", "No customer has the id nobody.")


class TestPages:
    @pytest.mark.parametrize("per_page", [20, 100])
    @pytest.mark.parametrize("limit", [25, 40, 100, 1000])
    @pytest.mark.parametrize("envelope", ["data", "results", "bare"])
    async def test_next_page_leads_through_all_customers(
        self,
        envelope: Any,  # noqa: ANN401 (a form)
        limit: int,
        per_page: int,
    ) -> None:
        api = Sandbox(60, Forms(envelope=envelope, max_per_page=limit, over_limit="clamp"))
        ids: list[str] = []
        async with agent("auto", api) as someone:
            page: object = 1
            while page:
                asked = {"page": page, "per_page": per_page, "fields": ["id"]}
                answer = await someone.call("list_customers", **asked)
                ids += [identity for (identity,) in answer["rows"]]
                page = answer.get("nextPage")
        assert len(ids) == len({*ids}) == 60


class TestHiddenFields:
    """A form that shows some fields nowhere, or not everywhere."""

    @pytest.mark.parametrize("listed", [True, False])
    async def test_extras_that_a_record_does_not_show_are_never_lost(self, *, listed: bool) -> None:
        hidden = ("extras",)
        api = Sandbox(3, Forms(omitted_on_get=hidden, omitted_in_list=() if listed else hidden))
        held = await api.add(ACME | REBATE)
        change = {"id": held["id"], "changes": {"extras": {"seit": "2019"}}}
        async with agent("auto", api) as someone:
            answer = json.loads(text_of(await someone.result("update_customer", **change)))
        sent = [body["extras"] for body in api.bodies("PATCH")]
        if listed:
            assert (answer["changed"], sent) == (
                {"extras.seit": [None, "2019"]}, [{"rabatt": "3 %", "seit": "2019"}],
            )  # fmt: skip
        else:
            assert (answer["error"]["code"], sent) == ("conflict", [])

    async def test_extras_that_a_deletion_cannot_restore_are_named(self) -> None:
        hidden = ("extras",)
        api = Sandbox(3, Forms(omitted_on_get=hidden, omitted_in_list=hidden))
        held = await api.add(ACME | REBATE)
        async with agent("auto", api) as someone:
            answer = await someone.call("delete_customer", id=held["id"], confirm="Acme GmbH")
        assert "extras: faktoora does not show it, so restore lacks it" in answer["warnings"]

    async def test_a_question_about_a_field_that_no_list_shows_says_so(self) -> None:
        api = Sandbox(3, Forms(omitted_in_list=("extras",)))
        await api.add(ACME | REBATE)
        async with agent("auto", api) as someone:
            where = {"field": "extras.rabatt", "op": "present"}
            answer = await someone.call("query_customers", where=where)
        assert answer["notLoaded"] == ["extras"]

    async def test_contacts_that_only_the_list_shows_are_changed_one_by_one(self) -> None:
        api = Sandbox(3, replace(CURRENT, relations_on_get=False))
        held = await api.add(ACME | PEOPLE)
        change = {"customerContacts": [{"email": "oez@acme.example.com", "phoneNo": "040 1"}]}
        async with agent("auto", api) as someone:
            answer = await someone.call("update_customer", id=held["id"], changes=change)
        assert answer["entries"]["customerContacts"]["kept"] == 1
        (oez, lund) = cast("list[Record]", api.bodies("PATCH")[-1]["customerContacts"])
        assert (oez["phoneNo"], lund["email"]) == ("040 1", "lund@acme.example.com")
