"""From settings to a client: of the API they name, or of the embedded sandbox."""

import httpx

from .client import FaktooraClient
from .settings import Settings, SettingsError

SANDBOX_URL = "http://sandbox.invalid/api/v1"


def connect(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> FaktooraClient:
    """The client for these settings; `transport` replaces the way to the API (for tests).

    SettingsError when the sandbox's file cannot be used.
    """
    if settings.sandbox and transport is None:
        inside = settings.model_copy(update={"base_url": SANDBOX_URL})
        return FaktooraClient(inside, _Sandbox(settings))
    return FaktooraClient(settings, transport)


class _Sandbox(httpx.ASGITransport):
    """The embedded sandbox, closed with the client that uses it."""

    def __init__(self, settings: Settings) -> None:
        from .sandbox.app import create_app

        try:
            app = create_app(settings.db)
        except OSError as exc:
            raise SettingsError(f"FAKTOORA_DB: {exc}.") from None
        super().__init__(app)
        self._close = app.state.close

    async def aclose(self) -> None:
        self._close()
