"""A caller with a key of its own: what it does, and what it was told."""

import asyncio
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from benchmarks.claims import CERTAIN, Claim

from .protocol import ERAS, LOST, Answer, Era, Json, agreed, message, sent
from .stage import Stage

MARK = re.compile(r"mark\d\d")
PAUSE_S = (0.3, 2.0)
TIMEOUT_S, REPEAT_S = 80.0, 0.5
AT_ONCE = 3
SYLLABLES = ["ba", "do", "fi", "gu", "ka", "lo", "mi", "nu", "pe", "ra", "so", "ti", "vu", "wo", "xe", "ze"]
USED = "not_confirmed"
"""The answer to a consent that was used before."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when it was sent and answered, its end, and what may be said of it."""

    began: float
    ended: float
    tool: str
    error: str
    rival: bool = False
    """Whether the caller made the same call more than once."""
    repeated: bool = False


@dataclass
class Caller:
    """Half of all callers speak each revision of MCP. `strange` are foreign marks in answers."""

    number: int
    stage: Stage
    until: float
    calls: list[Call] = field(default_factory=list[Call])
    claims: list[Claim] = field(default_factory=list[Claim])
    strange: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.mark = f"mark{self.number:02}"
        self.key = f"key-of-{self.mark}"
        self.era: Era = ERAS[self.number % 2]
        self._choose = random.Random(self.number)  # noqa: S311 (a repeatable choice)

    async def live(self) -> None:
        """Read and write until it is time."""
        limits = httpx.Limits(max_connections=2 * AT_ONCE)
        async with httpx.AsyncClient(
            headers={"X-API-KEY": self.key}, verify=self.stage.trust, timeout=TIMEOUT_S, limits=limits
        ) as self._http:
            while time.monotonic() < self.until:
                await asyncio.sleep(self._choose.uniform(*PAUSE_S))
                await self._choose.choices(
                    (self.read, self.create, self.change, self.create_at_once, self.remove, self.change_many),
                    (60, 16, 10, 5, 6, 3),
                )[0]()

    async def read(self) -> None:
        known = self._settled()
        reads: list[tuple[str, Json]] = [
            ("list_customers", {"keywords": [self.mark]}),
            ("query_customers", {"group_by": ["country"]}),
            *([("get_customer", {"id": self._choose.choice(known).id})] if known else []),
        ]
        tool, arguments = self._choose.choice(reads)
        answer = await self._call(tool, arguments)
        if answer.is_lost:
            await asyncio.sleep(REPEAT_S)
            await self._call(tool, arguments, repeated=True)

    async def create(self) -> None:
        claim = self._wanted()
        answer = await self._call("create_customer", {"customer": self._customer(claim.tag)})
        claim.created(answer.error, _id(answer))

    async def create_at_once(self) -> None:
        """The same creation several times at the same moment: one customer."""
        claim = self._wanted()
        wish = {"customer": self._customer(claim.tag)}
        answers = await self._together(*[message(self.era, "create_customer", wish)] * AT_ONCE)
        made = {_id(answer) for answer in answers if not answer.error}
        error = min((answer.error for answer in answers), key=CERTAIN.__contains__)
        claim.created("" if made else error, next(iter(made), ""))
        if len(made) > 1:
            self.problems.append(f"{claim.tag}: one creation was told done {len(made)} times")

    async def change(self) -> None:
        if known := self._settled():
            claim = self._choose.choice(known)
            note = f"note {len(self.calls)}"
            arguments = {"id": claim.id, "changes": {"note": note}}
            claim.updated(note, (await self._call("update_customer", arguments)).error)

    async def remove(self) -> None:
        """A deletion; with the consent of a user it is sent twice at once, then once more."""
        if not (known := self._settled()):
            return
        claim = self._choose.choice(known)
        if self.era == ERAS[0]:
            wish = {"id": claim.id, "confirm": self._name(claim.tag)}
            claim.deleted((await self._call("delete_customer", wish)).error)
            return
        asked = await self._call("delete_customer", {"id": claim.id})
        if asked.question:
            call = message(self.era, "delete_customer", {"id": claim.id}, **agreed(asked.question))
            errors = [answer.error for answer in await self._together(call, call)]
            claim.deleted("" if "" in errors else min(errors, key=CERTAIN.__contains__))
            if "" in errors:
                self._judge_consent(claim, [*errors, (await self._together(call))[0].error])

    def _judge_consent(self, claim: Claim, errors: Sequence[str]) -> None:
        """The last call was sent after another had succeeded."""
        if errors.count("") > 1 or errors[-1] not in {USED, "state_unavailable"} | LOST:
            self.problems.append(f"{claim.tag}: one consent was taken again, by calls that ended in {errors}")

    async def change_many(self) -> None:
        """A change for all that meet a condition: shown, then confirmed, by chance at another replica."""
        if not (known := self._settled()):
            return
        claim, note = self._choose.choice(known), f"note {len(self.calls)}"
        wish: Json = {
            "where": [{"field": "category", "op": "eq", "value": claim.tag}],
            "changes": {"note": note},
        }
        shown = await self._call("update_customers", wish)
        if confirm := shown.told.get("confirm"):
            given = wish | {"dry_run": False, "confirm": confirm}
            answer = await self._call("update_customers", given)
            if answer.question:
                call = message(self.era, "update_customers", given, **agreed(answer.question))
                (answer,) = await self._together(call)
            claim.updated(note, _end_of_many(answer))
            if answer.told.get("outcome") == USED:
                self.problems.append(f"{claim.tag}: the confirm of a dry run was not taken")

    async def _call(self, tool: str, arguments: Mapping[str, object], *, repeated: bool = False) -> Answer:
        return await self._sent(message(self.era, tool, arguments), repeated=repeated)

    async def _together(self, *calls: tuple[Json, Json]) -> list[Answer]:
        """Rival calls, each over a connection of its own: the proxy gives them to different replicas."""
        return await asyncio.gather(*(self._sent(call, rival=True) for call in calls))

    async def _sent(self, call: tuple[Json, Json], *, rival: bool = False, repeated: bool = False) -> Answer:
        began = time.monotonic()
        answer = await sent(self._http, self.stage.url, call)
        tool = str(call[1]["params"]["name"])
        self.calls.append(Call(began, time.monotonic(), tool, answer.error, rival, repeated))
        self.strange += {*MARK.findall(answer.text)} - {self.mark}
        return answer

    def _settled(self) -> list[Claim]:
        return [claim for claim in self.claims if claim.state == "created" and not claim.open]

    def _wanted(self) -> Claim:
        claim = Claim(f"{self.mark}-{len(self.claims)}")
        self.claims.append(claim)
        return claim

    def _name(self, tag: str) -> str:
        words = random.Random(tag)  # noqa: S311 (the same name for the same tag)
        first, second = ("".join(words.choices(SYLLABLES, k=4)).title() for _ in range(2))
        return f"{first} {second} {self.mark} GmbH"

    def _customer(self, tag: str) -> Json:
        number = random.Random(tag).randrange(10_000, 90_000)  # noqa: S311 (the same for the same tag)
        return {
            "isCompany": True,
            "name": self._name(tag),
            "email": f"{tag}@example.com",
            "category": tag,
            "address": f"Weg {number}",
            "postcode": f"{number}",
            "city": f"Ort {number}",
            "country": "DE",
        }


def _id(answer: Answer) -> str:
    return "" if answer.error else str(answer.told["customer"]["id"])


def _end_of_many(answer: Answer) -> str:
    """What became of the only customer of a change for many, as the error of a single change."""
    if answer.error or answer.told.get("changed"):
        return answer.error
    return "conflict" if answer.told.get("failed") and not answer.told.get("unknown") else "outcome_unknown"
