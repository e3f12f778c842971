"""What the questions to the user have in common: whether a host can ask, how it asks, what is a yes."""

from collections.abc import Callable
from typing import TypeVar

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver.resolve import Elicit
from pydantic import BaseModel

from faktoora_mcp.errors import NotConfirmed
from faktoora_mcp.server.workspace import ToolContext, workspace_of
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import masked

MODERN = "2026-07-28"
"""The first protocol revision in which every answer can carry a question."""
Asked = TypeVar("Asked")


class Agreement(BaseModel):
    """The form of an answer; each question gives the box to tick a title of its own."""

    agreed: bool


def supports_elicitation(context: ToolContext) -> bool:
    capabilities = context.client_capabilities
    elicitation = capabilities and capabilities.elicitation
    form = elicitation and (elicitation.form or not elicitation.url)
    return bool(form) and ((context.protocol_version or "") >= MODERN or context.session.can_send_request)


def answered_or_asked(
    asked: Asked | None,
    question: Callable[[Asked, Settings], tuple[str, type[Agreement]]],
    context: ToolContext,
) -> Agreement | Elicit[Agreement]:
    """The question, without the key; no agreement where there is nothing to ask about."""
    if asked is None:
        return Agreement(agreed=False)
    workspace = workspace_of(context)
    text, form = question(asked, workspace.settings)
    return Elicit(masked(text, workspace.key), form)


def check_agreed(answer: ElicitationResult[Agreement], nothing: str) -> None:
    """NotConfirmed unless the user agreed; `nothing` says what was not done."""
    if not (isinstance(answer, AcceptedElicitation) and answer.data.agreed):
        raise NotConfirmed(f"{nothing}: the user did not agree.", advice="Do not ask again unless told to.")
