"""The minimum cost of any server on the SDK: one tool that does nothing."""

from mcp.server import MCPServer


def create_server() -> MCPServer:
    server = MCPServer("floor")

    @server.tool()
    async def nothing() -> None:  # pyright: ignore[reportUnusedFunction] (the decorator registers it)
        """Do nothing."""

    return server


if __name__ == "__main__":
    create_server().run()
