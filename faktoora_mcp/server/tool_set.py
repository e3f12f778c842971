"""What every tool is given: the client, the limits of a call, the fields that the operator hides."""

from dataclasses import replace

import anyio

from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.connection import Connection
from faktoora_mcp.queries import questions
from faktoora_mcp.queries.scan import Limits


class ToolSet:
    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        self._connection = connection
        self._limits, self._call_s = questions.limits_of(settings), settings.call_s
        self._redacted = redacted_fields(settings.hide_fields)

    @property
    def _client(self) -> FaktooraClient:
        """The client of the caller."""
        return self._connection.client

    def _limits_from(self, start: float) -> Limits:
        """The limits of a scan in a tool call that began at this time."""
        left_s = start + self._call_s - anyio.current_time()
        return replace(self._limits, scan_s=max(0.0, min(self._limits.scan_s, left_s)))
