"""The question to the user before two customers are merged, for hosts that support elicitation."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import Field

from faktoora_mcp.answers.merge import CustomersMerged
from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.merge_outcomes import Merging
from faktoora_mcp.language import user_language
from faktoora_mcp.server.workspace import ToolContext, writer_of
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded
from faktoora_mcp.writes.merge import MergeRequest, check_confirmation, plan_merge
from faktoora_mcp.writes.merged_record import Side
from faktoora_mcp.writes.session import DELETION

from .deletion import called
from .support import Agreement, answered_or_asked, check_agreed, supports_elicitation

TEXT_CHARS = 60
SHOWN = 10


class Yes(Agreement):
    agreed: Annotated[bool, Field(title="Merge and delete")]


class Ja(Agreement):
    agreed: Annotated[bool, Field(title="Zusammenführen und löschen")]


class _Words(NamedTuple):
    question: str
    account: str
    filled: str
    conflicts: str
    empty: str
    form: type[Agreement]


WORDS = {
    "en": _Words(
        "Merge {remove} into {keep}{account}, then delete the first one for good?",
        " in the account {}",
        "Taken over: {}.",
        "Lost: {}.",
        "empty",
        Yes,
    ),
    "de": _Words(
        "{remove} mit {keep} zusammenführen{account} und den ersten Eintrag danach endgültig löschen?",
        " im Konto {}",
        "Übernommen: {}.",
        "Verloren: {}.",
        "leer",
        Ja,
    ),
}


async def merge_to_ask_about(  # noqa: PLR0913, PLR0917 (the SDK passes the tool's arguments by their names)
    context: ToolContext,
    keep: str,
    remove: str,
    prefer: Mapping[str, Side] | None = None,
    different_ok: bool = False,  # noqa: FBT001, FBT002 (the SDK passes it by its name)
    confirm: str | None = None,
    dry_run: bool = True,  # noqa: FBT001, FBT002 (the SDK passes it by its name)
) -> Merging | None:
    """What the merge would do; None without a question.

    Whatever can refuse the merge refuses before the user is asked: WriteLimit, AuditUnavailable, what
    `plan_merge` raises, and NotConfirmed where `confirm` does not match.
    """
    if dry_run or not supports_elicitation(context):
        return None
    writer = writer_of(context)
    await writer.check_allowed(DELETION)
    ahead = await plan_merge(writer.client, MergeRequest(keep, remove, prefer or {}, different_ok))
    await writer.check_allowed(DELETION, changes=ahead.changes)
    if confirm is not None:
        check_confirmation(ahead.merging, confirm)
    return ahead.merging


async def answer_of_user(
    asked: Annotated[Merging | None, Resolve(merge_to_ask_about)], context: ToolContext
) -> Agreement | Elicit[Agreement]:
    """The user's answer, or the question."""
    return answered_or_asked(asked, question, context)


async def agreed_to_merge(
    asked: Annotated[Merging | None, Resolve(merge_to_ask_about)],
    answer: Annotated[ElicitationResult[Agreement], Resolve(answer_of_user)],
) -> Merging | None:
    """The merge that the user agreed to; None without a question. NotConfirmed without a yes."""
    if asked:
        check_agreed(answer, "Nothing was sent")
    return asked


def question(merging: Merging, settings: Settings) -> tuple[str, type[Agreement]]:
    """The question and the form of its answer; equal for equal merges."""
    words, hidden = WORDS[user_language(settings.language)], redacted_fields(settings.hide_fields)
    account = words.account.format(settings.account) if settings.account else ""
    keep, remove = (called(customer, settings) for customer in (merging.keep, merging.remove))
    shown = CustomersMerged.shown(merging, hidden)
    filled = [*(shown.filled or {}), *(shown.joined or {}), *(shown.entries or {})]
    lost = [f"{path} {_shown(goes, words)}" for path, (_, goes) in (shown.conflicts or {}).items()]
    parts = ((words.filled, filled), (words.conflicts, lost))
    told = [text.format(_listed(values)) for text, values in parts if values]
    return " ".join([words.question.format(keep=keep, remove=remove, account=account), *told]), words.form


def _listed(values: list[str]) -> str:
    more = len(values) - SHOWN
    return ", ".join([*values[:SHOWN], *([f"+ {more}"] if more > 0 else [])])


def _shown(value: object, words: _Words) -> str:
    return words.empty if value in (None, "") else f"“{bounded(str(value), TEXT_CHARS)}”"
