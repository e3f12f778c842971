"""How many requests are handled at the same time, in all and with one key."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus

from .access import Denied
from .callers import Caller

RETRY_S = "2"
ALL_BUSY = "The server is handling as many requests as it may; try again."
KEY_BUSY = "This key has as many requests running as it may; try again."


class Calls:
    def __init__(self, most: int, most_per_key: int) -> None:
        self._most, self._most_per_key = most, most_per_key
        self._running = Counter[str]()

    def __len__(self) -> int:
        """How many keys have requests running: nothing is kept of the others."""
        return len(self._running)

    def total(self) -> int:
        """How many requests are handled now."""
        return self._running.total()

    @contextmanager
    def running(self, caller: Caller) -> Generator[None]:
        """Counts a request while it is handled. Denied where that are too many already."""
        name = caller.credentials.digest
        if self.total() >= self._most:
            raise Denied(HTTPStatus.SERVICE_UNAVAILABLE, ALL_BUSY, {"Retry-After": RETRY_S})
        if self._running[name] >= self._most_per_key:
            raise Denied(HTTPStatus.TOO_MANY_REQUESTS, KEY_BUSY, {"Retry-After": RETRY_S})
        self._running[name] += 1
        try:
            yield
        finally:
            self._running[name] -= 1
            if not self._running[name]:
                del self._running[name]
