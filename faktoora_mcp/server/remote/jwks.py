"""The public keys of an issuer of tokens, read from it and kept; made-up key ids cost no requests."""

import logging
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

import anyio
import httpx
import jwt
from pydantic import JsonValue

logger = logging.getLogger(__name__)
METADATA = ("oauth-authorization-server", "openid-configuration")
READ_S = 5.0
KEPT_S = 3600.0
"""Keys are read again after so long."""
PAUSE_S = 30.0
"""Within so long after a reading no unknown key id leads to another."""
MOST_BYTES = 200_000


class IssuerUnavailable(Exception):
    """The issuer's keys cannot be read, so nothing can be checked."""


class Jwks:
    """Keys of one issuer by their id. `http` is used for nothing else and carries no credentials."""

    def __init__(self, issuer: str, http: httpx.AsyncClient) -> None:
        self._issuer, self._http = issuer, http
        self._keys: dict[str, jwt.PyJWK] = {}
        self._lock, self._read_at = anyio.Lock(), float("-inf")

    async def key(self, key_id: str) -> jwt.PyJWK | None:
        """The key of this id, None where the issuer has none. IssuerUnavailable where that cannot be read."""
        age_s = anyio.current_time() - self._read_at
        if age_s > KEPT_S or (key_id not in self._keys and age_s > PAUSE_S):
            await self._renew(age_s)
        return self._keys.get(key_id)

    async def _renew(self, age_s: float) -> None:
        async with self._lock:
            if anyio.current_time() - self._read_at < age_s:
                return
            self._read_at = anyio.current_time()
            try:
                self._keys = await self._read()
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as exc:
                logger.warning("the keys of the issuer cannot be read: %s", type(exc).__name__)
                if not self._keys:
                    raise IssuerUnavailable from None

    async def _read(self) -> dict[str, jwt.PyJWK]:
        document = await self._json(await self._address())
        found = jwt.PyJWKSet.from_dict(document).keys
        return {key.key_id: key for key in found if key.key_id}

    async def _address(self) -> str:
        for url in _metadata_urls(self._issuer):
            answer = await self._http.get(url, timeout=READ_S)
            if answer.is_success:
                return _safe(str(answer.json()["jwks_uri"]))
        raise ValueError("no metadata")

    async def _json(self, url: str) -> dict[str, JsonValue]:
        answer = await self._http.get(url, timeout=READ_S)
        answer.raise_for_status()
        if len(answer.content) > MOST_BYTES:
            raise ValueError("too large")
        return cast("dict[str, JsonValue]", answer.json())


def _metadata_urls(issuer: str) -> Iterator[str]:
    """Where RFC 8414 puts the metadata of an issuer, and where OpenID Connect does."""
    parts = urlsplit(issuer)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    for name in METADATA:
        yield f"{origin}/.well-known/{name}{path}"
        if path:
            yield f"{origin}{path}/.well-known/{name}"


def _safe(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    ):
        return url
    raise ValueError("not https")
