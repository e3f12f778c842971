"""How conditions compare the values of a field: words, codes and numbers each differently, dates as dates."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from string import ascii_uppercase
from zoneinfo import ZoneInfo

from faktoora_mcp.rules.canonical import PHONES, canonical, compact
from faktoora_mcp.rules.identity_fields import IDS

from .normalization import cased, spelling
from .paths import leaf

CODES = frozenset(("customerId", "postcode", "country"))
NUMBERS = frozenset((*IDS, *PHONES, "customerContacts.phoneNo")) - CODES
WHOLE_KEYWORDS = ("customerId", "email", "postcode")
"""Whole values of these are searched for as they are, so they are compared without the case of ASCII only."""
EXACT = frozenset(("category",))
"""The API compares these exactly, so conditions must not find more."""
_ASCII_LOWER = {ord(letter): letter.lower() for letter in ascii_uppercase}


def reading(path: str, *, part: bool) -> Callable[[str], str]:
    """How to normalize a text before it is compared, as a whole or by a part of it.

    Numbers: without blanks and punctuation; whole ones in their canonical form. Words: without case and extra
    blanks; parts in any spelling (`Muenchen` and `Munchen` find `München`). A whole category: exactly.
    """
    if path in NUMBERS:
        return compact if part else lambda text: canonical(leaf(path), text)
    if path in EXACT and not part:
        return str
    if path in WHOLE_KEYWORDS and not part:
        return _without_ascii_case
    return spelling if part and path not in CODES else cased


def _without_ascii_case(text: str) -> str:
    return text.strip().translate(_ASCII_LOWER)


def moment(text: str) -> datetime | None:
    """The instant of an ISO date (its start) or date-time, in UTC by default; None for other text."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def limits(text: str) -> tuple[datetime, datetime] | None:
    """The first and the last instant of an ISO date in Germany, or twice that of a date-time."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        exact = moment(text)
        return exact and (exact, exact)
    return datetime.combine(day, time.min, _germany()), datetime.combine(day, time.max, _germany())


@cache
def _germany() -> ZoneInfo:
    """Read when it is first needed."""
    return ZoneInfo("Europe/Berlin")
