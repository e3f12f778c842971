"""What requests with different keys share: connections, and what the APIs have shown of themselves."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol, Self

import httpx

from faktoora_mcp import __version__
from faktoora_mcp.settings import Settings, SettingsError

from .bodies import ACCEPTED
from .dialect import Dialect, Dialects
from .turns import Budgets, FairSlots, Flow, Reserve, nobody_else

ENVIRONMENT = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY or SSL_CERT_FILE, SSL_CERT_DIR: cannot be used."


@dataclass(frozen=True, slots=True)
class Credentials:
    """In whose name requests are sent: a key, and the account's id where the key is good for several.

    `claimed`: the id comes from a caller, not from the operator, so that anybody could have named it.
    """

    key: str
    account_id: str | None = None
    claimed: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.key or ("sandbox" if settings.sandbox else ""), settings.account_id)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request; no key is sent where it is empty."""
        given = {"Connection": "keep-alive"} | ({"X-API-KEY": self.key} if self.key else {})
        agent = {"User-Agent": f"faktoora-mcp/{__version__}"}
        accepted = {"Accept": "application/json", "Accept-Encoding": ACCEPTED}
        return given | accepted | agent | ({"x-account-id": self.account_id} if self.account_id else {})

    @property
    def digest(self) -> str:
        """What tells one key from another and does not reveal it."""
        return sha256(self.key.encode()).hexdigest()[:16]

    def account(self, base_url: str) -> str:
        """The base URL with the account's id, or with a digest of the key where no id is known for sure."""
        known = self.account_id and not self.claimed
        return " ".join(filter(None, (base_url, self.account_id, None if known else self.digest)))

    def __repr__(self) -> str:
        return f"Credentials(account_id={self.account_id!r})"


class Watch(Protocol):
    """Follows the requests to the API of all callers, for the operator."""

    def sending(
        self, method: str, route: str, headers: httpx.Headers
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Around one request, whose headers it may add to; what it yields is told the status of the answer.

        `route` names no record: the id in a path is left out.
        """
        ...


class Unwatched:
    def sending(
        self,
        method: str,  # noqa: ARG002 (as the protocol has it)
        route: str,  # noqa: ARG002 (as the protocol has it)
        headers: httpx.Headers,  # noqa: ARG002 (as the protocol has it)
    ) -> AbstractContextManager[Callable[[int], None]]:
        return nullcontext(_ignored)


def _ignored(_status: int) -> None:
    pass


class Pool:
    """Connections and slots of one API. SettingsError for unusable proxies or certificates."""

    def __init__(
        self,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None = None,
        watch: Watch | None = None,
        reserve: Reserve = nobody_else,
    ) -> None:
        self._base_url, self._dialects = settings.base_url, Dialects()
        self.watch = watch or Unwatched()
        self._slots = FairSlots(settings.max_connections)
        self._budgets = Budgets(settings.api_rps, reserve) if settings.api_rps else None
        self.http = _http_client(settings, transport)

    def dialect(self, credentials: Credentials) -> Dialect:
        return self._dialects.of(self._base_url, credentials.account(self._base_url))

    @asynccontextmanager
    async def slot(self, flow: Flow) -> AsyncGenerator[None]:
        """A connection, once it is the turn of this flow and the budget of its key allows a request."""
        if self._budgets is not None:
            await self._budgets.spend(flow)
        async with self._slots.held(flow):
            yield

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
