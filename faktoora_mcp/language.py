"""The language for texts that people read: the operator's choice, else the system's, else English."""

import locale
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["de", "en"]
_SPOKEN: ContextVar[Language] = ContextVar("spoken", default="en")


def user_language(chosen: Language | None) -> Language:
    """German if it was chosen or if it is the system's language."""
    system = locale.getlocale()[0] or ""
    return chosen or ("de" if system.lower().startswith(("de", "german")) else "en")


def spoken() -> Language:
    """The language of the reader; English unless a person reads. Agents and programs read English."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: Language) -> Generator[None]:
    """Within this, texts are for a reader of the language."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)
