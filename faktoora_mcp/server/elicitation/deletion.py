"""The question to the user before a deletion, in German and English, for hosts that support elicitation."""

from typing import Annotated

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import Field

from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.records import Customer
from faktoora_mcp.language import user_language
from faktoora_mcp.server.workspace import ToolContext, workspace_of
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded
from faktoora_mcp.writes.delete import check_confirmation
from faktoora_mcp.writes.session import DELETION

from .support import Agreement, answered_or_asked, check_agreed, supports_elicitation

TEXT_CHARS = 100


class Yes(Agreement):
    agreed: Annotated[bool, Field(title="Delete for good")]


class Ja(Agreement):
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


async def customer_to_delete(
    id: str,  # noqa: A002 (the SDK passes the tool's argument by its name)
    context: ToolContext,
    confirm: str | None = None,
    dry_run: bool = False,  # noqa: FBT001, FBT002 (the SDK passes it by its name)
) -> Customer | None:
    """The customer to ask about; None without a question.

    Whatever can refuse the deletion refuses before the user is asked: WriteLimit, AuditUnavailable, NotFound,
    and NotConfirmed where `confirm` does not match.
    """
    if dry_run or not supports_elicitation(context):
        return None
    workspace = workspace_of(context)
    await workspace.writer.check_allowed(DELETION)
    customer = await workspace.client.get_customer(id)
    if confirm is not None:
        await check_confirmation(workspace.client, customer, confirm)
    return customer


async def answer_of_user(
    asked: Annotated[Customer | None, Resolve(customer_to_delete)], context: ToolContext
) -> Agreement | Elicit[Agreement]:
    """The user's answer, or the question."""
    return answered_or_asked(asked, question, context)


async def agreed_to_delete(
    asked: Annotated[Customer | None, Resolve(customer_to_delete)],
    answer: Annotated[ElicitationResult[Agreement], Resolve(answer_of_user)],
) -> Customer | None:
    """The customer that the user agreed to delete; None without a question. NotConfirmed without a yes."""
    if asked:
        check_agreed(answer, "Nothing was deleted")
    return asked


def question(customer: Customer, settings: Settings) -> tuple[str, type[Agreement]]:
    """The question and the form of its answer; equal for equal customers."""
    text, _, of_account, form = QUESTIONS[user_language(settings.language)]
    account = of_account.format(settings.account) if settings.account else ""
    return text.format(who=called(customer, settings), account=account), form


def called(customer: Customer, settings: Settings) -> str:
    """What the user knows a customer by: name, number and city, or else the id."""
    _, number, *_ = QUESTIONS[user_language(settings.language)]
    redacted, known = redacted_fields(settings.hide_fields), customer.reduced()
    facts = ("customerId", f"{number} {known.get('customerId')}"), ("city", str(known.get("city")))
    about = ", ".join(text for name, text in facts if name in known and name not in redacted)
    name = "" if "name" in redacted else f"“{bounded(str(known.get('name') or customer.id), TEXT_CHARS)}”"
    who = " ".join(filter(None, (name, f"({bounded(about, TEXT_CHARS)})" if about else "")))
    return who or f"“{customer.id}”"
