"""The API key, unknown routes, and bodies that are not JSON objects."""

import httpx
import pytest
from starlette.applications import Starlette

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.errors import (
    BodyTooLargeError,
    InvalidRequestError,
    MethodNotAllowedError,
    SandboxError,
    UnauthorizedError,
    UnknownRouteError,
)
from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from tests.sandbox.refusals import expected, messages, refusal

pytestmark = pytest.mark.anyio

PATHS = ["/api/v1/customers", "/api/v1/nothing", "/_sandbox/files", "/"]


def _client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sandbox")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"X-API-KEY": ""}, {"Authorization": "Bearer any"}])
async def test_without_a_key_every_path_answers_401(
    app: Starlette, forms: Forms, path: str, headers: dict[str, str]
) -> None:
    async with _client(app) as api:
        assert refusal(await api.get(path, headers=headers)) == expected(UnauthorizedError, forms)


async def test_only_the_configured_key_is_accepted(forms: Forms) -> None:
    app = create_app(customers=0, key="schlüssel", forms=forms)
    async with _client(app) as api:
        for wrong in (b"other", b"schl", b"schl\xfcssel", "schlüssel2".encode()):
            answer = await api.get("/api/v1/customers", headers=[(b"x-api-key", wrong)])
            assert refusal(answer) == expected(UnauthorizedError, forms)
        right = await api.get("/api/v1/customers", headers=[(b"X-Api-Key", "schlüssel".encode())])
        assert right.status_code == 200
    app.state.close()


@pytest.mark.parametrize("path", ["/nothing", "/customers/", "/customer", "/customers/x", "/../customers"])
async def test_a_path_the_specification_does_not_name_is_refused_as_json(
    api: httpx.AsyncClient, forms: Forms, path: str
) -> None:
    answer = await api.get(path)
    assert refusal(answer) in {expected(UnknownRouteError, forms), expected(MethodNotAllowedError, forms)}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/customers", {"GET", "HEAD"}),
        ("GET", "/customer", {"POST"}),
        ("PUT", "/customer/cust_abc123", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("GET", "/customers/import", {"POST"}),
    ],
)
async def test_a_wrong_method_is_answered_with_the_allowed_ones(
    api: httpx.AsyncClient, forms: Forms, method: str, path: str, allowed: set[str]
) -> None:
    answer = await api.request(method, path)
    assert refusal(answer) == expected(MethodNotAllowedError, forms)
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"nope", b"\xff\xfe", b'{"a": NaN}', b"[1, 2]", b'"text"', b"null"),
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b'{"extras": {"n": 1e999}}',
        b'{"extras": {"n": ' + b"9" * 5000 + b"}}",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/customer"), ("PATCH", "/customer/cust_abc123"), ("POST", "/customers/import")],
)
async def test_a_body_that_is_not_a_json_object_is_refused(
    api: httpx.AsyncClient, forms: Forms, method: str, path: str, content: bytes
) -> None:
    answer = await api.request(method, path, content=content)
    assert refusal(answer) == expected(InvalidRequestError, forms)
    assert "the body must be" in messages(answer)[0]


async def test_a_body_over_5_mb_is_too_large(api: httpx.AsyncClient, forms: Forms) -> None:
    content = b'{"note": "' + b"x" * (5 * 1024 * 1024) + b'"}'
    for path in ("/customer", "http://sandbox/_sandbox/files"):
        assert refusal(await api.post(path, content=content)) == expected(BodyTooLargeError, forms)


@pytest.mark.parametrize("params", [{}, {"value": ""}, {"value": ["1", "2"]}, {"number": "1"}])
async def test_verify_needs_exactly_one_value(
    api: httpx.AsyncClient, forms: Forms, params: dict[str, str | list[str]]
) -> None:
    assert refusal(await api.get("/customer/verify-customer-number", params=params)) == expected(
        InvalidRequestError, forms
    )


async def test_parameters_are_refused_where_none_are_documented(api: httpx.AsyncClient, forms: Forms) -> None:
    for method, path in (
        ("DELETE", "/customer/cust_abc123"),
        ("PATCH", "/customer/cust_abc123"),
        ("GET", "/customers/generate-number"),
        ("GET", "/customer/cust_abc123"),
    ):
        assert refusal(await api.request(method, f"{path}?force=1", json={})) == expected(
            InvalidRequestError, forms
        )
    assert (await api.get("/customer/cust_abc123")).status_code == 200


async def test_an_unexpected_failure_is_a_500_without_a_trace(
    api: httpx.AsyncClient, forms: Forms, app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    app.state.close()
    answer = await api.get("/customers")
    assert refusal(answer) == expected(SandboxError, forms)
    assert "Traceback" not in answer.text
    assert "closed" not in answer.text
    assert "the sandbox database is closed" in caplog.text


async def test_head_answers_like_get_without_a_body(api: httpx.AsyncClient) -> None:
    assert (await api.head("/customers")).status_code == 200


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
@pytest.mark.parametrize("path", ["/customers/import/upload", "/apikeys"])
async def test_routes_of_the_newer_pages_are_unknown_to_the_specification(
    api: httpx.AsyncClient, forms: Forms, path: str
) -> None:
    for method in ("GET", "POST"):
        assert refusal(await api.request(method, path)) == expected(UnknownRouteError, forms)


async def test_the_header_that_selects_an_account_is_accepted(api: httpx.AsyncClient) -> None:
    assert (await api.get("/customers", headers={"x-account-id": "acc-1"})).status_code == 200
