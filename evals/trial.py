"""One task, played once by a player on a sandbox of its own, and the result."""
# ruff: noqa: N815 (the names of --json)

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, cast

from mcp import Client
from mcp.client import ClientRequestContext
from mcp.types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult, TextContent, Tool
from pydantic_core import to_json

from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from faktoora_mcp.server.app import create_server
from tests.faulty import FaultyApi
from tests.scripted import settings

from .task import Outcome, Task

FOR_MODELS = {"name", "description", "input_schema"}
NO_WAIT_S = 0.0


class PlayerError(Exception):
    """The player gave up; the message is the reason."""


@dataclass(slots=True)
class Tokens:
    """The provider's counts; `input` excludes tokens read from or written to the cache."""

    input: int = 0
    cacheRead: int = 0
    cacheWritten: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """`text` is what an agent reads."""

    tool: str
    arguments: Mapping[str, object]
    text: str
    refused: bool

    @property
    def answer(self) -> dict[str, Any]:
        return json.loads(self.text)

    @property
    def sent(self) -> str:
        return to_json(self.arguments).decode()


@dataclass(slots=True)
class Work:
    """The tools of a player, and every call that was made."""

    client: Client
    tools: list[Tool]
    played: list[Played] = field(default_factory=list[Played])
    ends: list[int] = field(default_factory=list[int])

    @property
    def instructions(self) -> str:
        return self.client.instructions or ""

    @property
    def introduction(self) -> str:
        """What every request to a model begins with: instructions, and the tools as JSON."""
        shown = [tool.model_dump(by_alias=True, include=FOR_MODELS, exclude_none=True) for tool in self.tools]
        return self.instructions + to_json(shown).decode()

    async def call(self, tool: str, arguments: Mapping[str, object]) -> tuple[str, bool]:
        """The text that an agent reads, and whether it is an error."""
        result = await self.client.call_tool(tool, dict(arguments))
        text = "".join(block.text for block in result.content if isinstance(block, TextContent))
        self.played.append(Played(tool, arguments, text, bool(result.is_error)))
        return text, bool(result.is_error)


class Player(Protocol):
    @property
    def tokens(self) -> Tokens | None:
        """None for a player without a model."""
        ...

    async def answer(self, says: str) -> str:
        """The answer to the user, after all calls that it takes. PlayerError if there is none."""
        ...


PlayerFactory: TypeAlias = Callable[[Task, Work], Player]
"""Makes the player for one trial."""


@dataclass(frozen=True, slots=True)
class Trial:
    """`ends` tells after how many calls each turn was answered, `gave_up` why the player did not finish."""

    task: Task
    outcome: Outcome
    introduction: str
    played: list[Played]
    ends: list[int]
    tokens: Tokens | None
    gave_up: str | None = None

    @property
    def wrong(self) -> list[str]:
        """Empty if the task was solved."""
        return [self.gave_up] if self.gave_up else mark(self.task, self.outcome)

    @property
    def refused(self) -> int:
        return sum(call.refused for call in self.played)


async def play(task: Task, new_player: PlayerFactory, forms: Forms = DOCUMENTED) -> Trial:
    api = FaultyApi(task.customers, forms)
    for customer in task.given:
        await api.add(customer)
    before = await api.settled()
    for met in task.faults:
        api.meet(met.fault, met.where, nth=met.nth)
    server = create_server(settings(language=task.language, **_reconciling(task)), api)
    async with Client(server, mode="auto", elicitation_callback=_User(task)) as client:
        work = Work(client, (await client.list_tools()).tools)
        player = new_player(task, work)
        outcome, gave_up = await _take_turns(work, task, player, api, Outcome((before,), ()))
        return Trial(task, outcome, work.introduction, work.played, work.ends, player.tokens, gave_up)


def _reconciling(task: Task) -> dict[str, float]:
    return {} if task.reconciles else {"reconcile_s": NO_WAIT_S}


async def _take_turns(
    work: Work, task: Task, player: Player, api: FaultyApi, outcome: Outcome
) -> tuple[Outcome, str | None]:
    for turn in task.turns:
        try:
            answer = await player.answer(turn.says)
        except PlayerError as error:
            return outcome, str(error)
        work.ends.append(len(work.played))
        outcome = Outcome((*outcome.bases, await api.settled()), (*outcome.answers, answer))
    return outcome, None


def mark(task: Task, outcome: Outcome) -> list[str]:
    return [fault for check in task.checks if (fault := check(outcome))]


class _User:
    """Agrees to what the task names, and to nothing else."""

    def __init__(self, task: Task) -> None:
        self._agrees_to = task.agrees_to

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:  # noqa: ARG002 (the SDK hands it over)
        question = cast("ElicitRequestFormParams", params).message
        agreed = self._agrees_to is not None and self._agrees_to in question
        return ElicitResult(action="accept", content={"agreed": agreed})
