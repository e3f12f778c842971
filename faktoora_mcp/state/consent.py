"""A user's consent, sealed as it came with a request: good for one change.

The SDK accepts the same sealed text again until it expires, and shows tools only what was sealed.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from uuid import uuid4

import anyio

from faktoora_mcp.errors import NotConfirmed

from .state import State

CONSENT_S = 600.0
"""So long a sealed consent is good."""
CLOCKS_S = 120.0
"""So much longer a used one is remembered, as clocks of replicas differ."""


class Consent:
    """The consent that one request brings; all writes of the request use it once."""

    def __init__(self, sealed: str) -> None:
        self._name = sha256(sealed.encode("utf-8", "surrogatepass")).hexdigest()
        self._token, self._is_used, self._lock = uuid4().hex, False, anyio.Lock()

    async def check_unused(self, state: State) -> None:
        """NotConfirmed where it was used before."""
        if await state.is_used(self._name):
            raise _used()

    async def use(self, state: State) -> None:
        """Right before the first write of the request. NotConfirmed where another request has used it."""
        async with self._lock:
            if not self._is_used and not await state.use(self._name, self._token, CONSENT_S + CLOCKS_S):
                raise _used()
            self._is_used = True


_consent: ContextVar[Consent | None] = ContextVar("consent", default=None)


@contextmanager
def bringing(sealed: object) -> Generator[None]:
    """While a request is handled that brings a sealed consent, or none."""
    token = _consent.set(Consent(sealed) if isinstance(sealed, str) else None)
    try:
        yield
    finally:
        _consent.reset(token)


def current_consent() -> Consent | None:
    return _consent.get()


def _used() -> NotConfirmed:
    return NotConfirmed(
        "This confirmation was already used: its change may have been made. Nothing was sent now.",
        advice="Look first; for another change ask the user again, by a new call.",
    )
