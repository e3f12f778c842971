"""From settings to a client: of the API they name, or of the embedded sandbox."""

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from faktoora_mcp.settings import Settings

if TYPE_CHECKING:
    import httpx

    from .client import FaktooraClient

SANDBOX_URL = "http://sandbox.invalid/api/v1"


class Connection:
    """A client that is made when the first call needs it, not at the start of the server.

    `transport` replaces the way to the API (for tests). Use it in `async with`.
    """

    def __init__(self, settings: Settings, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self.settings = settings
        self._transport = transport

    @cached_property
    def client(self) -> "FaktooraClient":
        return connect(self.settings, self._transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "client" in self.__dict__:
            await self.client.__aexit__(kind, exc, trace)


def connect(settings: Settings, transport: "httpx.AsyncBaseTransport | None" = None) -> "FaktooraClient":
    """The client for these settings; `transport` as above.

    SettingsError when the sandbox's file, a proxy or a certificate cannot be used.
    """
    from .client import FaktooraClient

    if settings.sandbox and transport is None:
        from .embedded import EmbeddedSandbox

        inside = settings.model_copy(update={"base_url": SANDBOX_URL})
        return FaktooraClient(inside, EmbeddedSandbox(settings))
    return FaktooraClient(settings, transport)
