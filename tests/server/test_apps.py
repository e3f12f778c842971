import os
import re
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import get_args

import pytest
from mcp import Client
from mcp.client.extension import ClientExtension, advertise
from mcp.types import TextResourceContents, Tool
from pydantic import BaseModel

from faktoora_mcp.api.models import API_OWNED, Contact, DeliveryAddress, NewCustomer, SortField
from faktoora_mcp.server.app import create_server
from faktoora_mcp.server.apps import HTML, TOOLS, URI
from faktoora_mcp.settings import Settings
from tests.agents import ERAS, Agent

MIME_TYPE = "text/html;profile=mcp-app"
APPS = advertise("io.modelcontextprotocol/ui", {"mimeTypes": [MIME_TYPE]})
NO_PAGES = advertise("io.modelcontextprotocol/ui", {"mimeTypes": ["text/plain"]})
UPDATE = "SNAPSHOTS" in os.environ

pytestmark = pytest.mark.anyio


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def host(era: str, *extensions: ClientExtension) -> AsyncGenerator[Client]:
    """A host that declares these extensions, at a server with the sandbox's customers."""
    server = create_server(Settings(sandbox=True))
    async with Client(server, mode=era, extensions=extensions) as client:
        yield client


async def listed(era: str, *extensions: ClientExtension) -> list[Tool]:
    async with host(era, *extensions) as client:
        return (await client.list_tools()).tools


def page() -> str:
    return HTML.read_text("utf-8")


def inline(tag: str) -> str:
    """The content of the only element with this name."""
    (text,) = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", page(), re.DOTALL)
    return text


async def test_a_host_with_apps_learns_which_tools_have_the_page(era: str) -> None:
    metas = {tool.name: tool.meta for tool in await listed(era, APPS)}
    assert {name: meta for name, meta in metas.items() if meta} == {
        name: {"ui": {"resourceUri": URI}} for name in TOOLS
    }


@pytest.mark.parametrize(("extensions", "found"), [((), False), ((NO_PAGES,), False), ((APPS,), True)])
async def test_only_a_host_that_can_show_the_page_finds_it_among_the_resources(
    era: str, extensions: tuple[ClientExtension, ...], *, found: bool
) -> None:
    async with host(era, *extensions) as client:
        resources = (await client.list_resources()).resources
    assert (URI in [resource.uri for resource in resources]) is found


@pytest.mark.parametrize("extensions", [(), (NO_PAGES,)], ids=["without apps", "without pages"])
async def test_for_other_hosts_the_list_has_no_additional_bytes(
    era: str, extensions: tuple[ClientExtension, ...]
) -> None:
    bare = [tool.model_copy(update={"meta": None}) for tool in await listed(era, APPS)]
    assert await listed(era, *extensions) == bare


async def test_the_page_adds_less_than_seventy_bytes_for_each_tool() -> None:
    sizes = [
        sum(len(tool.model_dump_json(by_alias=True, exclude_none=True)) for tool in tools)
        for tools in (await listed("auto"), await listed("auto", APPS))
    ]
    assert 0 < sizes[1] - sizes[0] < 70 * len(TOOLS)


async def test_the_page_is_served_unchanged_and_may_connect_to_no_domain(era: str) -> None:
    async with host(era, APPS) as client:
        (content,) = (await client.read_resource(URI)).contents
    nowhere = {f"{kind}Domains": list[str]() for kind in ("connect", "resource", "frame", "baseUri")}
    assert content == TextResourceContents(
        uri=URI, mime_type=MIME_TYPE, text=page(), _meta={"ui": {"csp": nowhere, "prefersBorder": True}}
    )


async def test_a_host_with_apps_gets_the_same_answers_as_others(era: str) -> None:
    async def answers(*extensions: ClientExtension) -> list[object]:
        async with host(era, *extensions) as client:
            table = await Agent(client).call("list_customers", per_page=3)
            return [table, await Agent(client).call("query_customers", group_by="country", limit=0)]

    assert await answers(APPS) == await answers()


def test_the_page_contains_no_address_and_never_inserts_data_as_markup() -> None:
    addresses = r"://|\bsrc\b *=|\bhref\b|url\(|@import|fetch\(|XMLHttp"
    markup = r"HTML\b|document\.write|\beval\b|new Function"
    assert re.findall(f"{addresses}|{markup}", page()) == []


def test_the_policy_of_the_page_allows_only_its_own_script_and_style() -> None:
    script, style = (b64encode(sha256(inline(tag).encode()).digest()).decode() for tag in ("script", "style"))
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{script}'; style-src 'sha256-{style}'"
    )
    if UPDATE:
        HTML.write_text(re.sub(r'(?<=content=")default-src[^"]*', policy, page()), "utf-8")
    assert f'content="{policy}"' in page(), "run: SNAPSHOTS=update pytest tests/server/test_apps.py"


def test_the_protocol_takes_at_most_fifty_lines() -> None:
    protocol, _ = inline("script").split("// End of the protocol.")
    assert len(protocol.strip().splitlines()) <= 50


def test_the_page_stays_small() -> None:
    assert HTML.stat().st_size <= 26_000


def test_the_page_sorts_by_the_fields_that_list_customers_sorts_by() -> None:
    (names,) = re.findall(r"const SORTED_BY_LIST = \[(.*?)\];", page(), re.DOTALL)
    assert re.findall(r'"(\w+)"', names) == [*get_args(SortField)]


@pytest.mark.parametrize("model", [NewCustomer, Contact, DeliveryAddress])
def test_every_field_has_an_english_and_a_german_name(model: type[BaseModel]) -> None:
    (words,) = re.findall(r"const WORDS = \{(.*?)\n\};", page(), re.DOTALL)
    translated = re.findall(r'(\w+): \["[^"]+", "[^"]+"\]', words)
    assert {*model.model_fields, *API_OWNED} - {*translated} == set()
