"""A write session: cancellable until it is sent, carried to its outcome after; limited by the operator."""

from contextlib import suppress
from pathlib import Path

import anyio
import httpx
import pytest

from faktoora_mcp.errors import FaktooraError, Unreachable, WriteLimit
from faktoora_mcp.writes import create, delete, update
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.update import Revision
from tests.agents import ERAS, agent
from tests.scripted import ACME, Reply, Script, reply
from tests.writes.scripts import (
    AFTER,
    CITY,
    DELETE,
    DONE,
    GET,
    ID,
    PATCH,
    WHOLE,
    WRITES,
    Routes,
    Write,
    audit_lines,
    briefly,
    changes,
    new,
    over,
)

pytestmark = pytest.mark.anyio
GONE = reply({"succeed": True})
OUTCOMES = {
    "create_customer": "created",
    "update_customer": "updated",
    "delete_customer": "deleted",
    "import_customers": "imported",
}


class Slow(Routes):
    """Keeps the requests of some methods until it is released."""

    def __init__(self, *methods: str) -> None:
        super().__init__(DONE)
        self._methods = methods
        self.arrived, self.released = anyio.Event(), anyio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method in self._methods:
            self.arrived.set()
            await self.released.wait()
        return await super().handle_async_request(request)

    @property
    def written(self) -> list[str]:
        return [request.method for request in self.requests if request.method != "GET"]


async def cancelled_while_kept(api: Slow, writer: Writer, write: Write) -> list[object]:
    """What a write answers whose caller gives up while the API keeps a request."""
    answers: list[object] = []
    scope = anyio.CancelScope()

    async def call() -> None:
        with scope, suppress(Unreachable):
            answers.append(await write(writer))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call)
        await api.arrived.wait()
        scope.cancel()
        await anyio.lowlevel.checkpoint()
        api.released.set()
    return answers


class TestCancellation:
    @pytest.mark.parametrize("tool", WRITES)
    async def test_before_the_write_is_sent_it_stops_it(self, tool: str, tmp_path: Path) -> None:
        api = Slow("GET")
        async with over(script=api, audit_log=tmp_path / "log") as writer:
            assert await cancelled_while_kept(api, writer, WRITES[tool]) == []
        assert (api.written, audit_lines(tmp_path / "log")) == ([], [])

    @pytest.mark.parametrize("tool", WRITES)
    async def test_after_the_write_is_sent_it_is_carried_to_its_outcome(
        self, tool: str, tmp_path: Path
    ) -> None:
        api = Slow("POST", "PATCH", "DELETE")
        async with over(script=api, audit_log=tmp_path / "log") as writer:
            assert len(await cancelled_while_kept(api, writer, WRITES[tool])) == 1
        _, line = audit_lines(tmp_path / "log")
        assert (line["tool"], line["outcome"], len(api.written)) == (tool, OUTCOMES[tool], 1)

    async def test_a_write_that_never_left_is_not_sent_again(self) -> None:
        class Refusing(Slow):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                answer = await super().handle_async_request(request)
                if request.method == "PATCH":
                    raise httpx.ConnectError("refused")
                return answer

        api = Refusing("PATCH")
        async with over(script=api) as writer:
            assert await cancelled_while_kept(api, writer, WRITES["update_customer"]) == []
        assert api.written == ["PATCH"]

    async def test_a_write_whose_answer_was_lost_is_looked_for(self, tmp_path: Path) -> None:
        class Losing(Slow):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                answer = await super().handle_async_request(request)
                if request.method == "PATCH":
                    self._routes["GET /customer/cust_abc123"] = [reply(AFTER)]
                    raise httpx.ReadTimeout("late")
                return answer

        api = Losing("PATCH")
        async with over(script=api, audit_log=tmp_path / "log") as writer:
            assert len(await cancelled_while_kept(api, writer, WRITES["update_customer"])) == 1
        assert audit_lines(tmp_path / "log")[1]["outcome"] == "updated"


class TestLimits:
    async def test_no_more_writes_than_the_operator_allows(self) -> None:
        api = Slow()
        async with over(script=api, max_writes=2) as writer:
            await WRITES["create_customer"](writer)
            await WRITES["import_customers"](writer)
            for write in WRITES.values():
                with pytest.raises(WriteLimit) as caught:
                    await write(writer)
                assert caught.value.message == (
                    "The operator allows 2 changes in one run, 2 are made; nothing was sent."
                )
        assert api.written == ["POST", "POST"]

    async def test_no_more_deletions_than_the_operator_allows(self) -> None:
        api = Routes({GET: [reply(WHOLE)], DELETE: [GONE, GONE], PATCH: [reply(AFTER)]})
        async with over(script=api, max_deletes=1) as writer:
            await WRITES["update_customer"](writer)
            await WRITES["delete_customer"](writer)
            with pytest.raises(WriteLimit, match="allows 1 deletions in one run, 1 are made"):
                await WRITES["delete_customer"](writer)

    async def test_deletions_are_changes_too(self) -> None:
        api = Routes({GET: [reply(WHOLE)], DELETE: [GONE], PATCH: [reply(AFTER)]})
        async with over(script=api, max_writes=1, max_deletes=5) as writer:
            await WRITES["delete_customer"](writer)
            with pytest.raises(WriteLimit, match="allows 1 changes in one run"):
                await WRITES["update_customer"](writer)

    @pytest.mark.parametrize("limit", ["max_writes", "max_deletes"])
    async def test_none_may_be_allowed(self, limit: str) -> None:
        script = Script()
        async with over(script=script, **{limit: 0}) as writer:
            with pytest.raises(WriteLimit, match="nothing was sent"):
                await WRITES["delete_customer"](writer)
        assert script.requests == []

    async def test_a_dry_run_is_free(self) -> None:
        async with over(script=Slow(), max_writes=0, max_deletes=0) as writer:
            assert (await create.create_customer(writer, new(), dry_run=True)).customer is None
            assert (await update.update_customer(writer, ID, CITY, dry_run=True)).dry_run
            assert (await delete.delete_customer(writer, ID, None, dry_run=True)).dry_run

    @pytest.mark.parametrize(
        ("answer", "revision"),
        [
            (reply(AFTER), Revision(changes(name="Acme GmbH"))),
            (reply(AFTER), Revision(changes(city="Hamburg"), expect={"city": "Köln"})),
            (reply(AFTER), Revision(changes(postcode="1"))),
            (httpx.ConnectError("refused"), CITY),
        ],
        ids=["nothing to change", "conflict", "refused here", "never left"],
    )
    async def test_what_was_not_sent_does_not_count(self, answer: Reply, revision: Revision) -> None:
        refused = [answer] if isinstance(answer, Exception) else []
        api = Routes({GET: [reply(WHOLE)], PATCH: [*refused, reply(AFTER)]})
        async with briefly(script=api, max_writes=1) as writer:
            with suppress(FaktooraError):
                await update.update_customer(writer, ID, revision)
            await update.update_customer(writer, ID, CITY)

    async def test_what_was_cancelled_before_it_was_sent_does_not_count(self) -> None:
        api = Slow("GET")
        async with over(script=api, max_writes=1) as writer:
            await cancelled_while_kept(api, writer, WRITES["update_customer"])
            await WRITES["update_customer"](writer)

    @pytest.mark.parametrize("answer", [reply({}, 409), reply({}, 500)], ids=["refused", "lost"])
    async def test_what_was_sent_counts_whatever_became_of_it(self, answer: Reply) -> None:
        api = Routes({GET: [reply(WHOLE)], PATCH: [answer]})
        async with briefly(script=api, max_writes=1) as writer:
            with pytest.raises(FaktooraError):
                await WRITES["update_customer"](writer)
            with pytest.raises(WriteLimit):
                await WRITES["update_customer"](writer)

    async def test_calls_at_the_same_time_do_not_overshoot(self) -> None:
        api = Slow("POST")
        outcomes: list[str] = []

        async def call(writer: Writer) -> None:
            try:
                await WRITES["import_customers"](writer)
                outcomes.append("imported")
            except WriteLimit as limit:
                outcomes.append(limit.code)
                if outcomes.count(limit.code) == 4:
                    api.released.set()

        async with over(script=api, max_writes=1) as writer, anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(call, writer)
        assert sorted(outcomes) == ["imported", *["write_limit"] * 4]

    @pytest.mark.parametrize("era", ERAS)
    async def test_an_agent_is_told_and_cannot_raise_them(self, era: str) -> None:
        async with agent(era, max_writes=1) as someone:
            await someone.call("create_customer", customer=ACME)
            error = await someone.fails("create_customer", customer=ACME, allow_duplicate=True)
            odd = await someone.fails("create_customer", customer=ACME, max_writes=5)
        assert (error["code"], error["retryable"]) == ("write_limit", False)
        assert error["message"].startswith("The operator allows 1 changes in one run, 1 are made")
        assert odd["code"] == "invalid_input"
