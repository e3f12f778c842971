"""The minimum cost of any API call: httpx without MCP, which gets its requests over pipes."""

import asyncio
import json
import os
import sys
from functools import partial

import httpx

from benchmarks.batches import spread


async def main() -> None:
    headers = {"X-API-KEY": os.environ["FAKTOORA_API_KEY"]}
    async with httpx.AsyncClient(base_url=os.environ["FAKTOORA_BASE_URL"], headers=headers) as api:
        for line in sys.stdin:  # between two batches there is nothing else to do
            message = json.loads(line)
            if "id" in message:
                result = await _answer(api, message["method"], message.get("params", {}))
                print(json.dumps({"id": message["id"], "result": result}), flush=True)  # noqa: T201 (its answer)


async def _answer(api: httpx.AsyncClient, method: str, params: dict[str, object]) -> object:
    if method != "batch":
        return {}
    request = partial(_request, api, str(params["path"]))
    return await spread(request, int(str(params["count"])), int(str(params["in_flight"])))


async def _request(api: httpx.AsyncClient, path: str) -> None:
    (await api.get(path)).raise_for_status().json()


if __name__ == "__main__":
    asyncio.run(main())
