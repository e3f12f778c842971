"""The API keys of an account as GET /apikeys lists them, read tolerantly; and which of them is ours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Self

from pydantic import JsonValue

from faktoora_mcp.settings import PAGE_SIZE

from .records import rows_of, total_of

Expiry = Literal["expired", "soon", "later"]
SOON = timedelta(days=7)
VISIBLE_CHARS = 4
"""Fewer visible characters of a key do not identify it."""
ENDED = frozenset({"expired", "revoked"})
PREFIXES = ("prefix", "keyPrefix")
SUFFIXES = ("suffix", "keySuffix", "last4", "lastFour")
MASKED = ("maskedKey", "masked", "preview", "keyPreview", "hint", "key", "apiKey", "token", "value")
"""Names of fields that may show a part of a key; none is documented."""
MASK = re.compile(r"[*•●∙·]+|…|\.{3,}")
"""What stands for the hidden part of a key."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. `prefixes` and `suffixes` are what the API shows of it."""

    name: str | None
    status: str
    expires_at: datetime | None
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()

    @classmethod
    def read(cls, row: dict[str, JsonValue]) -> Self:
        """Whatever is missing or of another form counts as unknown."""
        status = re.sub(r"[\s-]+", "_", _text(row.get("status")).casefold())
        prefixes, suffixes = _visible(row)
        name = _text(row.get("name")) or _text(row.get("label"))
        return cls(name or None, status, _time(row.get("expiresAt")), prefixes, suffixes)

    def contradicts(self, key: str) -> bool:
        """The visible part is not that of the key."""
        return not (all(map(key.startswith, self.prefixes)) and all(map(key.endswith, self.suffixes)))

    def shows(self, key: str) -> bool:
        """Enough of it is visible, and all of that is the key's."""
        shown = max(map(len, (*self.prefixes, *self.suffixes)), default=0)
        return shown >= VISIBLE_CHARS and not self.contradicts(key)

    def expiry(self, now: datetime) -> Expiry | None:
        """None where the API does not say when it expires."""
        left = self.expires_at - now if self.expires_at else None
        if self.status == "expired" or (left is not None and left <= timedelta()):
            return "expired"
        if self.status == "expiring_soon" or (left is not None and left <= SOON):
            return "soon"
        return None if left is None else "later"


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The listed keys; `complete` is false where the API has more of them."""

    keys: tuple[ApiKey, ...]
    complete: bool

    @classmethod
    def read(cls, body: JsonValue, total_header: str | None = None) -> Self:
        """Read any list envelope; without a total, a full page may not be all. ValueError otherwise."""
        rows, total = rows_of(body), total_of(body, total_header)
        keys = tuple(ApiKey.read(row) for row in rows if isinstance(row, dict))
        every = len(rows) < PAGE_SIZE if total is None else len(rows) >= total
        return cls(keys, complete=every and len(keys) == len(rows))

    def current(self, key: str) -> ApiKey | None:
        """The entry of this key, which the API accepts; None where that is not certain.

        It is the only key that has not ended, or the only one whose visible part fits.
        """
        if not self.complete:
            return None
        usable = [one for one in self.keys if one.status not in ENDED]
        if len(usable) == 1 and not usable[0].contradicts(key):
            return usable[0]
        shown = [one for one in self.keys if one.shows(key)]
        return shown[0] if len(shown) == 1 else None


def _visible(row: dict[str, JsonValue]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Visible beginnings and ends, from fields of their own and from masked keys (fk_a••••1234)."""
    masked = [text for text in _texts(row, MASKED) if MASK.search(text)]
    prefixes = (MASK.split(text)[0] for text in (*_texts(row, PREFIXES), *masked))
    suffixes = (MASK.split(text)[-1] for text in (*_texts(row, SUFFIXES), *masked))
    return tuple(filter(None, prefixes)), tuple(filter(None, suffixes))


def _texts(row: dict[str, JsonValue], names: tuple[str, ...]) -> Iterator[str]:
    return (text for name in names if (text := _text(row.get(name))))


def _text(value: JsonValue) -> str:
    return value.strip() if isinstance(value, str) else ""


def _time(value: JsonValue) -> datetime | None:
    try:
        then = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return then.replace(tzinfo=then.tzinfo or UTC)
