"""Error answers of the API: every form of error body becomes one of our errors."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus

from pydantic import JsonValue

from faktoora_mcp.errors import (
    SAID,
    Conflict,
    FaktooraError,
    Forbidden,
    InputTooLarge,
    InvalidInput,
    NotFound,
    RateLimited,
    Timeout,
    Unauthorized,
    UpstreamError,
)
from faktoora_mcp.text import bounded, clean, masked

QUOTED_CHARS = 300
UNKNOWN_CUSTOMER = "E_CUSTOMER_RESOURCE_NOT_EXISTS"
MESSAGE_KEYS = ("message", "msg", "error", "detail", "errors", "title")
MESSAGE_DEPTH = 8
ERROR_BYTES = 100_000
"""A larger error is no sentence; reading it would take seconds."""
STACK_TRACE = re.compile(r"(?:\n[ \t]+at |Traceback \().*", re.DOTALL)
CHECK_ADDRESS = "Ask the operator to check FAKTOORA_BASE_URL."
CHECK_KEY = (
    "The key may be wrong, expired or revoked: ask the operator to check FAKTOORA_API_KEY. Keys are made in "
    "faktoora, under API Access in the profile menu."
)
NO_ROUTE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})


def error_of(
    status: int,
    body: bytes,
    *,
    key: str,
    unknown: NotFound | None = None,
    retry_after_s: float | None = None,
) -> FaktooraError:
    """The error for a status outside 2xx, without the API key; `unknown` is what a 404 means, if no fault."""
    parsed = _parsed(body)
    said = _said(parsed, key)
    if unknown and (status == HTTPStatus.NOT_FOUND or UNKNOWN_CUSTOMER in _codes(parsed)):
        return unknown
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _rate_limited(retry_after_s)
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return Timeout("The API gave up waiting for the request.", advice="Try again in a moment.")
    return _refusal(status, said) or _failure(status, said, retry_after_s)


def _refusal(status: int, said: str) -> FaktooraError | None:
    quoted = f": {SAID}" if said else "."
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return Unauthorized("The API does not accept the key.", advice=CHECK_KEY)
        case HTTPStatus.FORBIDDEN:
            return Forbidden(
                f"The API key may not do this{quoted}",
                said=said,
                advice="Ask the operator for a key with this right.",
            )
        case HTTPStatus.CONFLICT:
            return Conflict(
                f"The API refuses this{quoted}",
                said=said,
                advice="Read the customer again before you go on.",
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return InputTooLarge(
                f"The API refuses the size{quoted}", said=said, advice="Ask for less, or send less."
            )
        case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY:
            return InvalidInput(
                f"The API refuses the input{quoted}", said=said, advice="Correct it and call again."
            )
        case _:
            return None


def _failure(status: int, said: str, retry_after_s: float | None) -> UpstreamError:
    passing = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    quoted = f": {SAID}" if said else " without a reason."
    return UpstreamError(
        f"The API answered {status}{' with a redirect, which is not followed.' if redirect else quoted}",
        said=said,
        advice="Try again in a moment." if passing else CHECK_ADDRESS,
        lost=passing or redirect,
        settled=status == HTTPStatus.INTERNAL_SERVER_ERROR,
        retryable=passing,
        retry_after_s=retry_after_s,
    )


def _rate_limited(retry_after_s: float | None) -> RateLimited:
    wait = f"{retry_after_s:.0f} s" if retry_after_s else "a minute"
    return RateLimited(
        "The API takes no more requests for now.",
        advice=f"Wait {wait}, then try again.",
        retry_after_s=retry_after_s,
    )


def _parsed(body: bytes) -> JsonValue:
    try:
        return json.loads(body) if len(body) <= ERROR_BYTES else None
    except (ValueError, RecursionError):
        return None


def _said(parsed: JsonValue, key: str) -> str:
    texts = (STACK_TRACE.sub("", text).strip() for text in _messages(parsed))
    seen = clean("; ".join(dict.fromkeys(filter(None, texts))))
    return bounded(masked(seen, key), QUOTED_CHARS)


def _messages(node: JsonValue, depth: int = MESSAGE_DEPTH) -> Iterator[str]:
    """Texts under the usual keys: message, error, detail, errors[].message, detail[].msg and the like."""
    if isinstance(node, str) and "<" not in node:
        yield node
    elif isinstance(node, list) and depth:
        for item in node:
            yield from _messages(item, depth - 1)
    elif isinstance(node, dict) and depth:
        for key in MESSAGE_KEYS:
            yield from _messages(node.get(key), depth - 1)


def _codes(parsed: JsonValue) -> set[str]:
    errors = parsed.get("errors") if isinstance(parsed, dict) else None
    listed = errors if isinstance(errors, list) else [parsed]
    return {str(error.get("code")) for error in listed if isinstance(error, dict)}
