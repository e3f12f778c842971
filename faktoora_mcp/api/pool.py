"""What requests with different keys share: connections, and what the APIs have shown of themselves."""

import logging
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import anyio
import httpx

from faktoora_mcp import __version__
from faktoora_mcp.settings import Settings, SettingsError

from .dialect import Dialect, Dialects

ENVIRONMENT = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY or SSL_CERT_FILE, SSL_CERT_DIR: cannot be used."


@dataclass(frozen=True, slots=True)
class Credentials:
    """In whose name requests are sent: a key, and the account's id where the key is good for several."""

    key: str
    account_id: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.key or ("sandbox" if settings.sandbox else ""), settings.account_id)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request; no key is sent where it is empty."""
        given = {"X-API-KEY": self.key} if self.key else {}
        agent = {"Accept": "application/json", "User-Agent": f"faktoora-mcp/{__version__}"}
        return given | agent | ({"x-account-id": self.account_id} if self.account_id else {})

    def account(self, base_url: str) -> str:
        """The base URL, and the account's id or else a digest of the key."""
        return f"{base_url} {self.account_id or sha256(self.key.encode()).hexdigest()[:16]}"

    def __repr__(self) -> str:
        return f"Credentials(account_id={self.account_id!r})"


class Pool:
    """Connections and slots of one API. SettingsError for unusable proxies or certificates."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base_url, self._dialects = settings.base_url, Dialects()
        self.slots = anyio.Semaphore(settings.max_connections, fast_acquire=True)
        self.http = _http_client(settings, transport)

    def dialect(self, credentials: Credentials) -> Dialect:
        return self._dialects.of(self._base_url, credentials.account(self._base_url))

    async def aclose(self) -> None:
        await self.http.aclose()


def _http_client(settings: Settings, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """Httpx logs every address, and so the words of a search, which may be values of a record: not here."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=settings.max_connections)
    try:
        return httpx.AsyncClient(limits=limits, transport=transport)
    except (OSError, ValueError, ImportError, httpx.InvalidURL):
        raise SettingsError(ENVIRONMENT) from None
