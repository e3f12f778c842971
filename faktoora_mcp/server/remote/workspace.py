"""A workspace that many callers share: connections, locks and counts, but no credentials."""

from dataclasses import replace

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.server.workspace import Workspace
from faktoora_mcp.writes.session import Writer

from .callers import current_caller


class RemoteWorkspace(Workspace):
    """`client` and `writer` are those of the caller, and of nobody outside of a request."""

    per_caller = True

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
        return replace(self.own_writer, client=self.client)
