"""What the calls of one server share: the connection, and the writer that counts changes and holds locks."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mcp.server.mcpserver import Context

from faktoora_mcp.api.connection import Connection

if TYPE_CHECKING:
    from faktoora_mcp.state.keys import StateKeys
    from faktoora_mcp.state.state import State
    from faktoora_mcp.writes.session import Writer


@dataclass(slots=True)
class ToolCall:
    """How a call of a tool ended: `ok`, or the code of its error."""

    outcome: str = "ok"


class Workspace(Connection):
    """A connection with its writer, which the first call creates."""

    per_caller: ClassVar[bool] = False
    """Whether what is listed depends on who asks, so that no cache may share it."""

    @property
    def read_only(self) -> bool:
        """Whether the caller may only read."""
        return self.settings.read_only

    @property
    def files(self) -> Path | None:
        """The folder of lists that the caller may have read."""
        return self.settings.files

    @property
    def caller(self) -> str | None:
        """The caller, as the audit log names them beside their program."""
        return None

    def observed(self, tool: str) -> AbstractContextManager[ToolCall]:  # noqa: ARG002 (for subclasses)
        """Around a call of a tool, for the operator."""
        return nullcontext(ToolCall())

    @cached_property
    def state(self) -> "State":
        """Locks, used confirmations and counts."""
        from faktoora_mcp.state.local import LocalState

        return LocalState()

    @cached_property
    def keys(self) -> "StateKeys":
        """What confirmations are made with."""
        from faktoora_mcp.state.keys import StateKeys

        return StateKeys.random()

    @property
    def writer(self) -> "Writer":
        return self.own_writer

    @cached_property
    def own_writer(self) -> "Writer":
        """The writer with the credentials of the settings."""
        from faktoora_mcp.writes.session import Writer

        key = self.keys.derived("confirmation of a change")[0]
        return Writer(self.own_client, self.settings, state=self.state, confirmation_key=key)


ToolContext = Context[Workspace, Any]


def workspace_of(context: ToolContext) -> Workspace:
    return context.request_context.lifespan_context


def writer_of(context: ToolContext) -> "Writer":
    """The writer for the client that makes this call, named as the audit log shows it."""
    workspace = workspace_of(context)
    names = filter(None, (workspace.caller, _client_name(context)))
    return workspace.writer.called_by(", ".join(names) or None)


def _client_name(context: ToolContext) -> str | None:
    params = context.session.client_params
    return f"{params.client_info.name} {params.client_info.version}".strip() if params else None
