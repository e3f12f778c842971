"""What the commands share that are MCP clients."""

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import anyio
from mcp.types import CallToolResult, TextContent

Result = TypeVar("Result")


def run_async(main: Callable[[], Awaitable[Result]]) -> Result:
    """The result of `main`, or its first error, without the groups that the SDK's tasks wrap around it."""
    try:
        return anyio.run(main)
    except BaseExceptionGroup as group:
        raise _first(group) from None


def text_of(result: CallToolResult) -> str:
    """The text that an agent reads."""
    return "".join(block.text for block in result.content if isinstance(block, TextContent))


def _first(error: BaseException) -> BaseException:
    within = cast("tuple[BaseException, ...]", getattr(error, "exceptions", ()))
    return _first(within[0]) if within else error
