"""Callers with an access token of an issuer (RFC 9068), who act for the firm that the token names."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import jwt
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse

from .access import BY_BEARER, Denied, bearer, narrowed
from .callers import Caller
from .firms import KeyMap
from .jwks import IssuerUnavailable, Jwks

READ, WRITE = "customers:read", "customers:write"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key only: with others anybody who knows the public key could forge tokens."""
REQUIRED = ("exp", "iss", "aud", "sub")
LEEWAY_S = 30
WELL_KNOWN = "/.well-known/oauth-protected-resource"
SIGN_IN = "Sign in with your firm's identity provider: an access token is needed."
INVALID = "The access token is not valid here, or no longer."
NO_SCOPE = f"The access token lacks the scope {READ}."
NO_FIRM = "The access token names no firm that this server serves."
NO_KEY_NOW = "The faktoora key of your firm cannot be read on this server; tell its operator."
NO_ISSUER = "The issuer of tokens does not answer; try again."


@dataclass(frozen=True, slots=True)
class Resource:
    """What tokens are for: this server, by its public address, and the issuer that gives them out."""

    url: str
    path: str
    issuer: str
    audience: str
    scopes: tuple[str, ...] = (READ, WRITE)
    """What clients ask for that are told where to sign in: they ask for nothing more by themselves."""

    @property
    def metadata_url(self) -> str:
        return f"{self.url}{WELL_KNOWN}{self.path}"

    async def metadata(self, _: Request) -> JSONResponse:
        """Protected resource metadata, RFC 9728."""
        return JSONResponse(
            {
                "resource": f"{self.url}{self.path}",
                "authorization_servers": [self.issuer],
                "scopes_supported": [*self.scopes],
                "bearer_methods_supported": ["header"],
                "resource_name": "faktoora customers",
            }
        )


class OAuth:
    """Finds the caller of a request by its token. A token narrows what is allowed, never widens it."""

    def __init__(self, resource: Resource, keys: Jwks, firms: KeyMap) -> None:
        self._resource, self._keys, self._firms = resource, keys, firms

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        token = bearer(headers)
        if not token:
            raise self._denied(BY_BEARER if headers.get("x-api-key") else SIGN_IN)
        claims = await self._claims(token)
        scopes = _scopes(claims)
        if READ not in scopes:
            raise self._denied(NO_SCOPE, HTTPStatus.FORBIDDEN, error="insufficient_scope")
        return self._of_firm(claims, read_only=WRITE not in scopes or narrowed(headers))

    def _of_firm(self, claims: Mapping[str, JsonValue], *, read_only: bool) -> Caller:
        firm = self._firms.firm(claims.get(self._firms.claim))
        if firm is None:
            raise Denied(HTTPStatus.FORBIDDEN, NO_FIRM)
        try:
            credentials = firm.credentials()
        except (OSError, ValueError):
            raise Denied(HTTPStatus.SERVICE_UNAVAILABLE, NO_KEY_NOW) from None
        return Caller(str(claims["sub"])[:100], credentials, firm.read_only or read_only)

    async def _claims(self, token: str) -> dict[str, JsonValue]:
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid")
            key = (
                await self._keys.key(key_id) if algorithm in ALGORITHMS and isinstance(key_id, str) else None
            )
            if key is None or key.algorithm_name != algorithm:
                raise self._denied(INVALID, error="invalid_token")
            return self._decoded(token, key)
        except jwt.PyJWTError:
            raise self._denied(INVALID, error="invalid_token") from None
        except IssuerUnavailable:
            raise Denied(HTTPStatus.SERVICE_UNAVAILABLE, NO_ISSUER, {"Retry-After": "30"}) from None

    def _decoded(self, token: str, key: jwt.PyJWK) -> dict[str, JsonValue]:
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self._resource.audience,
            issuer=self._resource.issuer,
            leeway=LEEWAY_S,
            options={"require": [*REQUIRED]},
        )
        return cast("dict[str, JsonValue]", claims)

    def _denied(
        self, reason: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED, *, error: str | None = None
    ) -> Denied:
        scope = " ".join(self._resource.scopes)
        parts = [f'resource_metadata="{self._resource.metadata_url}"', f'scope="{scope}"']
        named = [f'error="{error}"'] if error else []
        return Denied(status, reason, {"WWW-Authenticate": f"Bearer {', '.join([*named, *parts])}"})


def _scopes(claims: Mapping[str, JsonValue]) -> set[str]:
    """The scopes of a token: `scope` as text, or `scp` as text or list."""
    given = claims.get("scope") or claims.get("scp")
    if isinstance(given, list):
        return {item for item in given if isinstance(item, str)}
    return set(given.split()) if isinstance(given, str) else set()
