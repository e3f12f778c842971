"""The sandbox inside this process, as an httpx transport."""

import httpx

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import forms_of
from faktoora_mcp.settings import Settings, SettingsError


class EmbeddedSandbox(httpx.ASGITransport):
    """The embedded sandbox, closed with its client. SettingsError for an unusable file."""

    def __init__(self, settings: Settings) -> None:
        try:
            app = create_app(settings.db, forms=forms_of(settings.dialect))
        except OSError as exc:
            raise SettingsError(f"FAKTOORA_DB: {exc}.") from None
        super().__init__(app)
        self._close = app.state.close

    async def aclose(self) -> None:
        self._close()
