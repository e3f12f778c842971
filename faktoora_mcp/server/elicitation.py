"""The user is asked before a deletion where the host can ask; the questions, in German and English."""

from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel, Field

from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.connection import Connection
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import NotConfirmed
from faktoora_mcp.language import spoken
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded
from faktoora_mcp.writes.delete import check_confirmation

MODERN = "2026-07-28"
"""The first protocol revision in which any answer can carry a question."""
TEXT_CHARS = 100


class Yes(BaseModel):
    agreed: Annotated[bool, Field(title="Delete for good")]


class Ja(Yes):
    agreed: Annotated[bool, Field(title="Endgültig löschen")]


QUESTIONS = {
    "en": ("Delete {who} for good{account}? This cannot be undone.", "number", " from the account {}", Yes),
    "de": (
        "{who} endgültig löschen{account}? Das lässt sich nicht rückgängig machen.",
        "Nummer",
        " aus dem Konto {}",
        Ja,
    ),
}
Asker = Context[Connection, Any]


async def asked_about(
    id: str,  # noqa: A002 (the tool's argument, which the SDK hands over by its name)
    context: Asker,
    confirm: str | None = None,
    dry_run: bool = False,  # noqa: FBT001, FBT002 (the SDK hands it over by its name)
) -> Customer | None:
    """Whom the user is asked about; None where nobody is asked. NotConfirmed where `confirm` does not fit."""
    if dry_run or not _can_ask(context):
        return None
    customer = await context.request_context.lifespan_context.client.get_customer(id)
    if confirm is not None:
        check_confirmation(customer, confirm)
    return customer


async def answer_to(
    asked: Annotated[Customer | None, Resolve(asked_about)], context: Asker
) -> Yes | Elicit[Yes]:
    """The user's answer, or the question."""
    if asked is None:
        return Yes(agreed=False)
    settings = context.request_context.lifespan_context.settings
    return Elicit(*question(asked, settings))


async def agreed_to_delete(
    asked: Annotated[Customer | None, Resolve(asked_about)],
    answer: Annotated[ElicitationResult[Yes], Resolve(answer_to)],
) -> Customer | None:
    """The customer that the user agreed to delete; None where nobody was asked. NotConfirmed for a no."""
    if asked and not (isinstance(answer, AcceptedElicitation) and answer.data.agreed):
        raise NotConfirmed(
            "Nothing was deleted: the user did not agree.", advice="Do not ask again unless told to."
        )
    return asked


def question(customer: Customer, settings: Settings) -> tuple[str, type[Yes]]:
    """The question and the form of its answer; the same for the same customer."""
    text, number, of_account, form = QUESTIONS[spoken(settings.language)]
    account = of_account.format(settings.account) if settings.account else ""
    who = _who(customer, number, redacted_fields(settings.hide_fields))
    return text.format(who=who, account=account), form


def _who(customer: Customer, number: str, hidden: frozenset[str]) -> str:
    shown = customer.reduced()
    facts = ("customerId", f"{number} {shown.get('customerId')}"), ("city", str(shown.get("city")))
    about = ", ".join(text for name, text in facts if name in shown and name not in hidden)
    name = "" if "name" in hidden else f"“{bounded(str(shown.get('name') or customer.id), TEXT_CHARS)}”"
    who = " ".join(filter(None, (name, f"({bounded(about, TEXT_CHARS)})" if about else "")))
    return who or f"“{customer.id}”"


def _can_ask(context: Asker) -> bool:
    declared = context.client_capabilities
    form = declared and declared.elicitation and (declared.elicitation.form or not declared.elicitation.url)
    return bool(form) and ((context.protocol_version or "") >= MODERN or context.session.can_send_request)
