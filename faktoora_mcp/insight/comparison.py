"""How the values of a field compare: words, codes and ids each in their own way, moments as moments."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from faktoora_mcp.rules.identity_fields import IDS

from .normalization import cased, compact, folded

CODES = frozenset(("customerId", "postcode", "country"))
NUMBERS = frozenset((*IDS, "routeId", "phoneNo", "faxNo", "customerContacts.phoneNo")) - CODES
EXACT = frozenset(("category",))
"""What the API filters by to the letter: we must not find more than it would."""
_LEFT_OUT = re.compile("^ISO6523ACTORIDUPIS|(?<=^CHE[0-9]{9})(MWST|TVA|IVA)$")


def reading(path: str, *, part: bool) -> Callable[[str], str]:
    """What a text is compared by, as a whole or by a part of it.

    Ids: without blanks and punctuation, as a whole also without what may be left out of them. Words: without
    case and extra blanks; their parts also without accents and umlauts (`Muenchen` finds `München`). A
    category as a whole: to the letter.
    """
    if path in NUMBERS:
        return compact if part else _bare
    if path in EXACT and not part:
        return str
    return folded if part and path not in CODES else cased


def moment(text: str) -> datetime | None:
    """When an ISO date (its first moment) or date-time is, in UTC unless it says otherwise."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def last_moment(text: str) -> datetime | None:
    """The same, but of a date its last moment."""
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time.max, UTC)
    except ValueError:
        return moment(text)


def _bare(text: str) -> str:
    return _LEFT_OUT.sub("", compact(text))
