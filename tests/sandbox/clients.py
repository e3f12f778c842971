"""An HTTP client of a sandbox in this process."""

import httpx
from starlette.types import ASGIApp


def client(app: ASGIApp) -> httpx.AsyncClient:
    headers = {"X-API-KEY": "any"}
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://sandbox/api/v1", headers=headers, timeout=60
    )
