"""The player that asks a model, with the server's tools and instructions."""

from datetime import date

import httpx2
from anthropic import AnthropicError, APIStatusError, AsyncAnthropic
from anthropic.types import (
    Message,
    MessageParam,
    TextBlockParam,
    ToolParam,
    ToolResultBlockParam,
    ToolUseBlock,
)

from .trial import PlayerError, Tokens, Work

MAX_REQUESTS = 12
"""Requests for one answer to the user; each may make several calls."""
MAX_TOKENS = 4096
TIMEOUT_S = 120.0


def api_for(key: str, transport: httpx2.AsyncBaseTransport | None = None) -> AsyncAnthropic:
    """The API's client, to be closed by the caller; `transport` replaces HTTP (for tests)."""
    http = httpx2.AsyncClient(transport=transport) if transport else None
    return AsyncAnthropic(api_key=key, timeout=TIMEOUT_S, http_client=http)


class Model:
    def __init__(self, api: AsyncAnthropic, model: str, work: Work, today: date) -> None:
        self.tokens = Tokens()
        self._api, self._model, self._work = api, model, work
        self._messages: list[MessageParam] = []
        self._system = _system(work.instructions, today)
        self._tools: list[ToolParam] = [
            {"name": tool.name, "description": tool.description or "", "input_schema": tool.input_schema}
            for tool in work.tools
        ]

    async def answer(self, says: str) -> str:
        self._messages.append({"role": "user", "content": says})
        for _ in range(MAX_REQUESTS):
            message = await self._ask()
            self._messages.append({"role": "assistant", "content": message.content})
            uses = [block for block in message.content if block.type == "tool_use"]
            if not uses:
                return "\n".join(block.text for block in message.content if block.type == "text")
            results = [await self._result(use) for use in uses]
            self._messages.append({"role": "user", "content": results})
        raise PlayerError(f"no answer after {MAX_REQUESTS} requests to the model")

    async def _ask(self) -> Message:
        try:
            message = await self._api.messages.create(
                model=self._model,
                max_tokens=MAX_TOKENS,
                system=self._system,
                tools=self._tools,
                messages=self._messages,
            )
        except AnthropicError as error:
            raise PlayerError(f"the model could not be asked: {_reason(error)}") from None
        self._count(message)
        if message.stop_reason not in {"end_turn", "tool_use"}:
            raise PlayerError(f"the model stopped early: {message.stop_reason}")
        return message

    async def _result(self, use: ToolUseBlock) -> ToolResultBlockParam:
        text, refused = await self._work.call(use.name, use.input)
        return {"type": "tool_result", "tool_use_id": use.id, "content": text, "is_error": refused}

    def _count(self, message: Message) -> None:
        used = message.usage
        self.tokens.input += used.input_tokens
        self.tokens.cacheRead += used.cache_read_input_tokens or 0
        self.tokens.cacheWritten += used.cache_creation_input_tokens or 0
        self.tokens.output += used.output_tokens


def _system(instructions: str, today: date) -> list[TextBlockParam]:
    """Marked for the cache, as hosts do: every request begins with the tools and the system prompt."""
    text = f"{instructions}\nToday's date is {today.isoformat()}."
    return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]


def _reason(error: AnthropicError) -> str:
    """Kind and status only: a message may repeat what was sent."""
    status = f", status {error.status_code}" if isinstance(error, APIStatusError) else ""
    return type(error).__name__ + status
