"""A sandbox in memory per test, and an HTTP client that calls it without a network."""

from collections.abc import AsyncGenerator, Generator

import httpx
import pytest
from starlette.applications import Starlette

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from tests.sandbox.clients import client


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def customers() -> int:
    """Number of customers in a new sandbox; a module may override it."""
    return 57


@pytest.fixture(params=[DOCUMENTED, CURRENT], ids=["documented", "current"])
def forms(request: pytest.FixtureRequest) -> Forms:
    """The forms of the API that the sandbox speaks: both dialects, unless a module or a test overrides it."""
    return request.param


@pytest.fixture
def app(customers: int, forms: Forms) -> Generator[Starlette]:
    app = create_app(customers=customers, forms=forms)
    yield app
    app.state.close()


@pytest.fixture
async def api(app: Starlette) -> AsyncGenerator[httpx.AsyncClient]:
    async with client(app) as api:
        yield api


@pytest.fixture
def acme() -> dict[str, object]:
    """The body of the specification's create example."""
    return {
        "isCompany": True,
        "name": "Acme GmbH",
        "address": "Musterstraße 1",
        "postcode": "10115",
        "city": "Berlin",
        "country": "DE",
        "email": "billing@acme.example.com",
        "vatId": "DE123456789",
        "extras": {},
    }
