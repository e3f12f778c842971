"""The API keys that GET /apikeys lists: the key of the request, and two that no longer work."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from .records import Json, Record, timestamp

EXPIRES_SOON_DAYS = 7
LIFETIME_DAYS = 365


def api_keys(key: str, days_left: int) -> list[Json]:
    """Each with its status and the first letters of the key. `key` expires in `days_left` days."""
    return [
        _api_key("Buchhaltung", key[: min(4, len(key) // 2)], days_left),
        _api_key("Altes ERP", "fk_a", -30),
        _api_key("Testzugang", "fk_t", 200) | {"status": "revoked"},
    ]


def _api_key(name: str, prefix: str, days_left: int) -> Record:
    expires = datetime.now(UTC) + timedelta(days=days_left)
    return {
        "id": str(uuid5(NAMESPACE_URL, f"faktoora-sandbox/apikey/{name}")),
        "name": name,
        "prefix": prefix,
        "status": _status(days_left),
        "createdAt": timestamp(expires - timedelta(days=LIFETIME_DAYS)),
        "expiresAt": timestamp(expires),
    }


def _status(days_left: int) -> str:
    if days_left <= 0:
        return "expired"
    return "expiring_soon" if days_left <= EXPIRES_SOON_DAYS else "active"
