"""Whether a host can put a question to its user."""

from faktoora_mcp.server.workspace import ToolContext

MODERN = "2026-07-28"
"""The first protocol revision in which every answer can carry a question."""


def supports_elicitation(context: ToolContext) -> bool:
    capabilities = context.client_capabilities
    elicitation = capabilities and capabilities.elicitation
    form = elicitation and (elicitation.form or not elicitation.url)
    return bool(form) and ((context.protocol_version or "") >= MODERN or context.session.can_send_request)
