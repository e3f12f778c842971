"""Who makes a call: the operator of a local server, or the sender of a request over HTTP."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from faktoora_mcp.api.pool import Credentials
from faktoora_mcp.text import masked


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is what the audit log says; `read_only` narrows what the operator allows."""

    name: str
    credentials: Credentials
    read_only: bool = False


_caller: ContextVar[Caller] = ContextVar("caller")


@contextmanager
def calling(caller: Caller) -> Generator[None]:
    """While one request is handled, in this task and those that it starts."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def current_caller() -> Caller:
    """LookupError outside of a request over HTTP: no call is ever made in another name."""
    return _caller.get()


class WithoutKey(logging.Filter):
    """Masks the key of the caller in what is logged during it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if caller := _caller.get(None):
            record.msg, record.args = masked(record.getMessage(), caller.credentials.key), ()
        return True
