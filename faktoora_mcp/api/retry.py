"""Whether a request is sent again, and how long to wait: ours, for no library knows what a POST may do."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from faktoora_mcp.errors import Fault, RateLimited, Unreachable, UpstreamError

ATTEMPTS = 5
FIRST_PAUSE_S = 0.2
PASSING = (RateLimited, UpstreamError, Unreachable)
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Connection refused, DNS, TLS, no way through the proxy, none in time: the API has surely not seen it."""


def never_left(exc: httpx.TransportError) -> bool:
    return isinstance(exc, NEVER_LEFT)


def pause_s(fault: Fault, attempt: int, *, repeatable: bool) -> float | None:
    """Seconds to wait before attempt + 1 (they count from 1), or None if the fault is to be reported.

    `repeatable`: the request may be sent again although an earlier attempt may have been carried out.
    """
    passing = isinstance(fault, PASSING) and fault.retryable
    if attempt >= ATTEMPTS or not passing or (fault.sent and not repeatable):
        return None
    return fault.retry_after_s or FIRST_PAUSE_S * 2 ** (attempt - 1)


def retry_after_s(header: str | None) -> float | None:
    """Seconds named by a Retry-After header, which holds a whole number or a date (RFC 9110 §10.2.3)."""
    if not header:
        return None
    return float(header) if re.fullmatch("[0-9]{1,9}", header) else _seconds_until(header)


def _seconds_until(date: str) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
