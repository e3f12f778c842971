"""Routes without a key: whether the process lives, and whether it can reach the API."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse

from faktoora_mcp import __version__

READY_S = 10.0
"""So long an answer about the API is repeated without asking again."""


class Health:
    """`reach` asks the API something that needs no key; it is true where the API answered anything."""

    def __init__(self, reach: Callable[[], Awaitable[bool]]) -> None:
        self._reach, self._lock = reach, anyio.Lock()
        self._known, self._until = False, 0.0

    async def live(self, _: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "version": __version__})

    async def ready(self, _: Request) -> JSONResponse:
        if await self._api_answers():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "api unreachable"}, HTTPStatus.SERVICE_UNAVAILABLE)

    async def _api_answers(self) -> bool:
        async with self._lock:
            if anyio.current_time() >= self._until:
                self._known = await self._reach()
                self._until = anyio.current_time() + READY_S
        return self._known
