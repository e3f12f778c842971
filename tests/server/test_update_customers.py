"""One change for many customers, as agents of either protocol era make it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client
from mcp.types import ElicitResult

from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.server.app import create_server
from tests.agents import ERAS, Agent, Answer, agent, text_of
from tests.faulty import FaultyApi
from tests.scripted import settings
from tests.server.test_elicitation import NO, YES, User, agent_with
from tests.writes.many.prospects import CHANGES, REQUEST, WHERE, check_claims, confirmed, prospects, words
from tests.writes.scripts import audit_lines

pytestmark = pytest.mark.anyio
COUNT = 8
SHORTEN: Answer = {"where": WHERE, "changes": {"note": "kurz"}}
DECLINED = ElicitResult(action="decline")


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def at_work(
    era: str, forms: Forms = DOCUMENTED, count: int = COUNT, **given: object
) -> AsyncGenerator[tuple[FaultyApi, Agent, list[str]]]:
    api = FaultyApi(3, forms)
    ids = await prospects(api, count)
    async with agent(era, api, **given) as caller:
        yield api, caller, ids


def writes(api: FaultyApi) -> int:
    return sum(times for call, times in api.left.items() if not call.startswith("GET"))


async def categories(api: FaultyApi, ids: list[str]) -> list[object]:
    base = await api.settled()
    return [base[identity]["category"] for identity in ids]


async def with_long_notes() -> FaultyApi:
    """Prospects whose notes do not fit into one answer."""
    api = FaultyApi(3)
    for place in range(COUNT):
        await prospects(api, 1, customerId=f"N-{place}", note=f"{place} {'x' * 2000}")
    return api


class TestDryRun:
    async def test_it_is_the_default_and_sends_nothing(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, _):
            answer = await caller.call("update_customers", **REQUEST)
            assert writes(api) == 0
        confirm = answer.pop("confirm")
        assert confirm.startswith(f"{COUNT}-")
        examples = answer["differences"][0].pop("examples")
        assert [example["name"][:5] for example in examples] == ["Werft"] * 3
        assert answer == {
            "outcome": "dry_run",
            "warnings": ["category: new here: 'Kunde'; existing: 'Neukunde', 'Stammkunde', 'Interessent'"],
            "matched": COUNT,
            "wouldChange": COUNT,
            "asBefore": 0,
            "differences": [{"changed": {"category": ["Interessent", "Kunde"]}, "customers": COUNT}],
            "note": "Show this to the user, then call again with dry_run false and this confirm.",
        }

    async def test_who_is_so_already_is_only_counted(self, era: str) -> None:
        async with at_work(era) as (_, caller, ids):
            await caller.call("update_customer", id=ids[0], changes={"category": "Kunde"})
            answer = await caller.call("update_customers", ids=ids, changes=CHANGES)
        assert (answer["matched"], answer["wouldChange"], answer["asBefore"]) == (COUNT, COUNT - 1, 1)

    async def test_what_would_fail_is_named_with_the_reason(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (_, caller, ids):
            changes = {"postcode": "1011"}
            answer = await caller.call("update_customers", ids=[*ids, "nobody"], changes=changes)
        reasons = {group["reason"]: group["ids"] for group in answer["wouldFail"]}
        assert reasons == {
            "postcode: DE postcodes have 5 digits, got '1011'": ids,
            "No customer has the id nobody.": ["nobody"],
        }
        assert (answer["wouldChange"], "confirm" in answer) == (0, False)

    async def test_a_doubt_is_told_once_with_the_number_of_customers(self, era: str) -> None:
        async with at_work(era) as (_, caller, ids):
            answer = await caller.call("update_customers", ids=ids, changes={"vatId": "DE123456789"})
        doubt, shared = answer["warnings"]
        assert (doubt[:7], doubt[-13:]) == ("vatId: ", f"({COUNT} customers)")
        assert shared == f"vatId: the same for {COUNT} customers, though it identifies one"

    async def test_a_category_that_nobody_has_is_told_where_all_customers_were_seen(self, era: str) -> None:
        everybody, known = [{"field": "country", "op": "present"}], {"category": "Neukunde"}
        async with at_work(era) as (_, caller, ids):
            held = await caller.call("update_customers", where=everybody, changes=known)
            seen = await caller.call("update_customers", where=everybody, changes={"category": "Kundin"})
            named = await caller.call("update_customers", ids=ids, changes={"category": "Kundin"})
        assert [warning[:29] for warning in seen["warnings"]] == ["category: new here: 'Kundin';"]
        assert ["warnings" in answer for answer in (held, named)] == [False, False]

    async def test_ids_are_found_on_pages_where_that_takes_fewer_requests(self, forms: Forms) -> None:
        async with at_work("auto", forms, count=30) as (api, caller, ids):
            await caller.call("update_customers", ids=ids, changes=CHANGES)
            asked = sum(api.left.values())
        assert asked <= 3

    async def test_nothing_to_change_is_said(self, era: str) -> None:
        async with at_work(era) as (_, caller, ids):
            answer = await caller.call(
                "update_customers", ids=ids, changes={"city": "Hamburg"}, dry_run=False
            )
        assert (answer["outcome"], answer["changed"], answer["asBefore"]) == ("done", 0, COUNT)


class TestReplacement:
    async def test_a_text_is_replaced_where_it_is_the_whole_value(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, ids):
            for identity, city in zip(ids, ("Muenchen", "muenchen", "Muenchen Ost"), strict=False):
                await caller.call("update_customer", id=identity, changes={"city": city})
            request = {"replace": {"field": "city", "from": "Muenchen", "to": "München"}}
            answer = await caller.call("update_customers", **await confirmed(caller, **request))
            base = await api.settled()
        assert answer["changed"] == 1
        assert [base[identity]["city"] for identity in ids[:3]] == ["München", "muenchen", "Muenchen Ost"]

    async def test_a_key_of_extras_is_replaced_and_the_others_stay(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, ids):
            await caller.call("update_customer", id=ids[0], changes={"extras": {"seit": "2019"}})
            request = {"replace": {"field": "extras.rabatt", "from": "3 %", "to": "4 %"}, "ids": ids}
            answer = await caller.call("update_customers", **await confirmed(caller, **request))
            base = await api.settled()
        assert answer["changed"] == COUNT
        assert base[ids[0]]["extras"] == {"rabatt": "4 %", "seit": "2019"}

    async def test_named_customers_without_the_text_stay_as_they_are(self, era: str) -> None:
        async with at_work(era) as (_, caller, ids):
            await caller.call("update_customer", id=ids[0], changes={"city": "Muenchen"})
            request = {"replace": {"field": "city", "from": "Muenchen", "to": "München"}, "ids": ids}
            answer = await caller.call("update_customers", **request)
        assert (answer["matched"], answer["wouldChange"], answer["asBefore"]) == (COUNT, 1, COUNT - 1)

    @pytest.mark.parametrize("field", ["customerId", "isCompany", "extras", "customerContacts", "id", "Ort"])
    async def test_of_other_fields_it_is_refused(self, era: str, field: str) -> None:
        async with at_work(era) as (_, caller, _ids):
            request = {"field": field, "from": "a", "to": "b"}
            error = await caller.fails("update_customers", replace=request)
        assert (error["code"], [*error["fields"]]) == ("invalid_input", ["replace.field"])


class TestConfirmation:
    async def test_with_it_every_customer_is_changed(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, ids):
            call = await confirmed(caller, **REQUEST)
            before = await api.settled()
            answer = await caller.call("update_customers", **call)
            after = await api.settled()
        said = words(answer)
        check_claims(said, before, after)
        assert said == dict.fromkeys(ids, "changed")
        assert (answer["outcome"], answer["changed"]) == ("done", COUNT)

    @pytest.mark.parametrize("confirm", [None, "8-0000000000", "yes", ""])
    async def test_without_it_nothing_is_sent_and_the_dry_run_is_answered(
        self, era: str, confirm: str | None
    ) -> None:
        async with at_work(era) as (api, caller, _):
            answer = await caller.call("update_customers", **REQUEST, dry_run=False, confirm=confirm)
            assert writes(api) == 0
        assert (answer["outcome"], answer["wouldChange"]) == ("not_confirmed", COUNT)
        assert answer["confirm"]

    async def test_one_for_another_base_or_another_request_does_not_fit(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, ids):
            call = await confirmed(caller, **REQUEST)
            others = [
                call | {"changes": {"category": "kunde"}},
                {name: call[name] for name in ("confirm", "dry_run")} | {"ids": ids[1:], "changes": CHANGES},
            ]
            for other in others:
                assert (await caller.call("update_customers", **other))["outcome"] == "not_confirmed"
            await caller.call("update_customer", id=ids[0], changes={"category": "Lieferant"})
            done = api.left.copy()
            answer = await caller.call("update_customers", **call)
            assert writes(api) == sum(times for name, times in done.items() if name.startswith("PATCH"))
        assert (answer["outcome"], answer["wouldChange"]) == ("not_confirmed", COUNT - 1)

    async def test_a_change_of_another_field_does_not_matter(self, era: str) -> None:
        async with at_work(era) as (_, caller, ids):
            call = await confirmed(caller, **REQUEST)
            await caller.call("update_customer", id=ids[0], changes={"city": "Kiel"})
            answer = await caller.call("update_customers", **call)
        assert answer["changed"] == COUNT

    async def test_one_of_another_run_does_not_fit(self, era: str) -> None:
        api = FaultyApi(3)
        await prospects(api, COUNT)
        async with agent(era, api) as caller:
            call = await confirmed(caller, **REQUEST)
            async with agent(era, api) as other:
                answer = await other.call("update_customers", **call)
        assert answer["outcome"] == "not_confirmed"


class TestRequests:
    async def test_a_change_takes_one_walk_and_two_requests_for_each(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, _):
            await caller.call("query_customers", limit=0)
            await caller.call("update_customer", id="cust_abc123", changes={"phoneNo": "030 1"})
            call = await confirmed(caller, **REQUEST)
            api.left.clear()
            await caller.call("update_customers", **call)
        assert sum(api.left.values()) == 1 + 2 * COUNT

    async def test_what_agents_read_of_it_is_short(self, forms: Forms) -> None:
        async with at_work("auto", forms, count=60) as (_, caller, _ids):
            shown = text_of(await caller.result("update_customers", **REQUEST))
            made = await caller.call("update_customers", **await confirmed(caller, **REQUEST))
        del made["undo"]
        assert len(shown.encode()) + len(json.dumps(made).encode()) <= 1_200


class TestUndo:
    async def test_its_calls_restore_what_was(self, era: str, forms: Forms) -> None:
        async with at_work(era, forms) as (api, caller, ids):
            for identity, category in zip(ids, ("A", "B", "B"), strict=False):
                await caller.call("update_customer", id=identity, changes={"category": category})
            before = await api.settled()
            request = {
                "ids": ids,
                "changes": {"category": "Kunde", "note": "2026", "extras": {"seit": "2026"}},
            }
            answer = await caller.call("update_customers", **await confirmed(caller, **request))
            for call in answer["undo"]:
                await caller.call("update_customers", **await confirmed(caller, **call))
            after = await api.settled()
        assert sorted(len(call["ids"]) for call in answer["undo"]) == [1, 2, 5]
        for identity in ids:
            assert after[identity] | {"updatedAt": ""} == before[identity] | {"updatedAt": ""}

    async def test_where_it_does_not_fit_nothing_is_changed_without_an_audit_log(self, era: str) -> None:
        api = await with_long_notes()
        async with agent(era, api) as caller:
            error = await caller.fails("update_customers", **await confirmed(caller, **SHORTEN))
        assert (error["code"], writes(api)) == ("audit_unavailable", 0)

    async def test_where_it_does_not_fit_the_audit_log_keeps_it(self, era: str, tmp_path: Path) -> None:
        log = tmp_path / "audit.jsonl"
        async with agent(era, await with_long_notes(), audit_log=log) as caller:
            answer = await caller.call("update_customers", **await confirmed(caller, **SHORTEN))
        assert ("undo" in answer, len(answer["changedIds"])) == (False, COUNT)
        assert answer["note"].endswith(f"--call {answer['call']}` restores them.")
        lines = audit_lines(log)
        named = {(line["call"], line["callTool"], line["tool"]) for line in lines}
        assert named == {(answer["call"], "update_customers", "update_customer")}
        assert len(lines) == 2 * COUNT


class TestLimits:
    async def test_at_most_max_bulk_customers_are_changed_and_the_rest_is_named(self, era: str) -> None:
        async with at_work(era, max_bulk=5) as (api, caller, ids):
            shown = await caller.call("update_customers", **REQUEST)
            answer = await caller.call("update_customers", **await confirmed(caller, **REQUEST))
            assert (await categories(api, ids)).count("Kunde") == 5
            rest = await caller.call("update_customers", **await confirmed(caller, **REQUEST))
        assert (shown["matched"], shown["wouldChange"], shown["leftTotal"]) == (COUNT, 5, COUNT - 5)
        said = words(answer)
        assert [said[identity] for identity in ids] == ["changed"] * 5 + ["left"] * 3
        assert rest["changed"] == COUNT - 5

    async def test_every_change_counts_for_max_writes(self, era: str) -> None:
        async with at_work(era, max_writes=3) as (api, caller, ids):
            answer = await caller.call("update_customers", **await confirmed(caller, **REQUEST))
            assert (await categories(api, ids)).count("Kunde") == 3
            error = await caller.fails("update_customers", **REQUEST, dry_run=False)
        assert (answer["outcome"], answer["changed"], len(answer["left"])) == ("stopped", 3, COUNT - 3)
        assert answer["stopped"].startswith("No more changes are allowed: The operator allows 3 changes")
        assert error["code"] == "write_limit"

    async def test_the_rest_is_named_where_the_time_of_a_call_ends(self, era: str) -> None:
        api = FaultyApi(3)
        ids = await prospects(api, 40)

        class Slow(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                await anyio.sleep(0 if request.url.path.endswith("/customers") else 4)
                return await api.handle_async_request(request)

        async with agent(era, Slow()) as caller:
            call = await confirmed(caller, **REQUEST)
            start = anyio.current_time()
            answer = await caller.call("update_customers", **call)
            took = anyio.current_time() - start
        said = words(answer)
        assert took <= 55
        assert (answer["outcome"], answer["stopped"][:23]) == ("stopped", "The time of one call is")
        assert said.keys() == {*ids}
        assert {*said.values()} == {"changed", "left"}

    async def test_progress_counts_the_customers(self, era: str) -> None:
        told = list[tuple[float, float | None]]()

        async def record(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, total))

        api = FaultyApi(3)
        await prospects(api, COUNT)
        async with Client(create_server(settings(), api), mode=era) as client:
            shown = await client.call_tool("update_customers", REQUEST)
            call = REQUEST | {"dry_run": False, "confirm": json.loads(text_of(shown))["confirm"]}
            await client.call_tool("update_customers", call, progress_callback=record)
        assert told == [(done, COUNT) for done in range(1, COUNT + 1)]


class TestInput:
    @pytest.mark.parametrize(
        ("arguments", "field"),
        [
            ({"changes": CHANGES}, "ids"),
            (REQUEST | {"ids": ["cust_abc123"]}, "ids"),
            ({"ids": ["cust_abc123"]}, "changes"),
            (REQUEST | {"replace": {"field": "city", "from": "a", "to": "b"}}, "changes"),
            ({"ids": ["cust_abc123"], "changes": {"customerId": "1"}}, "changes.customerId"),
            ({"ids": ["cust_abc123"], "changes": {"customerContacts": []}}, "changes.customerContacts"),
            ({"ids": ["cust_abc123"], "changes": {"plz": "10115"}}, "plz"),
        ],
    )
    async def test_an_incomplete_request_is_refused(self, era: str, arguments: Answer, field: str) -> None:
        async with at_work(era) as (api, caller, _):
            error = await caller.fails("update_customers", **arguments)
            assert sum(api.left.values()) == 0
        assert (error["code"], [*error["fields"]]) == ("invalid_input", [field])

    async def test_conditions_on_lists_that_are_not_shown_are_not_acted_upon(self, era: str) -> None:
        class NoLists(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                params = [(k, v) for k, v in request.url.params.multi_items() if k != "relationFields[]"]
                url = request.url.copy_with(params=params)
                plain = httpx.Request(request.method, url, headers=request.headers)
                return await api.handle_async_request(plain)

        api = FaultyApi(3)
        await prospects(api, COUNT)
        async with agent(era, NoLists()) as caller:
            where = [{"field": "customerContacts", "op": "missing"}]
            answer = await caller.call("update_customers", where=where, changes=CHANGES)
        assert ("confirm" in answer, "customerContacts" in answer["incomplete"]) == (False, True)


class TestRecordsThatLackFields:
    """What a page, or the answer about one customer, does not show is not taken for empty."""

    async def test_what_a_page_lacks_is_read_one_by_one(self, era: str) -> None:
        forms = replace(DOCUMENTED, omitted_in_list=("note", "extras"))
        async with at_work(era, forms) as (_, caller, ids):
            await caller.call("update_customer", id=ids[0], changes={"note": "alt"})
            request = {"where": WHERE, "changes": {"note": "neu", "extras": {"seit": "2026"}}}
            answer = await caller.call("update_customers", **await confirmed(caller, **request))
            last = (await caller.call("get_customer", id=ids[-1]))["customer"]
        assert answer["changed"] == COUNT
        restored = {identity: call["changes"]["note"] for call in answer["undo"] for identity in call["ids"]}
        assert restored == dict.fromkeys(ids) | {ids[0]: "alt"}
        assert (last["note"], last["extras"]) == ("neu", {"rabatt": "3 %", "seit": "2026"})

    async def test_what_no_page_shows_cannot_be_replaced_without_ids(self, era: str) -> None:
        forms = replace(DOCUMENTED, omitted_in_list=("note",))
        async with at_work(era, forms) as (_, caller, ids):
            await caller.call("update_customer", id=ids[0], changes={"note": "alt"})
            request = {"replace": {"field": "note", "from": "alt", "to": "neu"}}
            blind = await caller.call("update_customers", **request)
            seeing = await caller.call("update_customers", **await confirmed(caller, **request, ids=ids[:4]))
        assert ("confirm" in blind, "do not show note" in blind["incomplete"]) == (False, True)
        assert seeing["changed"] == 1

    async def test_extras_that_a_single_record_lacks_keep_their_other_keys(self, era: str) -> None:
        forms = replace(CURRENT, omitted_on_get=("extras",))
        async with at_work(era, forms) as (api, caller, ids):
            request = {"where": WHERE, "changes": {"extras": {"seit": "2026"}}}
            answer = await caller.call("update_customers", **await confirmed(caller, **request))
            base = await api.settled()
        assert answer["changed"] == COUNT
        assert [base[identity]["extras"] for identity in ids] == [{"rabatt": "3 %", "seit": "2026"}] * COUNT


class TestHidden:
    @pytest.mark.parametrize(
        "arguments",
        [REQUEST, {"replace": {"field": "category", "from": "Interessent", "to": "Kunde"}}],
        ids=["where", "replace"],
    )
    async def test_a_hidden_field_does_not_choose_customers(self, era: str, arguments: Answer) -> None:
        async with at_work(era, hide_fields="category") as (_, caller, _ids):
            error = await caller.fails("update_customers", **arguments)
        assert error["code"] == "invalid_input"

    async def test_old_values_of_a_hidden_field_are_not_shown(self, era: str) -> None:
        async with at_work(era, hide_fields="category,name") as (_, caller, ids):
            call = await confirmed(caller, ids=ids, changes=CHANGES)
            shown = text_of(await caller.result("update_customers", ids=ids, changes=CHANGES))
            answer = await caller.call("update_customers", **call)
        assert not [secret for secret in ("Interessent", "Werft") if secret in shown + json.dumps(answer)]
        assert (answer["changed"], answer["changedIds"]) == (COUNT, ids)
        assert answer["warnings"]


class TestAtTheSameTime:
    async def test_two_changes_of_the_same_customers_end_in_an_order_that_the_answers_tell(
        self, era: str, forms: Forms
    ) -> None:
        async with at_work(era, forms) as (api, caller, ids):
            calls = [
                await confirmed(caller, where=WHERE, changes={"category": category}) for category in "AB"
            ]
            answers = dict[str, Answer]()

            async def change(category: str, call: Answer) -> None:
                answers[category] = await caller.call("update_customers", **call)

            async with anyio.create_task_group() as tasks:
                for category, call in zip("AB", calls, strict=True):
                    tasks.start_soon(change, category, call)
            held = dict(zip(ids, await categories(api, ids), strict=True))
        said = {category: words(answer) for category, answer in answers.items() if answer.get("changed")}
        for identity in ids:
            winners = [category for category in said if said[category].get(identity) == "changed"]
            assert winners == [held[identity]]


class TestElicitation:
    async def test_the_user_is_asked_with_number_and_sample_and_no_confirm_is_needed(self, era: str) -> None:
        api, user = FaultyApi(3), User(YES)
        ids = await prospects(api, 2)
        async with agent_with(era, user, api, account="Kanzlei Nord") as caller:
            answer = await caller.call("update_customers", **REQUEST, dry_run=False)
        (asked,) = user.asked
        names = {f"W-00{place} Werft 00{place} GmbH" for place in range(2)}
        assert asked.startswith(
            "Change 2 customers of the account Kanzlei Nord? category: Interessent → Kunde (2, for example "
        )
        assert all(name in asked for name in names)
        assert words(answer) == dict.fromkeys(ids, "changed")

    async def test_in_german_too(self, era: str) -> None:
        api, user = FaultyApi(3), User(YES)
        await prospects(api, 1)
        async with agent_with(era, user, api, language="de") as caller:
            await caller.call("update_customers", where=WHERE, changes={"note": "neu"}, dry_run=False)
        assert user.asked == ["1 Kunden ändern? note: leer → neu (1, zum Beispiel W-000 Werft 000 GmbH)"]

    @pytest.mark.parametrize("no", [NO, DECLINED], ids=["no", "declined"])
    @pytest.mark.parametrize("with_confirm", [False, True])
    async def test_without_a_yes_nothing_is_changed(
        self,
        era: str,
        no: ElicitResult,
        with_confirm: bool,  # noqa: FBT001 (a parameter)
    ) -> None:
        api, user = FaultyApi(3), User(no)
        await prospects(api, 2)
        async with agent_with(era, user, api) as caller:
            call = await confirmed(caller, **REQUEST)
            given = call if with_confirm else REQUEST | {"dry_run": False}
            error = await caller.fails("update_customers", **given)
        assert (error["code"], len(user.asked), writes(api)) == ("not_confirmed", 1, 0)

    async def test_a_dry_run_and_a_wrong_confirm_ask_nothing(self, era: str) -> None:
        api, user = FaultyApi(3), User(YES)
        await prospects(api, 2)
        async with agent_with(era, user, api) as caller:
            await caller.call("update_customers", **REQUEST)
            answer = await caller.call("update_customers", **REQUEST, dry_run=False, confirm="2-0000000000")
        assert (answer["outcome"], user.asked, writes(api)) == ("not_confirmed", [], 0)

    async def test_what_could_not_be_taken_back_is_not_asked_about(self, era: str) -> None:
        user = User(YES)
        async with agent_with(era, user, await with_long_notes()) as caller:
            error = await caller.fails("update_customers", **SHORTEN, dry_run=False)
        assert (error["code"], user.asked) == ("audit_unavailable", [])

    async def test_hidden_values_are_not_asked_about(self, era: str) -> None:
        api, user = FaultyApi(3), User(NO)
        ids = await prospects(api, 2)
        async with agent_with(era, user, api, hide_fields="category,name,customerId") as caller:
            await caller.fails("update_customers", ids=ids, changes=CHANGES, dry_run=False)
        assert not [secret for secret in ("Interessent", "Werft", "W-0") if secret in user.asked[0]]
