"""One sandbox for many: each API key (and account) has a base of its own, in memory."""

import hmac
import os
from collections import OrderedDict
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

TENANTS = 100
"""So many bases are kept; the one that was not used for longest is forgotten."""
BASE_BYTES = 4_194_304
"""So large each of them may become."""


class Tenants:
    """An ASGI application that hands each request to the sandbox of its key."""

    def __init__(self, create: Callable[[], Starlette], most: int = TENANTS) -> None:
        self._create, self._most = create, most
        self._apps = OrderedDict[bytes, Starlette]()
        self._secret = os.urandom(16)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await self._of(Headers(scope=scope))(scope, receive, send)

    def close(self) -> None:
        while self._apps:
            self._apps.popitem()[1].state.close()

    def _of(self, headers: Headers) -> Starlette:
        who = f"{headers.get('x-api-key', '')} {headers.get('x-account-id', '')}"
        name = hmac.digest(self._secret, who.encode(), "sha256")
        if name not in self._apps:
            self._apps[name] = self._create()
            if len(self._apps) > self._most:
                self._apps.popitem(last=False)[1].state.close()
        self._apps.move_to_end(name)
        return self._apps[name]

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})
