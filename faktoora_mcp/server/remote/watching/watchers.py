"""What operators may watch: calls of tools and requests to the API, but not what is in them."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

import httpx

from faktoora_mcp.server.workspace import ToolCall


class Watcher(Protocol):
    """Metrics or traces. No method is told an argument, an answer or an id."""

    def tool(self, name: str, call: ToolCall) -> AbstractContextManager[object]:
        """Around a call; `call` says at the end how it ended."""
        ...

    def sending(
        self, method: str, route: str, headers: httpx.Headers
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Around a request to the API."""
        ...


class Watching:
    """All watchers as one."""

    def __init__(self, watchers: Sequence[Watcher] = ()) -> None:
        self._watchers = watchers

    @contextmanager
    def tool(self, name: str) -> Generator[ToolCall]:
        call = ToolCall()
        with ExitStack() as stack:
            for watcher in self._watchers:
                stack.enter_context(watcher.tool(name, call))
            yield call

    @contextmanager
    def sending(self, method: str, route: str, headers: httpx.Headers) -> Generator[Callable[[int], None]]:
        with ExitStack() as stack:
            told = [stack.enter_context(one.sending(method, route, headers)) for one in self._watchers]

            def answered(status: int) -> None:
                for tell in told:
                    tell(status)

            yield answered
