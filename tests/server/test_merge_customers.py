"""Two entries of one customer made one, as agents of either protocol era do it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
import httpx
import pytest
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitResult

from faktoora_mcp.answers.merge import CHOOSE, SHOW
from faktoora_mcp.api.models import API_OWNED
from faktoora_mcp.rules.validation import REQUIRED
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.agents import ERAS, Agent, Answer, agent, text_of
from tests.faulty import Base, Fault, FaultyApi, Record, said
from tests.scripted import BASE, KEY
from tests.server.test_elicitation import NO, YES, User, agent_with
from tests.writes.pairs import CONFLICTS, KEEP, REMOVE, Pair, check_claims, holds_all, pair_in
from tests.writes.scripts import audit_lines

pytestmark = pytest.mark.anyio
IN_USE = said(409, {"message": "used by 3 invoices"})


class AnyCase(FaultyApi):
    """Takes the ids of customers in upper and lower case."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(path=request.url.path.lower())
        return await super().handle_async_request(request)


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def at_work(
    era: str,
    forms: Forms = DOCUMENTED,
    keep: Record | None = None,
    remove: Record | None = None,
    **given: object,
) -> AsyncGenerator[tuple[FaultyApi, Agent, Pair]]:
    """An agent at a base with a pair whose records differ as given."""
    api = FaultyApi(3, forms)
    records = (KEEP | (keep or {}), REMOVE | (remove or {}))
    pair = await pair_in(api, *map(filled, records))
    async with agent(era, api, **given) as caller:
        yield api, caller, pair


def filled(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}


def changed_after(customer_id: str, **changes: str) -> Fault:
    """Right after the request another program changes this customer."""
    body = {name: REMOVE[name] for name in REQUIRED} | changes
    url, headers = f"{BASE}/customer/{customer_id}", {"X-API-KEY": KEY}

    async def meet(api: FaultyApi, request: httpx.Request) -> httpx.Response:
        answer = await api.carry_out(request)
        await api.carry_out(httpx.Request("PATCH", url, json=body, headers=headers))
        return answer

    return meet


def writes(api: FaultyApi) -> int:
    return sum(times for call, times in api.left.items() if not call.startswith("GET"))


async def merged(api: FaultyApi, caller: Agent, call: Answer) -> tuple[Answer, Base, Base]:
    before = await api.settled()
    answer = await caller.call("merge_customers", **call)
    return answer, before, await api.settled()


class TestDryRun:
    async def test_it_is_the_default_and_says_what_comes_of_every_field(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, pair):
            answer = await caller.call("merge_customers", **pair.request)
            assert writes(api) == 0
        changed = answer["entries"]["customerContacts"].pop("changed")
        assert [*changed.values()] == [{"phoneNo": [None, "040 333333"]}]
        shared = {"name": "Nordwind Segel GmbH", "postcode": "20457", "city": "Hamburg"}
        assert answer == {
            "outcome": "dry_run",
            "keep": {"id": pair.keep, "customerId": "N-1"} | shared,
            "remove": {"id": pair.remove, "customerId": "N-2"} | shared,
            "kept": shared | {"isCompany": True, "address": "Kai 7", "extras.seit": "2019"},
            "filled": {
                "country": "DE",
                "email": "info@nordwind.example.com",
                "vatId": "DE136695976",
                "extras.depot": "7",
            },
            "joined": {"note": "zahlt spät\nHintereingang"},
            "conflicts": CONFLICTS,
            "entries": {
                "customerContacts": {
                    "added": [{"lastName": "Lund", "email": "lund@nordwind.example.com"}],
                    "kept": 0,
                },
                "deliveryAddresses": {"added": REMOVE["deliveryAddresses"], "kept": 0},
            },
            "note": f"{SHOW} {CHOOSE}",
        }

    async def test_a_preference_turns_a_conflict_around(self, era: str) -> None:
        async with at_work(era) as (_, caller, pair):
            request = pair.request | {"prefer": {"phoneNo": "remove", "extras.rabatt": "remove"}}
            answer = await caller.call("merge_customers", **request)
        assert answer["conflicts"] == {path: [*reversed(sides)] for path, sides in CONFLICTS.items()}

    async def test_a_number_that_only_the_other_one_has_does_not_move(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms, keep={"customerId": None}) as (api, caller, pair):
            shown = await caller.call("merge_customers", **pair.request)
            _, _, after = await merged(api, caller, pair.confirmed)
        assert shown["warnings"] == [
            "customerId: N-2 does not move, and the kept customer has no number; give it one"
        ]
        assert after[pair.keep]["customerId"] is None

    async def test_what_the_other_record_holds_against_a_rule_moves_with_a_warning(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms, remove={"glnId": "4000001000004"}) as (api, caller, pair):
            shown = await caller.call("merge_customers", **pair.request)
            _, _, after = await merged(api, caller, pair.confirmed)
        (warning,) = shown["warnings"]
        assert warning.startswith("glnId: taken over as it is, though: ")
        assert after[pair.keep]["glnId"] == "4000001000004"

    async def test_doubts_about_what_moves_are_told(self, era: str) -> None:
        async with at_work(era, remove={"vatId": "DE123456789"}) as (_, caller, pair):
            shown = await caller.call("merge_customers", **pair.request)
        assert "vatId: check digit looks wrong" in shown["warnings"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("remove", "fields"),
        [
            ({"name": "Nordwind Segel AG"}, {"name": "other legal form (GmbH, AG)"}),
            ({"isCompany": False}, {"isCompany": "one is a company, the other a person"}),
            (
                {"vatId": "DE129273398"},
                {"vatId": "other VAT id (DE136695976, DE129273398)"},
            ),
        ],
    )
    async def test_what_looks_like_two_customers_is_merged_only_when_said_so(
        self, era: str, remove: Record, fields: Answer
    ) -> None:
        async with at_work(era, keep={"vatId": "DE136695976"}, remove=remove) as (api, caller, pair):
            for call in (pair.request, pair.confirmed):
                error = await caller.fails("merge_customers", **call)
                assert (error["code"], error["fields"]) == ("conflict", fields)
            assert writes(api) == 0
            answer, _, after = await merged(api, caller, pair.confirmed | {"different_ok": True})
        assert answer["outcome"] == "merged"
        assert pair.remove not in after

    @pytest.mark.parametrize("confirm", [None, "", "yes", "N-1", "Nordwind Segel GmbH", "N-"])
    async def test_only_the_number_or_the_id_of_the_one_to_remove_confirms(
        self, era: str, confirm: str | None
    ) -> None:
        async with at_work(era) as (api, caller, pair):
            call = pair.confirmed | {"confirm": confirm}
            error = await caller.fails("merge_customers", **call)
            assert writes(api) == 0
            answer = await caller.call("merge_customers", **pair.confirmed | {"confirm": pair.remove})
        assert (error["code"], answer["outcome"]) == ("not_confirmed", "merged")
        assert "N-2" not in json.dumps(error)

    @pytest.mark.parametrize(
        ("prefer", "fault"),
        [
            ({"customerId": "remove"}, "never moves: the kept customer keeps its own"),
            ({"note": "remove"}, "needs no preference: notes are joined"),
            ({"phone": "remove"}, "is no field to choose; did you mean phoneNo?"),
            ({"createdAt": "remove"}, "is no field to choose"),
        ],
    )
    async def test_what_cannot_be_preferred_is_named(self, era: str, prefer: Answer, fault: str) -> None:
        async with at_work(era) as (_, caller, pair):
            error = await caller.fails("merge_customers", **pair.request, prefer=prefer)
        assert (error["code"], error["fields"]) == ("invalid_input", {f"prefer.{next(iter(prefer))}": fault})

    async def test_a_customer_cannot_be_merged_with_itself(self, era: str) -> None:
        async with at_work(era) as (api, caller, pair):
            error = await caller.fails("merge_customers", keep=pair.keep, remove=pair.keep, dry_run=False)
            assert not api.left
        assert (error["code"], error["fields"]) == ("invalid_input", {"remove": "is the customer to keep"})

    async def test_two_spellings_of_one_id_are_one_customer(self, era: str) -> None:
        api = AnyCase(3)
        pair = await pair_in(api)
        async with agent(era, api) as caller:
            call = pair.confirmed | {"keep": pair.remove.upper()}
            error = await caller.fails("merge_customers", **call)
            assert writes(api) == 0
        assert (error["code"], error["fields"]) == ("invalid_input", {"remove": "is the customer to keep"})

    async def test_a_customer_who_is_gone_is_named(self, era: str) -> None:
        async with at_work(era) as (_, caller, pair):
            error = await caller.fails("merge_customers", keep=pair.keep, remove="nobody")
            other = await caller.fails("merge_customers", keep="nobody", remove=pair.remove)
        assert {error["code"], other["code"]} == {"not_found"}

    async def test_a_mixture_that_breaks_a_rule_is_refused(self, era: str) -> None:
        vienna: Record = {"country": "AT", "postcode": "1010", "city": "Wien"}
        async with at_work(era, keep={"country": "DE"}, remove=vienna) as (api, caller, pair):
            request = pair.request | {"prefer": {"country": "remove"}}
            error = await caller.fails("merge_customers", **request)
            assert writes(api) == 0
        assert (error["code"], [*error["fields"]]) == ("invalid_input", ["postcode"])

    @pytest.mark.parametrize("limits", [{"max_writes": 1}, {"max_deletes": 0}])
    async def test_limits_refuse_before_anything_is_sent(self, era: str, limits: Answer) -> None:
        async with at_work(era, **limits) as (api, caller, pair):
            error = await caller.fails("merge_customers", **pair.confirmed)
            assert writes(api) == 0
        assert error["code"] == "write_limit"

    async def test_a_merge_counts_as_an_update_and_a_deletion(self, era: str) -> None:
        async with at_work(era, max_writes=2, max_deletes=1) as (_, caller, pair):
            await caller.call("merge_customers", **pair.confirmed)
            error = await caller.fails("update_customer", id=pair.keep, changes={"city": "Kiel"})
        assert error["code"] == "write_limit"


class TestMerge:
    async def test_the_kept_one_holds_everything_and_the_other_is_deleted(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms) as (api, caller, pair):
            answer, before, after = await merged(api, caller, pair.confirmed)
        assert check_claims(answer, pair, before, after) == "merged"
        assert answer["keep"]["customerId"] == "N-1"

    async def test_undo_and_restore_bring_back_both(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, pair):
            answer, before, _ = await merged(api, caller, pair.confirmed)
            await caller.call("update_customer", **answer["undo"])
            number = {"customerId": None} if forms.soft_delete else {}
            restore = {name: value for name, value in answer["restore"].items() if name not in number}
            made = await caller.call("create_customer", customer=restore, allow_duplicate=True)
            after = await api.settled()
        assert own_values(after[pair.keep]) == own_values(before[pair.keep])
        again, was = after[made["customer"]["id"]], before[pair.remove]
        assert own_values(again) == own_values(was) | number

    async def test_the_same_call_again_says_that_the_other_one_is_gone(self, era: str) -> None:
        async with at_work(era) as (_, caller, pair):
            await caller.call("merge_customers", **pair.confirmed)
            error = await caller.fails("merge_customers", **pair.confirmed)
        assert (error["code"], error["next"]) == (
            "not_found",
            "If it was merged before, nothing is left to do: read the kept one.",
        )

    async def test_without_anything_to_take_over_only_the_other_one_is_deleted(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms, remove=dict.fromkeys(REMOVE) | KEEP | {"customerId": "N-2"}) as (
            api,
            caller,
            pair,
        ):
            answer, before, after = await merged(api, caller, pair.confirmed)
            assert writes(api) == 1
        assert (answer["outcome"], after[pair.keep]) == ("merged", before[pair.keep])

    async def test_a_legal_form_is_taken_over(self, era: str, forms: Forms) -> None:
        form = "cb7beb19-e7bc-514c-b38d-39c640b0d00d"
        async with at_work(era, forms, remove={"legalform": form}) as (_, caller, pair):
            answer = await caller.call("merge_customers", **pair.confirmed)
            held = await caller.call("get_customer", id=pair.keep, relation_fields=["legalform"])
        assert (answer["outcome"], "ignored" in answer) == ("merged", False)
        assert held["customer"]["legalform"]["id"] == form

    async def test_the_audit_log_ties_both_writes_together(self, era: str, tmp_path: Path) -> None:
        log = tmp_path / "audit.jsonl"
        async with at_work(era, audit_log=log) as (_, caller, pair):
            await caller.call("merge_customers", **pair.confirmed)
        lines = audit_lines(log)
        assert [(line["tool"], line["event"]) for line in lines] == [
            ("update_customer", "intent"),
            ("update_customer", "outcome"),
            ("delete_customer", "intent"),
            ("delete_customer", "outcome"),
        ]
        assert {str(line["callTool"]) for line in lines} == {"merge_customers"}
        assert len({str(line["call"]) for line in lines}) == 1


def own_values(record: Record) -> Record:
    """The record without what the API adds, and without nulls in its entries."""
    lists = {name: entries for name, entries in record.items() if isinstance(entries, list)}
    bare: Record = {
        name: [filled({**cast("Record", entry), "id": None}) for entry in entries]
        for name, entries in lists.items()
    }
    return {name: value for name, value in (record | bare).items() if name not in API_OWNED}


class TestKept:
    async def test_where_invoices_use_the_other_one_it_is_said_what_holds_and_what_to_do(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms) as (api, caller, pair):
            api.meet(IN_USE, "DELETE *", always=True)
            answer, before, after = await merged(api, caller, pair.confirmed)
        assert check_claims(answer, pair, before, after) == "not_deleted"
        assert holds_all(pair, before, after)
        assert "used by 3 invoices" in answer["reason"]
        assert "it has to stay" in answer["note"]
        assert "restore" not in answer
        assert answer["undo"]

    async def test_what_faktoora_does_not_take_over_keeps_the_other_one(self, era: str) -> None:
        async with at_work(era, CURRENT, keep={"isCompany": False, "lastName": "Nord"}) as (
            api,
            caller,
            pair,
        ):
            call = pair.confirmed | {"prefer": {"isCompany": "remove"}, "different_ok": True}
            answer, _, after = await merged(api, caller, call)
        assert (answer["outcome"], answer["ignored"]) == ("not_deleted", {"isCompany": [True, False]})
        assert "does not hold everything" in answer["note"]
        assert pair.remove in after

    async def test_a_customer_who_changes_meanwhile_is_not_deleted_before_that_is_merged_too(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms) as (api, caller, pair):
            api.meet(changed_after(pair.remove, faxNo="040 9"), "PATCH *", always=True)
            answer, before, after = await merged(api, caller, pair.confirmed)
            assert (answer["outcome"], after[pair.remove]["faxNo"]) == ("not_deleted", "040 9")
            assert "changed meanwhile" in answer["reason"]
            assert holds_all(pair, before, after)
            api.heal()
            again, _, after = await merged(api, caller, pair.confirmed)
        assert (again["outcome"], again["changed"]) == ("merged", {"faxNo": [None, "040 9"]})
        assert after[pair.keep]["faxNo"] == "040 9"


class TestUser:
    async def test_a_host_that_can_ask_needs_no_confirmation(self, era: str, forms: Forms) -> None:
        api, user = FaultyApi(3, forms), User(YES)
        pair = await pair_in(api)
        async with agent_with(era, user, api, language="en") as caller:
            answer, before, after = await merged(api, caller, pair.request | {"dry_run": False})
        assert check_claims(answer, pair, before, after) == "merged"
        (asked,) = user.asked
        assert asked == (
            "Merge “Nordwind Segel GmbH” (number N-2, Hamburg) into “Nordwind Segel GmbH” (number N-1, "
            "Hamburg), then delete the first one for good? Taken over: country, email, vatId, extras.depot, "
            "note, customerContacts, deliveryAddresses. Lost: phoneNo “040 222222”, extras.rabatt “4 %”."
        )

    async def test_in_german_and_with_the_account(self, era: str) -> None:
        api, user = FaultyApi(3), User(NO)
        pair = await pair_in(api, KEEP, KEEP | {"customerId": "N-2"})
        async with agent_with(era, user, api, language="de", account="Kanzlei Nord") as caller:
            error = await caller.fails("merge_customers", **pair.request, dry_run=False)
            assert writes(api) == 0
        assert error["code"] == "not_confirmed"
        (asked,) = user.asked
        assert asked == (
            "“Nordwind Segel GmbH” (Nummer N-2, Hamburg) mit “Nordwind Segel GmbH” (Nummer N-1, Hamburg) "
            "zusammenführen im Konto Kanzlei Nord und den ersten Eintrag danach endgültig löschen?"
        )

    async def test_a_matching_confirmation_does_not_replace_the_users_answer(self, era: str) -> None:
        api, user = FaultyApi(3), User(NO)
        pair = await pair_in(api)
        async with agent_with(era, user, api) as caller:
            error = await caller.fails("merge_customers", **pair.confirmed)
        assert (error["code"], writes(api), len(user.questions)) == ("not_confirmed", 0, 1)

    async def test_what_can_refuse_refuses_before_the_user_is_asked(self, era: str) -> None:
        api, user = FaultyApi(3), User(YES)
        pair = await pair_in(api, KEEP, REMOVE | {"name": "Nordwind Segel AG"})
        async with agent_with(era, user, api) as caller:
            await caller.fails("merge_customers", **pair.request, dry_run=False)
            await caller.fails(
                "merge_customers", **pair.request, dry_run=False, different_ok=True, confirm="X"
            )
            await caller.call("merge_customers", **pair.request, different_ok=True)
        assert user.questions == []

    async def test_a_customer_who_changes_during_the_question_is_not_merged_as_it_was_shown(
        self, era: str
    ) -> None:
        api = FaultyApi(3)
        pair = await pair_in(api)

        class Slow(User):
            async def __call__(
                self, context: ClientRequestContext, params: ElicitRequestParams
            ) -> ElicitResult:
                url, body = f"{BASE}/customer/{pair.remove}", {"phoneNo": "040 444444"}
                await api.carry_out(httpx.Request("PATCH", url, json=body, headers={"X-API-KEY": KEY}))
                return await super().__call__(context, params)

        async with agent_with(era, Slow(YES, NO), api) as caller:
            error = await caller.fails("merge_customers", **pair.request, dry_run=False)
        assert error["code"] == {"legacy": "conflict", "auto": "not_confirmed"}[era]
        assert writes(api) == 0

    async def test_hidden_fields_are_not_asked_about(self, era: str) -> None:
        api, user = FaultyApi(3), User(NO)
        pair = await pair_in(api)
        async with agent_with(era, user, api, hide_fields=("phoneNo", "extras", "name")) as caller:
            await caller.fails("merge_customers", **pair.request, dry_run=False)
        (asked,) = user.asked
        assert not [value for value in ("040", "4 %", "Nordwind", "depot") if value in asked]


class TestInParallel:
    async def test_two_merges_of_a_pair_in_both_directions_leave_one_of_them(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms) as (api, caller, pair):
            back = {"keep": pair.remove, "remove": pair.keep, "dry_run": False, "confirm": "N-1"}
            answers: list[Answer] = []

            async def call(arguments: Answer) -> None:
                answers.append(json.loads(text_of(await caller.result("merge_customers", **arguments))))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call, pair.confirmed)
                tasks.start_soon(call, back)
            after = await api.settled()
        assert len([each for each in pair if each in after]) == 1
        assert sorted("error" in answer for answer in answers) == [False, True]

    async def test_a_change_of_the_other_one_at_the_same_time_is_not_lost(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms) as (api, caller, pair):
            answers: dict[str, Answer] = {}

            async def call(tool: str, arguments: Answer) -> None:
                answers[tool] = json.loads(text_of(await caller.result(tool, **arguments)))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call, "update_customer", {"id": pair.remove, "changes": {"faxNo": "040 9"}})
                tasks.start_soon(call, "merge_customers", pair.confirmed)
            after = await api.settled()
        assert answers["merge_customers"]["outcome"] == "merged"
        assert ("changed" in answers["update_customer"]) == (after[pair.keep]["faxNo"] == "040 9")
