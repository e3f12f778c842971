"""The sandbox in any form of the API, as a transport that remembers the requests."""

import json
from pathlib import Path

import httpx

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from tests.faulty import Record
from tests.scripted import BASE, KEY, Script


class Sandbox(Script):
    """With a file for its customers it can be opened again in another form while a client is at work."""

    def __init__(self, customers: int = 57, forms: Forms = DOCUMENTED, db: Path | None = None) -> None:
        super().__init__()
        self._db = db
        self._app = create_app(db, customers=customers, forms=forms)
        self._api = httpx.ASGITransport(self._app)

    def reopen(self, forms: Forms) -> None:
        self._app.state.close()
        self._app = create_app(self._db, forms=forms)
        self._api = httpx.ASGITransport(self._app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return await self._api.handle_async_request(request)

    def bodies(self, method: str) -> list[Record]:
        """The JSON bodies of all requests with this method."""
        return [json.loads(request.content) for request in self.requests if request.method == method]

    async def add(self, customer: Record) -> Record:
        """A customer that another program creates."""
        async with httpx.AsyncClient(transport=self._api, base_url=BASE, headers={"X-API-KEY": KEY}) as api:
            return (await api.post("/customer", json=customer)).raise_for_status().json()

    async def aclose(self) -> None:
        self._app.state.close()
