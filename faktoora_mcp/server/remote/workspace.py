"""A workspace that many callers share: connections, locks and counts, but no credentials."""

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from types import TracebackType

import httpx

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.exchange import Exchange
from faktoora_mcp.api.pool import Credentials, Pool
from faktoora_mcp.server.workspace import ToolCall, Workspace
from faktoora_mcp.settings import Settings
from faktoora_mcp.state.keys import StateKeys
from faktoora_mcp.state.state import State
from faktoora_mcp.writes.session import Writer

from .callers import current_caller
from .sharing import Sharing
from .watching.watchers import Watching


class RemoteWorkspace(Workspace):
    """`client` and `writer` are those of the caller, and of nobody outside of a request."""

    per_caller = True

    def __init__(
        self,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None,
        watching: Watching,
        sharing: Sharing,
    ) -> None:
        super().__init__(settings, transport)
        self._watching, self._sharing = watching, sharing

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, exc, trace)
        await self.state.aclose()

    @cached_property
    def state(self) -> State:
        return self._sharing.state

    @cached_property
    def keys(self) -> StateKeys:
        return self._sharing.keys

    @cached_property
    def own_client(self) -> FaktooraClient:
        pool = Pool(self.settings, self._transport, self._watching, self.state.reserve)
        exchange = Exchange(self.settings, pool, Credentials.of(self.settings))
        return FaktooraClient(self.settings, exchange=exchange)

    def observed(self, tool: str) -> AbstractContextManager[ToolCall]:
        return self._watching.tool(tool)

    @property
    def read_only(self) -> bool:
        return self.settings.read_only or current_caller().read_only

    @property
    def files(self) -> None:
        """Callers over the network read no files of this machine."""

    @property
    def caller(self) -> str | None:
        return current_caller().name

    @property
    def client(self) -> FaktooraClient:
        caller = current_caller()
        return self.own_client.in_name_of(caller.credentials, caller.name)

    @property
    def key(self) -> str:
        return current_caller().credentials.key

    @property
    def writer(self) -> Writer:
        caller = current_caller()
        principal = f"{caller.credentials.digest} {caller.name}"
        return replace(self.own_writer, client=self.client, principal=principal)
