"""What a client may know before it connects: a Server Card (SEP-2127), and a catalogue that leads to it."""

from collections.abc import Mapping

from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from starlette.requests import Request
from starlette.responses import JSONResponse

from faktoora_mcp import __version__

from .settings import RemoteSettings

NAME = "io.github.faktoora-mcp/faktoora-mcp"
HOME = "https://github.com/faktoora-mcp/faktoora-mcp"
DESCRIPTION = "Look up and manage faktoora e-invoicing customers, with few tokens."
SCHEMA = "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json"
CARD, CATALOGUE = "application/mcp-server-card+json", "application/ai-catalog+json"
CATALOGUE_PATH = "/.well-known/ai-catalog.json"
IDENTIFIER = "urn:air:faktoora-mcp.github.io:faktoora-mcp"
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Allow-Headers": "Content-Type",
    "Cache-Control": "public, max-age=3600",
}
"""Pages of any origin may read both documents: there is nothing in them that is not public."""
SECRET: Mapping[str, object] = {"isRequired": True, "isSecret": True}
SENT: dict[str, list[Mapping[str, object]]] = {
    "passthrough": [
        {"name": "X-API-KEY", "description": "The faktoora API key of your firm.", **SECRET},
        {"name": "X-Account-Id", "description": "The id of the account, where the key is good for several."},
    ],
    "shared": [
        {
            "name": "Authorization",
            "value": "Bearer {token}",
            "variables": {"token": {"description": "The access token that you were given.", **SECRET}},
            **SECRET,
        }
    ],
    "oauth": [],
}
"""The headers that a client sends, by --auth; with oauth it learns from a 401 where to sign in."""


class Card:
    """`title` is what the server calls itself. Its address is --public-url, else the one it was asked at."""

    def __init__(self, title: str, remote: RemoteSettings) -> None:
        self._title, self._remote = title, remote

    async def card(self, request: Request) -> JSONResponse:
        """The route <endpoint>/server-card."""
        content = {
            "$schema": SCHEMA,
            "name": NAME,
            "title": self._title,
            "description": DESCRIPTION,
            "version": __version__,
            "websiteUrl": HOME,
            "repository": {"source": "github", "url": HOME},
            "remotes": [self._endpoint(request)],
        }
        return JSONResponse(content, headers=HEADERS, media_type=CARD)

    async def catalogue(self, request: Request) -> JSONResponse:
        """The route /.well-known/ai-catalog.json."""
        entry = {
            "identifier": IDENTIFIER,
            "displayName": self._title,
            "type": CARD,
            "url": f"{self._url(request)}/server-card",
        }
        return JSONResponse({"specVersion": "0.9", "entries": [entry]}, headers=HEADERS, media_type=CATALOGUE)

    def _endpoint(self, request: Request) -> Mapping[str, object]:
        return {
            "type": "streamable-http",
            "url": self._url(request),
            "supportedProtocolVersions": [HANDSHAKE_PROTOCOL_VERSIONS[-1], *MODERN_PROTOCOL_VERSIONS],
            "headers": SENT[self._remote.auth],
        }

    def _url(self, request: Request) -> str:
        return f"{(self._remote.public_url or str(request.base_url)).rstrip('/')}{self._remote.path}"
