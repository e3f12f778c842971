"""Results and errors become text here; calls of unknown tools or with unknown arguments are refused.

Apart from app.py because no start needs it.
"""

import logging
import math
import traceback
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import cast

import anyio
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult, TextContent
from pydantic import JsonValue, ValidationError
from pydantic_core import to_json

from faktoora_mcp.answers.customers import Answer
from faktoora_mcp.answers.failures import error_envelope, error_text
from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.errors import (
    Correctable,
    FaktooraError,
    Internal,
    InvalidInput,
    NotFound,
    ReadOnly,
    Timeout,
    Unreachable,
)
from faktoora_mcp.rules.findings import how_to_correct
from faktoora_mcp.rules.validation import nearest
from faktoora_mcp.settings import CALLS_IN_FLIGHT, CALLS_WAITING, SettingsError
from faktoora_mcp.text import masked_json

from .call_queue import CallQueue
from .definitions import definitions, is_read_only, is_selected, offered_tools
from .inputs import OVERSIZED, argument_paths, given_arguments, is_oversized, too_long
from .schemas import field_errors, refused_values, unknown_arguments
from .workspace import Workspace

logger = logging.getLogger(__name__)
MISFITS = "The arguments do not fit; nothing was sent."
CORRECT = "Correct these and call again."
UNUSED_KEY = (
    "A key is entered, but Mode is sandbox, so these customers are invented. Tell the user; for the firm's "
    "own customers: set Mode to live in the settings of the extension (elsewhere: start without the sandbox)."
)
"""What the first answer says where a key is given to a sandbox."""
ASK_OPERATOR = "Ask the operator; the user can make the change in faktoora itself."
REPAIR = "Ask the operator to correct it and to start the server again."
REPORT = "Check the data before you repeat a change, and tell the operator: the log shows where it failed."
Json = dict[str, JsonValue]


class Responses:
    """Renders results and errors as compact JSON, redacted as the settings say."""

    def __init__(self, workspace: Workspace) -> None:
        settings = workspace.settings
        self._workspace, self._settings = workspace, settings
        self._offered = {tool.name: tool for tool in offered_tools(settings)}
        self._hidden = redacted_fields(settings.hide_fields)
        self._queue = CallQueue(CALLS_IN_FLIGHT, CALLS_WAITING)
        account: Json = {"account": settings.account} if settings.account else {}
        self._changed_data = account | ({"sandbox": True} if settings.sandbox else {})
        unused = settings.sandbox and settings.key and not workspace.per_caller
        self._said_first: Json = {"notice": UNUSED_KEY} if unused else {}

    def accepted(self, name: str, arguments: Mapping[str, object]) -> dict[str, object]:
        """The arguments as the tool takes them.

        ReadOnly or NotFound for a tool that is not offered, InvalidInput for unknown arguments.
        """
        tool = self._offered.get(name)
        if tool is None or (self._workspace.read_only and not is_read_only(tool)):
            raise self._not_offered(name)
        if is_oversized(arguments):
            raise InvalidInput(OVERSIZED, advice=CORRECT)
        if long := too_long(arguments, tool.input_schema):
            raise InvalidInput(MISFITS, fields=long, advice=CORRECT)
        given = given_arguments(arguments, tool.input_schema)
        if unknown := unknown_arguments(given, argument_paths(tool.input_schema)):
            faults = unknown | refused_values(given)
            advice = how_to_correct(faults.values())
            raise InvalidInput("Unknown arguments; nothing was sent.", fields=faults, advice=advice)
        return given

    def rendering(self, tool: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[CallToolResult]]:
        """The tool with its answer rendered, so that the SDK has nothing to convert."""

        @wraps(tool)
        async def rendered(**arguments: object) -> CallToolResult:
            async with self._queue.turn(self._settings.call_s):
                with self._time_of_a_read(tool.__name__):
                    return self.result(tool.__name__, await tool(**arguments))

        return rendered

    @contextmanager
    def _time_of_a_read(self, name: str) -> Generator[None]:
        """Timeout where a tool that only reads takes longer than `call_s`; a write keeps its own time."""
        seconds = self._settings.call_s if is_read_only(definitions()[name]) else math.inf
        try:
            with anyio.fail_after(seconds):
                yield
        except TimeoutError:
            raise Timeout(f"No answer within {seconds:g} s.", advice="Ask for less, or try again.") from None

    def result(self, name: str, answer: Answer) -> CallToolResult:
        """Compact JSON, once as text and once structured."""
        content = self._completed(name, answer.as_json())
        return CallToolResult(content=[_text(content)], structured_content=content)

    def error(self, name: str, error: FaktooraError) -> CallToolResult:
        """The envelope of an error."""
        content = self._completed(name, error_envelope(error, self._hidden))
        return CallToolResult(content=[_text(content)], is_error=True)

    def _completed(self, name: str, content: Json) -> Json:
        """Without the key. The first answer says where it is not used, that to a change whose data it is."""
        content = self._said_first | cast("Json", masked_json(content, self._workspace.key))
        self._said_first = {}
        tool = definitions().get(name)
        return content if tool is None or is_read_only(tool) else content | self._changed_data

    def _not_offered(self, name: str) -> FaktooraError:
        if name in definitions() and self._workspace.read_only and is_selected(name, self._settings):
            return ReadOnly(f"{name} is disabled: only reading is allowed here.", advice=ASK_OPERATOR)
        near = nearest(name, self._offered)
        return NotFound(
            f"There is no tool {name}.",
            advice=f"Did you mean {near}?" if near else "See tools/list for the tools.",
        )


def as_faktoora_error(name: str, cause: BaseException | None) -> FaktooraError:
    """The error that the agent reads. A defect is logged without its text, which may hold a record."""
    match cause:
        case FaktooraError() as error:
            return error
        case ValidationError() as invalid:
            faults = field_errors(invalid)
            return InvalidInput(MISFITS, fields=faults, advice=how_to_correct(faults.values()))
        case SettingsError() as unusable:
            return Unreachable(str(unusable), advice=REPAIR, sent=False, retryable=False)
        case _:
            frames = "".join(traceback.format_tb(cause.__traceback__)) if cause else ""
            logger.error("%s failed by %s\n%s", name, type(cause).__name__, frames)
            return Internal("The server failed; this is a defect in the server.", advice=REPORT)


def protocol_error(error: FaktooraError, hidden: frozenset[str], **data: str) -> MCPError:
    code = INVALID_PARAMS if isinstance(error, Correctable) else INTERNAL_ERROR
    return MCPError(code, error_text(error, hidden), data | {"code": error.code})


def _text(content: Json) -> TextContent:
    return TextContent(type="text", text=to_json(content).decode())
