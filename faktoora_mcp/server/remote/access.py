"""Whose key a request over HTTP brings: the caller's own, or the server's for callers with a token."""

import hmac
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from faktoora_mcp.api.pool import Credentials
from faktoora_mcp.settings import Settings, SettingsError, usable_id, usable_key

from .callers import Caller

MISSING_KEY = "Send the faktoora API key of your firm as X-API-KEY, or as Authorization: Bearer."
NO_KEY = "This is no faktoora API key."
NOTHING_SENT = "Send the access token that you were given as Authorization: Bearer."
NOT_KNOWN = "This access token is not valid here; ask the operator of this server for one."
NOT_A_KEY = "This is an access token; this server asks for the faktoora API key of your firm."
BY_BEARER = "This server asks for an access token as Authorization: Bearer, not for a faktoora API key."
TWO_KEYS = "Two different keys were sent; send one, as X-API-KEY or as Authorization: Bearer."
TWICE = "The header {} was sent more than once."
NO_ACCOUNT = "X-Account-Id is no account's id."
JWT = re.compile(r"eyJ[\w-]*\.[\w-]*\.[\w-]*\Z")
"""A token of an issuer is not passed on to faktoora."""
READ_ONLY = "x-faktoora-readonly"
DECIDING = frozenset(
    {b"host", b"origin", b"authorization", b"x-api-key", b"x-account-id", READ_ONLY.encode()}
)


class Denied(Exception):
    """Why a request is refused: the HTTP status, a sentence for people, and headers of the answer."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, reason)
        self.status, self.reason, self.headers = status, reason, headers or {}

    def answer(self) -> JSONResponse:
        body = {"error": {"code": HTTPStatus(self.status).phrase, "message": self.reason}}
        return JSONResponse(body, self.status, dict(self.headers))


class Access(Protocol):
    """Finds the caller of a request by its headers, or raises Denied."""

    async def caller(self, headers: Mapping[str, str]) -> Caller: ...


def check_unambiguous(headers: Headers) -> None:
    """Denied where a header that decides comes twice: a proxy may go by one of them, and we by the other."""
    sent = [name for name, _ in headers.raw if name in DECIDING]
    if len(sent) > len({*sent}):
        repeated = next(name for name in sent if sent.count(name) > 1)
        raise Denied(HTTPStatus.BAD_REQUEST, TWICE.format(repeated.decode()))


def unauthorized(reason: str) -> Denied:
    return Denied(401, reason, {"WWW-Authenticate": "Bearer"})


def bearer(headers: Mapping[str, str]) -> str:
    """The token of `Authorization: Bearer …`, or an empty text."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else ""


def narrowed(headers: Mapping[str, str]) -> bool:
    """Whether the request asks for reading only; it can narrow what is allowed, never widen it."""
    return headers.get(READ_ONLY, "").strip().casefold() in ("1", "true", "yes")


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Passthrough:
    """The caller's own key, used for this request alone."""

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        own, token = headers.get("x-api-key", "").strip(), bearer(headers)
        key = own or token
        if not key:
            raise unauthorized(MISSING_KEY)
        if own and token and own != token:
            raise Denied(HTTPStatus.BAD_REQUEST, TWO_KEYS)
        if JWT.match(key):
            raise unauthorized(NOT_A_KEY)
        account = headers.get("x-account-id")
        credentials = Credentials(
            _checked(usable_key, key, NO_KEY),
            _checked(usable_id, account, NO_ACCOUNT) if account else None,
            claimed=True,
        )
        return Caller(f"key {digest(key)[:8]}", credentials, narrowed(headers))


def _checked(check: Callable[[str], str], text: str, reason: str) -> str:
    try:
        return check(text)
    except ValueError:
        raise unauthorized(reason) from None


class SharedKey:
    """The server's key, for callers with an access token from a file of `name:sha256:HEX` lines."""

    def __init__(self, settings: Settings, tokens: Path) -> None:
        self._credentials, self._path = Credentials.of(settings), tokens
        self._read_at, self._digests = -1, dict[str, str]()
        self._reread()

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        token = bearer(headers)
        if not token:
            raise unauthorized(BY_BEARER if headers.get("x-api-key") else NOTHING_SENT)
        self._reread()
        given = digest(token)
        names = [name for name, known in self._digests.items() if hmac.compare_digest(known, given)]
        if not names:
            raise unauthorized(NOT_KNOWN)
        return Caller(names[0], self._credentials, narrowed(headers))

    def _reread(self) -> None:
        """Read the file again when it has changed, so that a token is revoked without a restart."""
        try:
            changed_at = self._path.stat().st_mtime_ns
            if changed_at != self._read_at:
                self._digests = _digests(self._path.read_text("utf-8"))
                self._read_at = changed_at
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"FAKTOORA_ACCESS_TOKEN_FILE: {self._path} cannot be read.") from None


def _digests(text: str) -> dict[str, str]:
    """Digests by caller's name. SettingsError for a line of another form."""
    found: dict[str, str] = {}
    for place, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, kind, value = ([*line.strip().rsplit(":", 2), "", ""])[:3]
        if kind != "sha256" or len(value) != 64 or not name:  # noqa: PLR2004 (hexadecimal digits of SHA-256)
            raise SettingsError(f"FAKTOORA_ACCESS_TOKEN_FILE: line {place} is not NAME:sha256:HEX.")
        found[name] = value.casefold()
    return found
