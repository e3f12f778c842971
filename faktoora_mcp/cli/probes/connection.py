"""Single authorised requests to the API, and what they show about network, key, address and clock."""

import json
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio
import httpx
from pydantic import JsonValue

from faktoora_mcp.api.api_keys import Expiry
from faktoora_mcp.api.bodies import chunks
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.pool import Credentials
from faktoora_mcp.api.records import Customer, CustomerPage
from faktoora_mcp.api.request import Call
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.settings import BODY_BYTES, Settings

from .findings import Finding

SLOW_S = 5
SKEW_S = 120
GIVE_UP = 3
"""After so many requests without an answer no more are sent."""
ONE_CUSTOMER = CustomerQuery(per_page=1)
CODES_BY_ERROR: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((ssl.SSLCertVerificationError,), "untrusted"),
    ((ssl.SSLError,), "no_tls"),
    ((httpx.ProxyError,), "no_proxy"),
    ((socket.gaierror,), "no_such_host"),
    ((httpx.ConnectError, httpx.ConnectTimeout), "not_connected"),
    ((TimeoutError, httpx.TimeoutException), "no_answer"),
    ((httpx.TransportError, httpx.DecodingError), "broken"),
    ((BaseException,), "strange"),
)
"""The finding for a failure: the first row with a type among the failure's causes."""
CODES_BY_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "wrong_path",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "no_proxy",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many",
}
NETWORK_PAGE_STATUSES = frozenset({200, HTTPStatus.FORBIDDEN})
"""Statuses with which proxies and guest networks answer with pages of their own."""
CODES_BY_EXPIRY: dict[Expiry, str] = {
    "expired": "key_expired",
    "soon": "key_expires",
    "later": "key_lasts",
}


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, read to its end."""

    status: int
    body: bytes
    content_type: str
    date: str | None
    took_s: float
    total: str | None = None


async def probe(settings: Settings) -> list[Finding]:
    """Ask for one customer, once, as the server would. A failure becomes a finding."""
    facts = _facts(settings)
    proxy = [Finding("proxy", facts)] if facts["proxy"] else []
    try:
        http = open_http(settings)
    except Exception:  # noqa: BLE001 (httpx raises errors of any kind for proxies and certificates)
        return [Finding("bad_surroundings")]
    try:
        with anyio.fail_after(settings.timeout_s):
            async with http:
                response = await fetch(http, Call("GET", "/customers", ONE_CUSTOMER.params()))
    except Exception as exc:  # noqa: BLE001 (any failure is a finding)
        return [*proxy, _failure(exc, facts)]
    return [*proxy, *findings_of(response, settings, datetime.now(UTC))]


async def key_expiry(settings: Settings, now: datetime) -> list[Finding]:
    """When the key expires, if the API lists keys and it is certain which of them is ours."""
    try:
        async with connect(settings) as client:
            keys = await client.list_api_keys()
    except FaktooraError:
        return []
    key = keys.current(settings.api_key.get_secret_value()) if settings.api_key else None
    expiry = key.expiry(now) if key else None
    if key is None or expiry is None:
        return []
    date = key.expires_at.astimezone().date() if key.expires_at else None
    code = "key_expires_soon" if expiry == "soon" and date is None else CODES_BY_EXPIRY[expiry]
    return [Finding(code, {"date": date})]


def findings_of(response: Response, settings: Settings, now: datetime) -> list[Finding]:
    """What a response received at `now` shows; without a key, only that the API can be reached."""
    facts = _facts(settings) | {"status": response.status, "milliseconds": round(response.took_s * 1000)}
    pace = Finding(
        "slow" if response.took_s > SLOW_S else "reached", facts | {"seconds": round(response.took_s)}
    )
    content = [Finding(_meaning(response), facts)] if settings.api_key else []
    return [pace, *content, *_clock(response.date, now)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it may be shown, and its answer; the status is 0 where none came."""

    request: str
    status: int = 0
    body: JsonValue = None
    total_header: str | None = None
    page: CustomerPage | None = None
    """The customers, where the answer is a list of them in a known form."""

    @property
    def is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def customers(self) -> tuple[Customer, ...]:
        return self.page.customers if self.page else ()


class Api:
    """Sends single reads to one API. Whatever fails counts as no answer; after a few nothing more is sent."""

    def __init__(self, http: httpx.AsyncClient, timeout_s: float) -> None:
        self._http, self._timeout_s = http, timeout_s
        self._failed = 0

    async def get(self, path: str, params: Sequence[tuple[str, str]] = (), shown: str | None = None) -> Asked:
        """GET; `shown` replaces the path and its parameters where the request is shown."""
        call = Call("GET", path, params)
        request = f"GET {unquote(shown or call.url)}"
        if self._failed >= GIVE_UP:
            return Asked(request)
        try:
            with anyio.fail_after(self._timeout_s):
                response = await fetch(self._http, call)
        except Exception:  # noqa: BLE001 (a request without an answer shows nothing)
            self._failed += 1
            return Asked(request)
        return Asked(request, response.status, _parsed(response.body), response.total)

    async def customers(self, query: CustomerQuery, *shown: str) -> Asked:
        """One page of the list; `shown` are placeholders for the keywords."""
        displayed = query.model_copy(update={"keywords": shown})
        shown_url = Call("GET", "/customers", displayed.params()).url
        asked = await self.get("/customers", query.params(), shown_url)
        try:
            page = CustomerPage.read(asked.body, query, asked.total_header)
        except ValueError:
            return asked
        return replace(asked, page=page) if asked.is_success else asked


def _parsed(body: bytes) -> JsonValue:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _meaning(response: Response) -> str:
    if response.status in NETWORK_PAGE_STATUSES and _is_web_page(response):
        return "web_page"
    if response.status in CODES_BY_STATUS:
        return CODES_BY_STATUS[response.status]
    match response.status // 100:
        case 2:
            return "read" if _is_list(response.body) else "unknown_form"
        case 3:
            return "redirect"
        case 5:
            return "failing"
        case _:
            return "refused"


def _is_web_page(response: Response) -> bool:
    return "html" in response.content_type.lower() or response.body.lstrip().startswith(b"<")


def _is_list(body: bytes) -> bool:
    try:
        CustomerPage.read(_parsed(body), ONE_CUSTOMER)
    except ValueError:
        return False
    return True


def _clock(date: str | None, now: datetime) -> list[Finding]:
    try:
        theirs = parsedate_to_datetime(date or "")
        ahead_s = (now - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds()
    except (ValueError, OverflowError):
        return []
    if abs(ahead_s) <= SKEW_S:
        return [Finding("clock")]
    code = "clock_ahead" if ahead_s > 0 else "clock_behind"
    return [Finding(code, {"minutes": round(abs(ahead_s) / 60)})]


def open_http(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """An HTTP client that repeats nothing. Raises errors of any kind for proxies and certificates."""
    headers = Credentials(settings.key, settings.account_id).headers
    timeout = httpx.Timeout(settings.timeout_s, connect=settings.timeout_s / 3)
    return httpx.AsyncClient(
        base_url=settings.base_url, headers=headers, timeout=timeout, transport=transport
    )


async def fetch(http: httpx.AsyncClient, call: Call) -> Response:
    """The response to one request, up to a little more than BODY_BYTES of it."""
    started, body = anyio.current_time(), bytearray()
    async with http.stream(call.method, call.url) as response:
        async for chunk in chunks(response):
            body += chunk
            if len(body) > BODY_BYTES:
                break
        took_s = anyio.current_time() - started
        headers = response.headers
        texts = headers.get("Content-Type", ""), headers.get("Date")
        return Response(response.status_code, bytes(body), *texts, took_s, headers.get("X-Total-Count"))


def _failure(exc: BaseException, facts: dict[str, object]) -> Finding:
    causes = [*_causes(exc)]
    found = ((cause, code) for types, code in CODES_BY_ERROR for cause in causes if isinstance(cause, types))
    cause, code = next(found)
    if facts["proxy"] and code in ("no_such_host", "not_connected"):
        code = "no_proxy"
    reason = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else type(cause).__name__
    return Finding(code, facts | {"reason": reason})


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__


def _facts(settings: Settings) -> dict[str, object]:
    parts = urlsplit(settings.base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    where: dict[str, object] = {"host": parts.hostname, "port": port, "address": settings.base_url}
    return where | {"seconds": f"{settings.timeout_s:g}", "proxy": _proxy(parts.scheme, parts.hostname or "")}


def _proxy(scheme: str, host: str) -> str:
    """Host and port of the proxy that httpx uses, without user and password."""
    proxies = getproxies()
    url = proxies.get(scheme) or proxies.get("all") or ""
    return "" if not url or proxy_bypass(host) else url.rpartition("@")[2].rpartition("//")[2].strip("/")
