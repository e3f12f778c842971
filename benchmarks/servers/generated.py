"""What FastMCP makes of an OpenAPI document, without a line of code; runs in an environment that has it."""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

import httpx2


def main(document: Path) -> None:
    api = httpx2.AsyncClient(
        base_url=os.environ["FAKTOORA_BASE_URL"], headers={"X-API-KEY": os.environ["FAKTOORA_API_KEY"]}
    )
    fastmcp = import_module("fastmcp")  # no requirement of ours: where pyright looks, it is not
    server = fastmcp.FastMCP.from_openapi(
        json.loads(document.read_text("utf-8")), client=api, name="customers"
    )
    server.run(show_banner=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
