"""The players that play a task's reference script."""

from collections.abc import Mapping
from typing import cast

from .task import Call, Found, Task, Turn
from .trial import PlayerError, Work


class Script:
    tokens = None

    def __init__(self, task: Task, work: Work) -> None:
        self._turns = iter(task.turns)
        self._work = work

    async def answer(self, says: str) -> str:  # noqa: ARG002 (a script does not read it)
        turn: Turn = next(self._turns)
        for call in self._calls(turn):
            await self._work.call(call.tool, cast("Mapping[str, object]", self._filled(call.arguments)))
        return turn.answer

    def _calls(self, turn: Turn) -> tuple[Call, ...]:
        return turn.calls

    def _filled(self, value: object) -> object:
        match value:
            case Found():
                return self._answered(value)
            case dict():
                return {name: self._filled(each) for name, each in cast("dict[str, object]", value).items()}
            case list():
                return [self._filled(each) for each in cast("list[object]", value)]
            case _:
                return value

    def _answered(self, found: Found) -> object:
        value: object = self._work.played[found.call].answer
        try:
            for step in found.path:
                value = cast("dict[str | int, object]", value)[step]
        except (LookupError, TypeError):
            raise PlayerError(f"the answer to call {found.call} has no {found.path}") from None
        return value


class Singly(Script):
    """Without the tools for many customers."""

    def _calls(self, turn: Turn) -> tuple[Call, ...]:
        return turn.calls if turn.singly is None else turn.singly
