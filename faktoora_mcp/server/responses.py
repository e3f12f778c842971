"""The one place where results and errors become text, and where a call that nobody can answer is refused.

Apart from server.py because no start needs it.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import cast

from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult, TextContent
from pydantic import JsonValue, ValidationError
from pydantic_core import to_json

from faktoora_mcp.answers.budget import fitted_record
from faktoora_mcp.answers.customers import Answer
from faktoora_mcp.answers.redaction import redact, redacted_fields, with_omissions
from faktoora_mcp.errors import (
    Correctable,
    FaktooraError,
    Internal,
    InvalidInput,
    NotFound,
    ReadOnly,
    Unreachable,
)
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.settings import Settings, SettingsError
from faktoora_mcp.text import bounded

from .definitions import chosen, definitions, offered, reads
from .schemas import faults, unknown_arguments

logger = logging.getLogger(__name__)
ERROR_CHARS = 400
CORRECT = "Correct these and call again."
ASK_OPERATOR = "Ask the operator; the user can make the change in faktoora itself."
REPAIR = "Ask the operator to correct it and to start the server again."
REPORT = "Look at the data before you repeat a change; tell the operator, whose log names the place."
Json = dict[str, JsonValue]


class Answers:
    """Compact JSON of a known form, whatever happened, without what these settings hide."""

    def __init__(self, settings: Settings) -> None:
        self._ours = settings
        self._offered = {tool.name: tool for tool in offered(settings)}
        self._hidden = redacted_fields(settings.hide_fields)
        account: Json = {"account": settings.account} if settings.account else {}
        self._marks = account | ({"sandbox": True} if settings.sandbox else {})

    def check(self, name: str, arguments: Mapping[str, object]) -> None:
        """ReadOnly, NotFound or InvalidInput where no such tool is offered or has these arguments."""
        tool = self._offered.get(name)
        if tool is None:
            raise self._not_offered(name)
        if unknown := unknown_arguments(arguments, tool.input_schema["properties"]):
            raise InvalidInput("Unknown arguments; nothing was sent.", fields=unknown, advice=CORRECT)

    def answering(self, tool: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[CallToolResult]]:
        """The tool with its answer as compact JSON, so that the SDK has nothing to convert."""

        @wraps(tool)
        async def answered(**arguments: object) -> CallToolResult:
            return self.rendered(tool.__name__, await tool(**arguments))

        return answered

    def rendered(self, name: str, summary: Answer) -> CallToolResult:
        """Compact JSON, once as text and once structured."""
        answer = self._shown(name, summary.as_json())
        return CallToolResult(content=[_text(answer)], structured_content=answer)

    def refused(self, name: str, error: FaktooraError) -> CallToolResult:
        """The envelope of an error."""
        envelope = fitted_record(cast("Json", error.envelope()["error"]), ERROR_CHARS)
        return CallToolResult(content=[_text(self._shown(name, {"error": envelope}))], is_error=True)

    def _shown(self, name: str, answer: Json) -> Json:
        """The answer without hidden fields; that of a change says on whose customers it worked."""
        whole = with_omissions(answer, self._hidden) if self._hidden else answer
        seen = cast("Json", redact(whole, self._hidden)) if self._hidden else answer
        tool = definitions().get(name)
        return seen if tool is None or reads(tool) else seen | self._marks

    def _not_offered(self, name: str) -> FaktooraError:
        if name in definitions() and self._ours.read_only and chosen(name, self._ours):
            return ReadOnly(f"{name} is switched off: this server only reads.", advice=ASK_OPERATOR)
        near = nearest(name, self._offered)
        return NotFound(
            f"There is no tool {name}.",
            advice=f"Did you mean {near}?" if near else "See tools/list for the tools.",
        )


def error_behind(name: str, cause: BaseException | None) -> FaktooraError:
    """What went wrong, in our words; a defect of ours goes to the log, without its text."""
    match cause:
        case FaktooraError() as error:
            return error
        case ValidationError() as invalid:
            return InvalidInput(
                "The arguments do not fit; nothing was sent.", fields=faults(invalid), advice=CORRECT
            )
        case SettingsError() as unusable:
            return Unreachable(str(unusable), advice=REPAIR, sent=False, retryable=False)
        case _:
            frames = "".join(traceback.format_tb(cause.__traceback__)) if cause else ""
            logger.error("%s failed by %s\n%s", name, type(cause).__name__, frames)
            return Internal("This server failed; that is a defect of it.", advice=REPORT)


def protocol_error(error: FaktooraError, **data: str) -> MCPError:
    code = INVALID_PARAMS if isinstance(error, Correctable) else INTERNAL_ERROR
    return MCPError(code, told(error), data | {"code": error.code})


def told(error: FaktooraError) -> str:
    return bounded(f"{error.sentence} {error.advice}", ERROR_CHARS)


def _text(answer: Json) -> TextContent:
    return TextContent(type="text", text=to_json(answer).decode())
