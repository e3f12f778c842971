"""What may be read about the server before anybody connects, without a key."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from faktoora_mcp import __version__
from tests.agents import ERAS
from tests.processes import LEGACY, MODERN
from tests.remote.serving import caller, served
from tests.scripted import Script, settings
from tests.test_registry import SERVER

pytestmark = pytest.mark.anyio
KEYED: list[dict[str, object]] = [
    {
        "name": "X-API-KEY",
        "description": "The faktoora API key of your firm.",
        "isRequired": True,
        "isSecret": True,
    },
    {"name": "X-Account-Id", "description": "The id of the account, where the key is good for several."},
]


async def fetched(url: str, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(headers=given) as client:
        return await client.get(url)


def card(url: str) -> dict[str, Any]:
    return {
        "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        "name": SERVER["name"],
        "title": "faktoora customers (SANDBOX)",
        "description": SERVER["description"],
        "version": __version__,
        "websiteUrl": SERVER["websiteUrl"],
        "repository": SERVER["repository"],
        "remotes": [
            {
                "type": "streamable-http",
                "url": url,
                "supportedProtocolVersions": [LEGACY, MODERN],
                "headers": KEYED,
            }
        ],
    }


async def test_the_card_says_what_the_registry_entry_says_and_where_to_connect() -> None:
    with served() as url:
        answer = await fetched(f"{url}/server-card")
    assert answer.json() == card(url)
    assert answer.headers["content-type"] == "application/mcp-server-card+json"


async def test_the_catalogue_leads_to_the_card() -> None:
    with served() as url:
        catalogue = await fetched(f"{url.removesuffix('/mcp')}/.well-known/ai-catalog.json")
        (entry,) = catalogue.json()["entries"]
        assert (await fetched(entry["url"])).json() == card(url)
    assert catalogue.headers["content-type"] == "application/ai-catalog+json"
    assert (catalogue.json()["specVersion"], entry["type"], entry["displayName"]) == (
        "0.9",
        "application/mcp-server-card+json",
        "faktoora customers (SANDBOX)",
    )


async def test_the_public_address_is_named_whatever_the_request_was_sent_to() -> None:
    with served(public_url="https://mcp.firm.example/", path="/customers") as url:
        found = (await fetched(f"{url}/server-card")).json()
    assert found["remotes"][0]["url"] == "https://mcp.firm.example/customers"


@pytest.mark.parametrize(("proxy", "scheme"), [("127.0.0.1", "https"), ("10.0.0.7", "http"), ("", "http")])
async def test_what_a_proxy_says_about_the_scheme_counts_from_a_trusted_one_only(
    proxy: str, scheme: str
) -> None:
    with served(trusted_proxy=proxy) as url:
        found = (await fetched(f"{url}/server-card", X_Forwarded_Proto="https")).json()
    assert found["remotes"][0]["url"] == url.replace("http", scheme, 1)


async def test_a_page_of_any_origin_may_read_it_and_keep_it_for_an_hour() -> None:
    with served() as url:
        answer = await fetched(f"{url}/server-card", Origin="https://client.example")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=3600"


async def test_a_wrong_host_gets_no_card_that_would_name_it() -> None:
    with served() as url:
        assert (await fetched(f"{url}/server-card", Host="evil.example")).status_code == 421


async def test_callers_with_access_tokens_are_told_to_send_one(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("")
    with served(settings(), Script(), auth="shared", access_token_file=tokens) as url:
        (header,) = (await fetched(f"{url}/server-card")).json()["remotes"][0]["headers"]
    assert (header["name"], header["value"]) == ("Authorization", "Bearer {token}")


@pytest.mark.parametrize("era", ERAS)
async def test_what_it_says_is_what_the_server_says_once_connected(era: str) -> None:
    with served() as url:
        found = (await fetched(f"{url}/server-card")).json()
        async with caller(era, url) as someone:
            info = someone.client.server_info
    assert info is not None
    assert (found["title"], found["version"]) == (info.title, info.version)
