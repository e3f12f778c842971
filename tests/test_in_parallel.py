"""Random callers at the same time, a bad line, an API with wrong clocks, a process that may be killed.

In every order of events each claim is true, no wanted customer becomes two, and the audit log is complete.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import anyio
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from faktoora_mcp.api.models import CustomerChanges, NewCustomer
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED
from faktoora_mcp.writes.audit import unfinished
from faktoora_mcp.writes.create import create_customer
from faktoora_mcp.writes.delete import delete_customer
from faktoora_mcp.writes.session import Writer
from faktoora_mcp.writes.update import Revision, update_customer
from tests import scripted
from tests.crashing import Killed, Server
from tests.faulty import FAULTS, Applied, FaultyApi, Record
from tests.writes.scripts import audit_lines

EXAMPLES = int(os.environ.get("PYTEST_EXAMPLES", "120"))
"""A long run: PYTEST_EXAMPLES=3000 .venv/bin/python -m pytest tests/test_in_parallel.py"""
FIRMS: list[Record] = [
    {"name": "Acme GmbH", "address": "Kai 7", "postcode": "20457", "email": "post@acme.example.com"},
    {"name": "Nordwind Segel OHG", "address": "Wall 2", "postcode": "20459"},
    {"name": "Zinnober KG", "address": "Markt 9", "postcode": "20539", "email": "post@acme.example.com"},
]
"""Two share an e-mail address; with the same address, too, they could be one customer."""
FIRM: Record = {"isCompany": True, "city": "Hamburg", "country": "DE"}
UNKNOWN, GIVEN_UP = "outcome_unknown", "not_sent"


@dataclass(frozen=True, slots=True)
class Call:
    """A write of a firm or of a customer, by its place: when it starts, and how long its caller waits."""

    kind: str
    place: int
    allow: bool
    assign: bool
    starts_s: float
    patience_s: float
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What was claimed, of which customer, after so many writes that the API carried out."""

    word: str
    applied: int
    customer_id: str = ""
    before: frozenset[str] = frozenset()
    """The calls of this process that had ended when it began."""


class History:
    """What the API carried out: the place of each write in its order, by the tag it carries or by id.

    `carried_out` has every change of a customer by its id.
    """

    def __init__(self, applied: list[Applied]) -> None:
        self.created: dict[str, tuple[int, str]] = {}
        self.updated: dict[str, int] = {}
        self.carried_out: dict[str, list[tuple[int, str]]] = {}
        self.deleted: dict[str, int] = {}
        self.order: list[tuple[str, str]] = []
        for place, (request, answer) in enumerate(applied):
            match request.method:
                case "POST":
                    name, key = "created", tag_of(applied[place].sent)
                    assert key not in self.created
                    self.created[key] = place, str(cast("Record", answer)["id"])
                case "PATCH":
                    name, key = "updated", tag_of(applied[place].sent)
                    self.updated.setdefault(key, place)
                    customer = request.url.path.rpartition("/")[2]
                    self.carried_out.setdefault(customer, []).append((place, key))
                case _:
                    name, key = "deleted", request.url.path.rpartition("/")[2]
                    self.deleted[key] = place
            self.order.append((name, key))


def tag_of(sent: Record) -> str:
    extras = cast("Record", sent.get("extras") or {})
    return str(sent.get("note") or extras.get("call"))


calls = st.builds(
    Call,
    kind=st.sampled_from(["create", "create", "update", "delete"]),
    place=st.integers(0, 2),
    allow=st.sampled_from([False, False, False, True]),
    assign=st.sampled_from([False, False, True]),
    starts_s=st.sampled_from([0, 0, 0.5, 3, 12]),
    patience_s=st.sampled_from([60, 60, 60, 60, 2, 9]),
)
delayed = ["late by 3 s", "late by 30 s"]
at_once = sorted({*FAULTS} - {*delayed, "late by 2 reads", "late by 7 reads"})
of_writes = st.sampled_from(at_once) | st.sampled_from(delayed)
of_reads = st.sampled_from(sorted({*at_once} - {"200 with another", "404"}))
writes = st.sampled_from(["POST *", "POST *", "PATCH *", "DELETE *"])
lines = st.tuples(
    st.lists(st.tuples(of_writes, writes, st.integers(1, 2)), min_size=1, max_size=3),
    st.lists(st.tuples(of_reads, st.just("GET *"), st.integers(1, 12)), max_size=1),
).map(lambda both: both[0] + both[1])
paces = st.lists(st.sampled_from([0.01, 0.3, 1, 4]), min_size=1, max_size=4)
kills = st.sampled_from([False, False, False, True]).flatmap(
    lambda kill: st.tuples(st.integers(1, 9), st.booleans()) if kill else st.none()
)


class InParallel(RuleBasedStateMachine):
    """`asked` holds every call by its tag; `ended` how it ended, where the process was not killed before.

    `of_others` are the calls of processes that were killed: what these have noted is forgotten with them.
    """

    forms = DOCUMENTED

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self.log = Path(self._folder.name) / "audit.jsonl"
        self.log.touch()
        self.api = FaultyApi(0, self.forms)
        self.servers: list[Server] = []
        self.asked: dict[str, Call] = {}
        self.ended: dict[str, Ended] = {}
        self.of_others: set[str] = set()

    @initialize(connections=st.sampled_from([1, 2, 8]))
    def start(self, connections: int = 8) -> None:
        given = {"audit_log": self.log, "timeout_s": 20, "max_connections": connections}
        self.servers.append(Server(self.api, scripted.settings(**given)))

    @rule(
        wanted=st.lists(calls, min_size=2, max_size=3),
        line=lines,
        pace=paces,
        kill=kills,
        hours=st.integers(-1, 1),
    )
    def call(
        self,
        wanted: list[Call],
        line: list[tuple[str, str, int]],
        pace: list[float],
        kill: tuple[int, bool] | None,
        hours: int,
    ) -> None:
        for fault, where, nth in line:
            self.api.meet(FAULTS[fault], where, nth=nth)
        self.api.clock.hours = hours
        server = self.servers[-1]
        server.line.begin(pace, kill)
        try:
            server.run(self.at_once(server.writer, wanted))
        except Killed:
            self.of_others = {*self.asked}
            self.start()
            self.servers[-1].run(self.api.settled())
        self.api.heal()
        self.check()

    @rule(seconds=st.sampled_from([1, 10, 30, 120]))
    def wait(self, seconds: float) -> None:
        self.servers[-1].run(anyio.sleep(seconds))

    def teardown(self) -> None:
        try:
            if self.servers:
                self.servers[-1].run(self.api.settled())
                self.check()
        finally:
            for server in self.servers:
                server.close()
            self._folder.cleanup()

    async def at_once(self, writer: Writer, wanted: list[Call]) -> None:
        base = await self.api.base()
        ids = sorted(base, key=lambda identity: str(base[identity]["createdAt"]))
        async with anyio.create_task_group() as tasks:
            for call in wanted:
                tag = f"call {len(self.asked)}"
                known = (
                    replace(call, customer_id=ids[call.place % len(ids)])
                    if ids
                    else replace(call, kind="create")
                )
                self.asked[tag] = known
                tasks.start_soon(self.carry_out, writer, tag, base.get(known.customer_id, {}))

    async def carry_out(self, writer: Writer, tag: str, held: Record) -> None:
        call, word, identity = self.asked[tag], GIVEN_UP, ""
        await anyio.sleep(call.starts_s)
        before = frozenset(self.ended.keys() - self.of_others)
        try:
            with anyio.move_on_after(call.patience_s):
                word, identity = await claimed(writer, tag, call, held)
        except FaktooraError as error:
            word = error.code
        self.ended[tag] = Ended(word, len(self.api.applied), identity, before)

    def check(self) -> None:
        """All claims so far, against what the API carried out so far and what the log says."""
        history = History(self.api.applied)
        self.check_records(history)
        for tag, ended in self.ended.items():
            match self.asked[tag].kind:
                case "create":
                    self.check_creation(tag, ended, history)
                case "update":
                    self.check_update(tag, ended, history)
                case _:
                    self.check_deletion(tag, ended, history)
        self.check_log(history)

    def check_records(self, history: History) -> None:
        """Who does not allow duplicates never makes one."""
        firms: dict[str, int] = {}
        for name, key in history.order:
            if name == "created":
                call = self.asked[key]
                assert call.allow or call.place not in firms.values(), key
                firms[history.created[key][1]] = call.place
            elif name == "deleted":
                firms.pop(key, None)

    def check_creation(self, tag: str, ended: Ended, history: History) -> None:
        place, identity = history.created.get(tag, (ended.applied, ""))
        if ended.word == "created":
            assert (identity, place < ended.applied) == (ended.customer_id, True), tag
        elif ended.word != UNKNOWN:
            assert not identity, (tag, ended.word)
        if ended.word == "duplicate":
            firm = self.asked[tag].place
            made = (place for key, (place, _) in history.created.items() if self.asked[key].place == firm)
            assert any(place < ended.applied for place in made), tag

    def check_update(self, tag: str, ended: Ended, history: History) -> None:
        identity, place = self.asked[tag].customer_id, history.updated.get(tag, ended.applied)
        if ended.word == "updated":
            assert place < ended.applied, tag
            later = {key for at, key in history.carried_out[identity] if at >= ended.applied}
            assert not later & ended.before, tag
        elif ended.word != UNKNOWN and tag in history.updated:
            gone = history.deleted.get(identity, ended.applied) < ended.applied
            assert (ended.word, gone) == ("not_found", True), tag

    def check_deletion(self, tag: str, ended: Ended, history: History) -> None:
        identity = self.asked[tag].customer_id
        if ended.word == "deleted":
            assert history.deleted.get(identity, ended.applied) < ended.applied, tag
        elif identity in history.deleted:
            words = (
                self.word_of(other) for other, call in self.asked.items() if call.customer_id == identity
            )
            assert {"deleted", UNKNOWN, "killed"}.intersection(words), (tag, ended.word)

    def word_of(self, tag: str) -> str:
        return self.ended[tag].word if tag in self.ended else "killed"

    def check_log(self, history: History) -> None:
        """Each write has an intent, and where its process lived an outcome, which is what was claimed."""
        intents: dict[str, str] = {}
        outcomes: dict[str, str] = {}
        for line in audit_lines(self.log):
            if line["event"] == "intent":
                intents[str(line["write"])] = tag_of(cast("Record", line["attempted"]))
            else:
                outcomes[str(line["write"])] = str(line["outcome"])
        assert {*history.created, *history.updated} <= {*intents.values()}
        for write, tag in intents.items():
            if tag in self.ended:
                assert outcomes[write] == self.ended[tag].word.replace("ignored", "updated")
        killed = {call.customer_id for tag, call in self.asked.items() if tag not in self.ended}
        for line in unfinished(self.log).intents:
            tag = tag_of(cast("Record", line["attempted"]))
            assert tag not in self.ended
            assert tag in self.asked or line["id"] in killed


async def claimed(writer: Writer, tag: str, call: Call, held: Record) -> tuple[str, str]:
    """What the server claims, and of which customer."""
    if call.kind == "create":
        wanted = NewCustomer.model_validate(FIRM | FIRMS[call.place] | {"extras": {"call": tag}})
        created = await create_customer(writer, wanted, assign_number=call.assign, allow_duplicate=call.allow)
        assert created.customer
        assert {warning.code for warning in created.warnings} <= {"twins_unread"}, created.warnings
        return "created", created.customer.id
    if call.kind == "delete":
        await delete_customer(writer, call.customer_id, None, agreed=Customer.read(held))
        return "deleted", call.customer_id
    changes = CustomerChanges.model_validate({"note": tag})
    updated = await update_customer(writer, call.customer_id, Revision(changes))
    assert updated.changed or updated.ignored
    return "updated" if updated.changed else "ignored", call.customer_id


InParallel.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=8, deadline=None, phases={*Phase} - {Phase.shrink}
)
"""To make an example smaller takes minutes."""
TestInParallel = InParallel.TestCase


class InParallelToday(InParallel):
    """With the forms of the API that its vendor documents today."""

    forms = CURRENT


InParallelToday.TestCase.settings = InParallel.TestCase.settings
TestInParallelToday = InParallelToday.TestCase
