"""A client as claude.ai has it: it knows an address, is told where to sign in, and calls with a token."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from faktoora_mcp.settings import Settings
from tests.agents import ERAS, Agent
from tests.remote.issuer import issuing
from tests.remote.serving import served

pytestmark = pytest.mark.anyio
FIRMS = {"claim": "org", "firms": {"firm-a": {"api_key": "faktoora-key-of-a"}}}
NEW = {"isCompany": True, "name": "Probe GmbH", "address": "Weg 1", "postcode": "20457", "city": "Hamburg"}


class Memory(TokenStorage):
    """What a client keeps of its sign-in."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Browser:
    """A user who agrees to what the issuer asks."""

    def __init__(self) -> None:
        self._arrived = httpx2.URL("")

    async def open(self, url: str) -> None:
        async with httpx2.AsyncClient() as http:
            self._arrived = httpx2.URL((await http.get(url)).headers["Location"])

    async def code(self) -> AuthorizationCodeResult:
        params = self._arrived.params
        return AuthorizationCodeResult(code=params["code"], state=params["state"])


def signing_in(url: str, storage: Memory) -> OAuthClientProvider:
    browser = Browser()
    about = OAuthClientMetadata(
        client_name="test", redirect_uris=[AnyUrl("http://localhost:9/back")],
        grant_types=["authorization_code"], response_types=["code"], token_endpoint_auth_method="none",
    )  # fmt: skip
    return OAuthClientProvider(url, about, storage, browser.open, browser.code)


@asynccontextmanager
async def office(era: str, folder: Path, storage: Memory, settings: Settings) -> AsyncGenerator[Agent]:
    """An agent whose user signs in at the issuer of a server's choice."""
    (folder / "firms.json").write_text(json.dumps(FIRMS))
    with issuing() as issuer:
        options: dict[str, object] = {
            "auth": "oauth",
            "oauth_issuer": issuer.url,
            "oauth_audience": "{here}/mcp",
            "public_url": "{here}",
            "key_map": folder / "firms.json",
        }
        with served(settings, None, **options) as url:
            async with (
                httpx2.AsyncClient(auth=signing_in(url, storage)) as http,
                Client(streamable_http_client(url, http_client=http), mode=era) as client,
            ):
                yield Agent(client)
        assert issuer.asked.count("/keys") == 1


@pytest.mark.parametrize("era", ERAS)
async def test_it_registers_signs_in_and_works_for_its_firm(tmp_path: Path, era: str) -> None:
    storage = Memory()
    async with office(era, tmp_path, storage, Settings(sandbox=True)) as agent:
        await agent.call("create_customer", customer=NEW)
        found = await agent.call("list_customers", keywords=["Probe GmbH"])
    assert len(found["rows"]) == 1
    assert storage.client is not None


@pytest.mark.parametrize(
    ("read_only", "scope"), [(False, "customers:read customers:write"), (True, "customers:read")]
)
async def test_it_asks_for_what_the_server_allows(tmp_path: Path, read_only: bool, scope: str) -> None:  # noqa: FBT001
    storage = Memory()
    async with office("auto", tmp_path, storage, Settings(sandbox=True, read_only=read_only)) as agent:
        await agent.call("list_customers")
    assert storage.tokens is not None
    assert storage.tokens.scope == scope
