"""The question to the user before many customers are changed, for hosts that support elicitation."""

from typing import Annotated, NamedTuple, cast

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import Field

from faktoora_mcp.answers.many import CustomersUpdated
from faktoora_mcp.answers.redaction import redacted_fields, refuse_redacted
from faktoora_mcp.api.many_outcomes import BulkPreview
from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.insight.conditions import Condition
from faktoora_mcp.language import user_language
from faktoora_mcp.queries.questions import limits_of
from faktoora_mcp.server.workspace import ToolContext, workspace_of, writer_of
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded
from faktoora_mcp.writes.many.bulk_request import NOTHING, BulkRequest, Replacement
from faktoora_mcp.writes.many.planning import plan_update
from faktoora_mcp.writes.many.update_many import TOOL, Consent, check_undoable

from .support import Agreement, answered_or_asked, check_agreed, supports_elicitation

SHOWN = 3
"""So many kinds of differences are named."""
TEXT_CHARS = 60


class Yes(Agreement):
    agreed: Annotated[bool, Field(title="Change them")]


class Ja(Agreement):
    agreed: Annotated[bool, Field(title="Ändern")]


class _Words(NamedTuple):
    one: str
    several: str
    account: str
    empty: str
    such_as: str
    more: str
    form: type[Agreement]


WORDS = {
    "en": _Words(
        "Change {} customer{}?",
        "Change {} customers{}?",
        " of the account {}",
        "empty",
        "for example",
        "{} other changes",
        Yes,
    ),
    "de": _Words(
        "{} Kunden ändern{}?",
        "{} Kunden ändern{}?",
        " im Konto {}",
        "leer",
        "zum Beispiel",
        "{} weitere Änderungen",
        Ja,
    ),
}


async def change_to_ask_about(  # noqa: PLR0913, PLR0917 (the SDK passes the tool's arguments by their names)
    context: ToolContext,
    where: tuple[Condition, ...] = (),
    ids: tuple[str, ...] = (),
    changes: CustomerChanges = NOTHING,
    replace: Replacement | None = None,
    confirm: str | None = None,
    dry_run: bool = True,  # noqa: FBT001, FBT002 (the SDK passes it by its name)
) -> BulkPreview | None:
    """What would change; None without a question.

    Whatever can refuse the change refuses before the user is asked: WriteLimit, AuditUnavailable. A `confirm`
    that does not fit is not asked about.
    """
    if dry_run or not supports_elicitation(context):
        return None
    settings, request = workspace_of(context).settings, BulkRequest(where, ids, changes, replace)
    refuse_redacted(request.judged, redacted_fields(settings.hide_fields))
    writer = writer_of(context)
    await writer.check_allowed(TOOL)
    preview = (await plan_update(writer, request, limits_of(settings))).preview
    if preview.confirm is None or not (confirm is None or Consent(confirm).covers(preview)):
        return None
    check_undoable(writer, preview)
    return preview


async def answer_of_user(
    asked: Annotated[BulkPreview | None, Resolve(change_to_ask_about)], context: ToolContext
) -> Agreement | Elicit[Agreement]:
    """The user's answer, or the question."""
    return answered_or_asked(asked, question, context)


async def agreed_change(
    asked: Annotated[BulkPreview | None, Resolve(change_to_ask_about)],
    answer: Annotated[ElicitationResult[Agreement], Resolve(answer_of_user)],
) -> str | None:
    """The confirmation of what the user agreed to; None without a question. NotConfirmed without a yes."""
    if asked:
        check_agreed(answer, "Nothing was changed")
    return asked.confirm if asked else None


def question(preview: BulkPreview, settings: Settings) -> tuple[str, type[Agreement]]:
    """The question and the form of its answer; equal for equal changes."""
    words = WORDS[user_language(settings.language)]
    account = words.account.format(settings.account) if settings.account else ""
    shown = CustomersUpdated.shown(preview, redacted_fields(settings.hide_fields)).differences or []
    parts = [_difference(each, words) for each in shown[:SHOWN]]
    more = len(shown) - SHOWN
    what = "; ".join([*parts, *([words.more.format(more)] if more > 0 else [])])
    customers = len(preview.updates)
    change = (words.one if customers == 1 else words.several).format(customers, account)
    return f"{change} {what}", words.form


def _difference(difference: Record, words: _Words) -> str:
    """Such as `city: Muenchen → München (57, for example Acme GmbH)`."""
    changed = cast("dict[str, list[object]]", difference["changed"])
    pairs = (f"{name}: {_shown(old, words)} → {_shown(new, words)}" for name, (old, new) in changed.items())
    examples = cast("list[Record]", difference["examples"])
    who = ", ".join(bounded(" ".join(map(str, example.values())), TEXT_CHARS) for example in examples)
    return f"{', '.join(pairs)} ({difference['customers']}, {words.such_as} {who})"


def _shown(value: object, words: _Words) -> str:
    return words.empty if value in (None, "") else bounded(str(value), TEXT_CHARS)
