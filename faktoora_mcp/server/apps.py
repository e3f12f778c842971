"""The page `view.html`, in which hosts with MCP Apps show the answers of some tools."""

from pathlib import Path
from typing import Any

from mcp.server import MCPServer, ServerRequestContext
from mcp.server import Server as LowLevelServer
from mcp.server.apps import APP_MIME_TYPE, Apps, ResourceCsp, client_supports_apps
from mcp.server.mcpserver.resources import FileResource
from mcp.types import ListResourcesResult, ListToolsResult, PaginatedRequestParams, Tool

URI = "ui://faktoora/customers.html"
HTML = Path(__file__).with_name("view.html")
TOOLS = frozenset({"list_customers", "get_customer", "query_customers"})
NO_DOMAINS = ResourceCsp(connect_domains=[], resource_domains=[], frame_domains=[], base_uri_domains=[])


def extension() -> Apps:
    """The MCP Apps capability with the page as a resource, read from disk when a host asks for it."""
    apps = Apps()
    ui = {"csp": NO_DOMAINS.model_dump(by_alias=True), "prefersBorder": True}
    page = FileResource(
        uri=URI, name="customers", title="Customers", mime_type=APP_MIME_TYPE, meta={"ui": ui}, path=HTML
    )
    apps.add_resource(page)
    return apps


def publish(server: MCPServer[Any], lowlevel: LowLevelServer[Any]) -> None:
    """Name the page in lists only for hosts that can show it, so that others do not pay for it.

    Hosts may share a cached list. A host that gets the list meant for another kind still uses all tools.
    """

    async def list_tools(ctx: ServerRequestContext[Any], _: PaginatedRequestParams) -> ListToolsResult:
        tools = await server.list_tools()
        return ListToolsResult(tools=[*map(_with_page, tools)] if client_supports_apps(ctx) else tools)

    async def list_resources(
        ctx: ServerRequestContext[Any], _: PaginatedRequestParams
    ) -> ListResourcesResult:
        resources = await server.list_resources()
        supported = [item for item in resources if item.uri != URI or client_supports_apps(ctx)]
        return ListResourcesResult(resources=supported)

    lowlevel.add_request_handler("tools/list", PaginatedRequestParams, list_tools)
    lowlevel.add_request_handler("resources/list", PaginatedRequestParams, list_resources)


def _with_page(tool: Tool) -> Tool:
    meta = {"ui": {"resourceUri": URI}}
    return tool.model_copy(update={"meta": meta}) if tool.name in TOOLS else tool
