"""Random changes on a bad line, one after another: what the server claims is what the API holds."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from anyio.from_thread import start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from pydantic import JsonValue

from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED
from tests.agents import agent, text_of
from tests.clock import VIRTUAL_TIME
from tests.faulty import FAULTS, Base, FaultyApi, Record
from tests.writes.many.prospects import words

FAILURES = {"outcome_unknown", "not_created", "internal", "timeout", "upstream_unreadable"}
PLAIN = ("city", "name", "note", "email")
WAYS = {"plain": {}, "dry": {"dry_run": True}, "numbered": {"assign_number": True}}
API_OWNED = ("id", "faktooraId", "createdAt", "updatedAt")
KEYS = {"customerContacts": "email", "deliveryAddresses": "name"}
EMPTY: tuple[JsonValue, ...] = (None, "", [], {})
FIRMS: list[Record] = [
    {
        "isCompany": True,
        "name": name,
        "address": f"Kai {postcode}",
        "postcode": postcode,
        "city": "Hamburg",
        "country": "DE",
        "extras": {},
    }
    for name, postcode in (("Acme GmbH", "20457"), ("Nordwind Segel OHG", "20459"), ("Zinnober KG", "20539"))
]
Answer = dict[str, Any]
Way = str
Line = tuple[str, str, int, bool] | None
"""A fault, the kind of request that meets it, which of them, and whether it stays."""

faults = sorted(FAULTS)
of_reads = [name for name in faults if name != "200 with another" and "late" not in name]
lines = st.none() | st.one_of(
    st.tuples(st.sampled_from(faults), st.just("write"), st.just(1), st.booleans()),
    st.tuples(st.sampled_from(of_reads), st.just("read"), st.integers(1, 4), st.booleans()),
)
emails = st.sampled_from(["oez@acme.example.com", "lund@acme.example.com"])
stores = st.sampled_from(["Lager", "Werk"])
texts = st.sampled_from(["eins", "zwei"])
contacts = st.fixed_dictionaries({"email": emails}, optional={"position": texts, "note": st.none() | texts})
addresses = st.fixed_dictionaries({"name": stores}, optional={"city": texts, "note": st.none() | texts})
lists = {
    "customerContacts": st.lists(contacts, max_size=2, unique_by=lambda entry: entry["email"]),
    "deliveryAddresses": st.lists(addresses, max_size=2, unique_by=lambda entry: entry["name"]),
}
extras = st.dictionaries(st.sampled_from(["rabatt", "seit"]), st.none() | texts)
changes = st.fixed_dictionaries(
    {},
    optional={
        "city": texts,
        "name": texts,
        "note": st.none() | texts,
        "email": st.none() | emails,
        "extras": extras,
        **lists,
    },
)
removals = st.fixed_dictionaries({}, optional={"customerContacts": st.lists(emails, max_size=1)})
revisions = st.tuples(changes, removals).filter(lambda change: any((change[0], *change[1].values())))
shared = st.fixed_dictionaries(
    {},
    optional={
        "city": texts,
        "note": st.none() | texts,
        "email": st.none() | emails,
        "extras": st.dictionaries(st.sampled_from(["rabatt", "seit"]), st.none() | texts, min_size=1),
    },
).filter(bool)
places, mostly = st.integers(0, 9), st.sampled_from([True, True, True, False])
ways = st.sampled_from(["plain", "plain", "dry", "numbered"])


class InStep(RuleBasedStateMachine):
    """`base` is what the API held after the last step, `undo` and `restore` what the server last offered."""

    forms = DOCUMENTED
    base: Base
    answer: Answer
    undo: tuple[Record, Record, Answer] | None = None
    restore: tuple[Record, Answer] | None = None

    def __init__(self) -> None:
        super().__init__()
        self._loop = start_blocking_portal(*VIRTUAL_TIME)
        self.portal = self._loop.__enter__()
        self.api = FaultyApi(2, self.forms)
        self._work = self.portal.wrap_async_context_manager(agent("auto", self.api))
        self.agent = self._work.__enter__()

    def teardown(self) -> None:
        self._work.__exit__(None, None, None)
        self._loop.__exit__(None, None, None)

    @initialize(
        firm=st.sampled_from(FIRMS), given=st.fixed_dictionaries({}, optional=lists), hours=st.integers(-1, 1)
    )
    def begin(self, firm: Record, given: Record, hours: int) -> None:
        """One customer, created by a clock that is wrong in the other direction than that of later ones."""
        self.api.clock.hours = hours
        self.portal.call(self.api.add, firm | given | {"customerId": "N-0815"})
        self.api.clock.hours = -hours
        self.base = self.portal.call(self.api.settled)

    @rule(firm=st.sampled_from(FIRMS), given=changes, allow=st.booleans(), way=ways, line=lines)
    def create(self, firm: Record, given: Record, *, allow: bool, way: Way, line: Line) -> None:
        wanted, known = firm | filled(given), any(similar(firm, held) for held in self.base.values())
        asked = {"customer": wanted, "allow_duplicate": allow} | WAYS[way]
        word = self.step(
            "create_customer", asked, "POST /customer", line, lambda after: self.adds(wanted, after)
        )
        assert allow or not known or "name" in given or word not in {"created", "outcome_unknown"}

    @precondition(lambda self: self.base)
    @rule(place=places, change=revisions, right=mostly, way=ways, line=lines)
    def update(self, place: int, change: tuple[Record, Record], *, right: bool, way: Way, line: Line) -> None:
        held, (given, removed) = self.chosen(place), change
        identity, wanted = str(held["id"]), revised(held, given, removed)
        expect = {"updatedAt": held["updatedAt"]} if right else {"city": "Nirgends"}
        asked = {"id": identity, "changes": given, "remove_entries": removed, "expect": expect}
        word = self.change(identity, asked | {"dry_run": way == "dry"}, line, wanted)
        assert right or word not in {"changed", "unchanged", "outcome_unknown"}
        if word == "changed" and way != "dry":
            self.undo = held, self.base[identity], self.answer

    @precondition(lambda self: self.undo is not None)
    @rule(line=lines)
    def take_back(self, line: Line) -> None:
        """Only while nobody changed it since."""
        before, after, answer = cast("tuple[Record, Record, Answer]", self.undo)
        identity, self.undo = str(before["id"]), None
        undo = answer.get("undo")
        if self.base.get(identity) == after and undo:
            self.change(identity, undo, line, plain(before))

    @precondition(lambda self: self.base)
    @rule(place=places, confirmed=mostly, way=ways, line=lines)
    def delete(self, place: int, *, confirmed: bool, way: Way, line: Line) -> None:
        held = self.chosen(place)
        identity = str(held["id"])
        confirm = (held["customerId"] or held["name"]) if confirmed else "jemand anders"
        asked = {"id": identity, "confirm": confirm, "dry_run": way == "dry"}
        left = {other: record for other, record in self.base.items() if other != identity}
        word = self.step("delete_customer", asked, f"DELETE /customer/{identity}", line, left.__eq__)
        assert confirmed or word not in {"deleted", "dry_run", "outcome_unknown"}
        if word == "deleted":
            self.restore = held, self.answer

    @precondition(lambda self: self.restore is not None)
    @rule(line=lines)
    def bring_back(self, line: Line) -> None:
        held, answer = cast("tuple[Record, Answer]", self.restore)
        self.restore = None
        asked = {"customer": answer["restore"], "allow_duplicate": True}
        self.step(
            "create_customer", asked, "POST /customer", line, lambda after: self.adds(plain(held), after)
        )

    @precondition(lambda self: self.base)
    @rule(given=shared, line=lines, stay=places)
    def change_all(self, given: Record, line: Line, stay: int) -> None:
        """All but one of several; each is as before or exactly as if changed, and as the answer claims."""
        kept = str(self.chosen(stay)["id"]) if len(self.base) > 1 else None
        request = {"ids": [identity for identity in self.base if identity != kept], "changes": given}
        shown = self.portal.call(partial(self.agent.call, "update_customers", **request))
        if line:
            self.api.meet(
                FAULTS[line[0]], "PATCH *" if line[1] == "write" else "GET *", nth=line[2], always=line[3]
            )
        asked = request | {"dry_run": False, "confirm": shown.get("confirm")}
        result = self.portal.call(partial(self.agent.result, "update_customers", **asked))
        self.api.heal()
        answer, after = json.loads(text_of(result)), self.portal.call(self.api.settled)
        said = words(answer) if answer.get("outcome") in {"done", "stopped"} else dict[str, str]()
        for identity, record in self.base.items():
            done = plain(after[identity]) == revised(record, given, {})
            word = said.get(identity, "left")
            assert after[identity] == record or (done and word in {"changed", "unknown"})
            assert done or word != "changed"
        spared = said.keys() - waiting(answer)
        assert line or not {"failed", "unknown", "left"} & {said[identity] for identity in spared}
        assert after.keys() == self.base.keys()
        self.base = after

    def chosen(self, place: int) -> Record:
        records = [*self.base.values()]
        return records[place % len(records)]

    def change(self, identity: str, asked: Answer, line: Line, wanted: Record) -> str:
        def is_done(after: Base) -> bool:
            others = {other: record for other, record in after.items() if other != identity}
            same = others == {other: record for other, record in self.base.items() if other != identity}
            return same and plain(after[identity]) == wanted

        before = self.base[identity]
        word = self.step("update_customer", asked, f"PATCH /customer/{identity}", line, is_done)
        if word == "changed" and "dryRun" not in self.answer:
            pairs = {name: [before.get(name), self.base[identity].get(name)] for name in PLAIN}
            shown = {name: pair for name, pair in self.answer.get("changed", {}).items() if name in PLAIN}
            assert shown == {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        return word

    def step(
        self, tool: str, asked: Answer, request: str, line: Line, is_done: Callable[[Base], bool]
    ) -> str:
        """One call; the base is as before or exactly as if done, and as the answer claims."""
        self.api.left.clear()
        if line:
            self.api.meet(
                FAULTS[line[0]], request if line[1] == "write" else "GET *", nth=line[2], always=line[3]
            )
        result = self.portal.call(partial(self.agent.result, tool, **asked))
        self.api.heal()
        self.answer = json.loads(text_of(result))
        before, after = self.base, self.portal.call(self.api.settled)
        word, untouched, done = word_of(self.answer), before == after, is_done(after)
        assert untouched or done, word
        assert done or word not in {"created", "changed", "deleted"} or asked.get("dry_run"), word
        assert untouched or word in {"created", "changed", "deleted", "outcome_unknown"}, word
        assert line or word not in FAILURES, word
        assert self.api.left["POST /customer"] <= 1
        self.base = after
        return word

    def adds(self, wanted: Record, after: Base) -> bool:
        """Whether one customer came in with what was wanted, and all others are as they were."""
        made = [record for identity, record in after.items() if identity not in self.base]
        kept = {identity: after.get(identity) for identity in self.base}
        held = [{name: plain(record).get(name) for name in plain(wanted)} for record in made]
        return kept == self.base and held == [plain(wanted)]


def word_of(answer: Answer) -> str:
    if "error" in answer:
        return answer["error"]["code"]
    if "outcome" in answer:
        return answer["outcome"]
    lists = [part.keys() - {"kept"} for part in answer.get("entries", {}).values()]
    return "changed" if "changed" in answer or any(lists) else "unchanged"


def waiting(answer: Answer) -> set[str]:
    """The customers whose change an earlier one without an answer would overwrite if it came late."""
    groups = [group for group in answer.get("failed", []) if "may still carry it out" in group["reason"]]
    return {identity for group in groups for identity in group["ids"]}


def filled(record: Record) -> Record:
    return {name: value for name, value in record.items() if value not in EMPTY}


def similar(firm: Record, held: Record) -> bool:
    return all(firm[name] == held[name] for name in ("name", "postcode"))


def plain(record: Record) -> Record:
    """What a bookkeeper sees of a record: without what the API sets, in no order of entries."""
    said = {"deliveryAddresses" if "Delivery" in name else name: value for name, value in record.items()}
    lists = {name: entries(said[name], KEYS[name]) for name in KEYS if name in said}
    more: Record = {"extras": filled(cast("Record", said.get("extras") or {}))}
    own = (said | lists | more).items()
    return filled({name: value for name, value in own if name not in API_OWNED})


def entries(value: JsonValue, key: str) -> JsonValue:
    listed = [filled(entry) for entry in cast("list[Record]", value or [])]
    bare = [{name: text for name, text in entry.items() if name != "id"} for entry in listed]
    return cast("JsonValue", sorted(bare, key=lambda entry: str(entry.get(key))))


def revised(record: Record, given: Record, removed: Record) -> Record:
    """The record as a bookkeeper would see it after the change."""
    held = plain(record)
    changed = {name: value for name, value in given.items() if name not in {*KEYS, "extras"}}
    lists = {
        name: merged(held.get(name), given.get(name), removed.get(name), key) for name, key in KEYS.items()
    }
    extras = [cast("Record", said.get("extras", {})) for said in (held, given)]
    more: Record = {"extras": extras[0] | extras[1]}
    return plain(held | changed | lists | more)


def merged(held: JsonValue, given: JsonValue, removed: JsonValue, key: str) -> JsonValue:
    present = {entry.get(key): entry for entry in cast("list[Record]", held or [])}
    kept = {name: entry for name, entry in present.items() if name not in cast("list[str]", removed or [])}
    for entry in cast("list[Record]", given or []):
        kept[entry[key]] = kept.get(entry[key], {}) | entry
    return cast("JsonValue", [*kept.values()])


InStep.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestInStep = InStep.TestCase


class InStepToday(InStep):
    """With the forms of the API that its vendor documents today."""

    forms = CURRENT


InStepToday.TestCase.settings = InStep.TestCase.settings
TestInStepToday = InStepToday.TestCase
