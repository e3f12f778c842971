"""Makes the client that the settings describe: of the API, or of the embedded sandbox."""

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from faktoora_mcp.settings import Settings

if TYPE_CHECKING:
    import httpx

    from .client import FaktooraClient

SANDBOX_URL = "http://sandbox.invalid/api/v1"


class Connection:
    """A client that the first call creates, because a start needs none. Use it in `async with`.

    `transport` replaces HTTP (for tests).
    """

    def __init__(self, settings: Settings, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self.settings = settings
        self._transport = transport

    @property
    def client(self) -> "FaktooraClient":
        return self.own_client

    @property
    def key(self) -> str:
        """The key with which the client asks, which nothing may show."""
        return self.settings.key

    @cached_property
    def own_client(self) -> "FaktooraClient":
        """The client with the credentials of the settings."""
        return connect(self.settings, self._transport)

    def open(self) -> None:
        """Make the client now; SettingsError when the settings cannot be used."""
        _ = self.own_client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "own_client" in self.__dict__:
            await self.own_client.__aexit__(kind, exc, trace)


def connect(settings: Settings, transport: "httpx.AsyncBaseTransport | None" = None) -> "FaktooraClient":
    """The client for these settings. SettingsError for an unusable sandbox file, proxy or certificate."""
    from .client import FaktooraClient

    return FaktooraClient(settings, transport)


def reached(
    settings: Settings, transport: "httpx.AsyncBaseTransport | None"
) -> "tuple[Settings, httpx.AsyncBaseTransport | None]":
    """Where these settings lead: to the API or the embedded sandbox. SettingsError for an unusable file."""
    if not settings.sandbox or transport:
        return settings, transport
    from .embedded import EmbeddedSandbox

    return settings.model_copy(update={"base_url": SANDBOX_URL}), EmbeddedSandbox(settings)
