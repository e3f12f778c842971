"""What the audit log says of a write: what is attempted, before it is sent, and its outcome, after."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import anyio
import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.errors import AuditUnavailable, FaktooraError
from faktoora_mcp.writes import create, delete, imports, update
from faktoora_mcp.writes.audit import unfinished
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.update import Revision
from tests.agents import agent
from tests.scripted import KEY, RECORD, Reply, Script, page, reply
from tests.writes.scripts import (
    ACME,
    AFTER,
    CITY,
    DELETE,
    DONE,
    FREE,
    GENERATE,
    GET,
    ID,
    IMPORT,
    LIST,
    NEWEST,
    PATCH,
    POST,
    TAKEN,
    VERIFY,
    WHOLE,
    WRITES,
    Routes,
    audit_lines,
    briefly,
    changes,
    copy,
    new,
    over,
    record_with,
)

pytestmark = pytest.mark.anyio
SHORT = {"id": ID, "customerId": "CUST-0042", "name": "Acme GmbH", "postcode": "10115", "city": "Berlin"}
ATTEMPTED: dict[str, object] = {
    "create_customer": ACME,
    "update_customer": {"city": "Hamburg"},
    "delete_customer": SHORT,
    "import_customers": {"fileId": "550e8400"},
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


class Occupied(Routes):
    """Takes its time for GET, once a list was asked for."""

    def __init__(self, replies: dict[str, list[Reply]]) -> None:
        super().__init__(replies)
        self.listed = anyio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if self.calls[-1] == GET:
            await anyio.sleep(4)
        self.listed.set()
        return answer


@asynccontextmanager
async def occupied(api: Occupied, writer: Writer) -> AsyncGenerator[None]:
    """While a read takes the connection that a creation needs after its duplicate check."""

    async def read() -> None:
        await api.listed.wait()
        await writer.client.get_customer(ID)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        yield


class TestIntent:
    @pytest.mark.parametrize("tool", WRITES)
    async def test_it_is_on_disk_before_the_write_is_sent(self, tool: str, log: Path) -> None:
        found: list[list[dict[str, JsonValue]]] = []

        def arrived(answer: Reply) -> Callable[[httpx.Request], httpx.Response]:
            def answered(_: httpx.Request) -> httpx.Response:
                found.append(audit_lines(log))
                return cast("httpx.Response", copy(answer))

            return answered

        writes = {route: [arrived(*DONE[route])] for route in (POST, PATCH, DELETE, IMPORT)}
        async with over(script=Routes(DONE | writes), audit_log=log) as writer:
            await WRITES[tool](writer)
        ((intent,),) = found
        assert (intent["event"], intent["attempted"]) == ("intent", ATTEMPTED[tool])

    async def test_it_says_when_whose_which_tool_on_whom_for_which_client_and_what(self, log: Path) -> None:
        async with over(script=Routes(DONE), audit_log=log, account="Kanzlei Nord") as writer:
            await update.update_customer(writer.called_by("Claude 1.2"), ID, CITY)
        intent, outcome = audit_lines(log)
        assert list(intent) == ["time", "event", "write", "account", "client", "tool", "id", "attempted"]
        assert datetime.now(UTC) - datetime.fromisoformat(str(intent["time"])) < timedelta(minutes=1)
        assert intent | {"time": 0, "write": 0} == {
            "time": 0,
            "event": "intent",
            "write": 0,
            "account": "Kanzlei Nord",
            "client": "Claude 1.2",
            "tool": "update_customer",
            "id": ID,
            "attempted": {"city": "Hamburg"},
        }
        assert intent["write"] == outcome["write"]

    async def test_each_write_has_an_id_of_its_own(self, log: Path) -> None:
        api = Routes({GET: [reply(RECORD)], PATCH: [reply(AFTER), reply(AFTER)]})
        async with over(script=api, audit_log=log) as writer:
            for _ in range(2):
                await update.update_customer(writer, ID, CITY)
        first, _, second, _ = (line["write"] for line in audit_lines(log))
        assert first != second

    async def test_an_intent_that_cannot_be_written_stops_the_write(self, log: Path) -> None:
        def lock_out(request: httpx.Request) -> httpx.Response:
            log.unlink()
            log.mkdir()
            return reply(RECORD)

        script = Script(lock_out)
        async with over(script=script, audit_log=log) as writer:
            with pytest.raises(AuditUnavailable, match="Nothing was sent"):
                await update.update_customer(writer, ID, CITY)
        assert script.calls == [GET]

    async def test_a_creation_under_another_number_has_an_intent_of_its_own(self, log: Path) -> None:
        numbers = {GENERATE: [reply({"value": "K-1"}), reply({"value": "K-2"})], VERIFY: [FREE, TAKEN, FREE]}
        held = reply(record_with(customerId="K-2"))
        api = Routes({LIST: [page()], POST: [reply({}, 409), held], **numbers})
        async with over(script=api, audit_log=log) as writer:
            await create.create_customer(writer, new(), assign_number=True)
        *intents, outcome = audit_lines(log)
        sent = [intent["attempted"] for intent in intents]
        assert (sent, outcome["outcome"], unfinished(log).intents) == (
            [{**ACME, "customerId": number} for number in ("K-1", "K-2")],
            "created",
            [],
        )

    async def test_a_write_that_is_cancelled_before_it_was_sent_does_not_stay_unfinished(
        self, log: Path
    ) -> None:
        api = Occupied({LIST: [page()], GET: [reply(RECORD)]})
        async with over(script=api, audit_log=log, max_connections=1) as writer, occupied(api, writer):
            with anyio.move_on_after(2):
                await WRITES["create_customer"](writer)
        assert (api.calls, unfinished(log).intents) == ([NEWEST, GET], [])


class TestOutcome:
    async def test_it_says_what_changed_and_with_how_many_requests(self, log: Path) -> None:
        script = Script(reply(RECORD), httpx.ReadError("reset"), reply(AFTER))
        async with over(script=script, audit_log=log, account="Kanzlei Nord") as writer:
            await update.update_customer(writer.called_by("Claude 1.2"), ID, CITY)
        _, outcome = audit_lines(log)
        assert outcome | {"time": 0, "write": 0} == {
            "time": 0,
            "event": "outcome",
            "write": 0,
            "account": "Kanzlei Nord",
            "client": "Claude 1.2",
            "tool": "update_customer",
            "id": ID,
            "outcome": "updated",
            "changed": {"city": ["Berlin", "Hamburg"]},
            "requests": 3,
        }

    async def test_it_holds_lists_and_extras_before_and_after(self, log: Path) -> None:
        contact: JsonValue = {"id": "1", "lastName": "Muster"}
        before = record_with(customerContacts=[contact], extras={"a": 1})
        after = record_with(customerContacts=[], extras={"a": 2})
        async with over(reply(before), reply(after), audit_log=log) as writer:
            revision = Revision(changes(extras={"a": 2}), {"customerContacts": ("1",)})
            await update.update_customer(writer, ID, revision)
        assert audit_lines(log)[1]["changed"] == {"extras.a": [1, 2], "customerContacts": [[contact], []]}

    async def test_of_a_deleted_customer_it_holds_the_whole_record(self, log: Path) -> None:
        async with over(reply(WHOLE), reply({"succeed": True}), audit_log=log) as writer:
            await delete.delete_customer(writer, ID, "CUST-0042")
        _, outcome = audit_lines(log)
        assert (outcome["id"], outcome["outcome"]) == (ID, "deleted")
        assert outcome["changed"] == {
            name: [value, None] for name, value in WHOLE.items() if value is not None
        }

    async def test_of_a_created_customer_it_holds_the_whole_record(self, log: Path) -> None:
        async with over(script=Routes(DONE), audit_log=log) as writer:
            await create.create_customer(writer, new())
        _, outcome = audit_lines(log)
        assert (outcome["id"], outcome["outcome"]) == (ID, "created")
        assert outcome["changed"] == {
            name: [None, value] for name, value in RECORD.items() if value is not None
        }

    async def test_of_an_import_it_holds_all_new_ids(self, log: Path) -> None:
        api = Routes(DONE | {IMPORT: [reply([RECORD, record_with(id="2")])]})
        async with over(script=api, audit_log=log) as writer:
            await imports.import_customers(writer, "550e8400")
        _, outcome = audit_lines(log)
        assert (outcome["id"], outcome["outcome"]) == ([ID, "2"], "imported")

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            (reply({}, 400), "invalid_input"),
            (reply({}, 403), "forbidden"),
            (reply({}, 409), "conflict"),
            (reply({}, 404), "not_found"),
            (reply({}, 500), "outcome_unknown"),
            (httpx.ReadTimeout("late"), "outcome_unknown"),
            (httpx.ConnectError("refused"), "unreachable"),
        ],
        ids=["400", "403", "409", "404", "500", "timeout", "never left"],
    )
    async def test_a_write_that_failed_has_its_outcome(self, log: Path, answer: Reply, outcome: str) -> None:
        async with briefly(script=Routes(DONE | {PATCH: [answer] * 3}), audit_log=log) as writer:
            with pytest.raises(FaktooraError):
                await update.update_customer(writer, ID, CITY)
        *_, line = audit_lines(log)
        assert (line["id"], line["outcome"], line["changed"]) == (ID, outcome, {})

    @pytest.mark.parametrize("status", [200, 400, 500])
    async def test_the_key_is_never_in_it(self, log: Path, status: int) -> None:
        said = AFTER if status == 200 else {"message": f"the key {KEY}"}
        async with briefly(script=Routes(DONE | {PATCH: [reply(said, status)] * 3}), audit_log=log) as writer:
            with suppress(FaktooraError):
                await update.update_customer(writer, ID, CITY)
        written = json.dumps(audit_lines(log))
        assert "attempted" in written
        assert KEY not in written


class TestNoLine:
    @pytest.mark.parametrize(
        ("script", "revision", "dry_run"),
        [
            (Script(reply(RECORD)), Revision(changes(city="Berlin")), False),
            (Script(reply(RECORD)), CITY, True),
            (Script(reply({}, 404)), CITY, False),
            (Script(reply(RECORD)), Revision(changes(city="Hamburg"), expect={"city": "Köln"}), False),
        ],
        ids=["nothing to change", "dry run", "not found", "conflict"],
    )
    async def test_without_a_write_there_is_none(
        self,
        log: Path,
        script: Script,
        revision: Revision,
        dry_run: bool,  # noqa: FBT001 (of the table)
    ) -> None:
        async with briefly(script=script, audit_log=log) as writer:
            with suppress(FaktooraError):
                await update.update_customer(writer, ID, revision, dry_run=dry_run)
        assert audit_lines(log) == []

    async def test_reading_needs_no_log(self, tmp_path: Path) -> None:
        async with agent("auto", Script(reply(RECORD)), audit_log=tmp_path / "missing" / "log") as someone:
            await someone.call("get_customer", id=ID)
