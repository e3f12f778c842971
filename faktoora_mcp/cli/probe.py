"""One authorised question to the API, and what its fate tells of network, key, address and clock."""

import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio
import httpx

from faktoora_mcp import __version__
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import CustomerPage
from faktoora_mcp.api.request import Call
from faktoora_mcp.settings import BODY_BYTES, Settings

from .diagnosis import Finding

SLOW_S = 5
SKEW_S = 120
ONE_CUSTOMER = CustomerQuery(per_page=1)
ILLNESSES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((ssl.SSLCertVerificationError,), "untrusted"),
    ((ssl.SSLError,), "no_tls"),
    ((httpx.ProxyError,), "no_proxy"),
    ((socket.gaierror,), "no_such_host"),
    ((httpx.ConnectError, httpx.ConnectTimeout), "not_connected"),
    ((TimeoutError, httpx.TimeoutException), "no_answer"),
    ((httpx.TransportError, httpx.DecodingError), "broken"),
    ((BaseException,), "strange"),
)
"""The first that is found among the causes of a failure tells what it is."""
STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "wrong_path",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "no_proxy",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many",
}
ANSWERED_BY_ANYBODY = frozenset({200, HTTPStatus.FORBIDDEN})
"""Statuses under which proxies and guest networks show their own pages."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, whatever it says."""

    status: int
    body: bytes
    kind: str
    date: str | None
    took_s: float


async def probe(settings: Settings) -> list[Finding]:
    """Ask for one customer, once, the way the server would; no failure escapes."""
    facts = _facts(settings)
    through = [Finding("proxy", facts)] if facts["proxy"] else []
    try:
        http = _http(settings)
    except Exception:  # noqa: BLE001 (httpx meets proxies and certificates with errors of any kind)
        return [Finding("bad_surroundings")]
    try:
        with anyio.fail_after(settings.timeout_s):
            heard = await _heard(http)
    except Exception as exc:  # noqa: BLE001 (whatever happens is a finding)
        return [*through, _illness(exc, facts)]
    return [*through, *judged(heard, settings, datetime.now(UTC))]


def judged(heard: Heard, settings: Settings, now: datetime) -> list[Finding]:
    """What an answer that came at `now` shows; without a key nothing of what it says about customers."""
    facts = _facts(settings) | {"status": heard.status, "milliseconds": round(heard.took_s * 1000)}
    pace = Finding("slow" if heard.took_s > SLOW_S else "reached", facts | {"seconds": round(heard.took_s)})
    content = [Finding(_meaning(heard), facts)] if settings.api_key else []
    return [pace, *content, *_clock(heard.date, now)]


def _meaning(heard: Heard) -> str:
    if heard.status in ANSWERED_BY_ANYBODY and _is_web_page(heard):
        return "web_page"
    if heard.status in STATUS:
        return STATUS[heard.status]
    match heard.status // 100:
        case 2:
            return "read" if _is_list(heard.body) else "unknown_form"
        case 3:
            return "redirect"
        case 5:
            return "failing"
        case _:
            return "refused"


def _is_web_page(heard: Heard) -> bool:
    return "html" in heard.kind.lower() or heard.body.lstrip().startswith(b"<")


def _is_list(body: bytes) -> bool:
    try:
        CustomerPage.read(json.loads(body), ONE_CUSTOMER)
    except (ValueError, RecursionError):
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


def _http(settings: Settings) -> httpx.AsyncClient:
    key = {"X-API-KEY": settings.api_key.get_secret_value()} if settings.api_key else {}
    headers = {"Accept": "application/json", "User-Agent": f"faktoora-mcp/{__version__}"} | key
    timeout = httpx.Timeout(settings.timeout_s, connect=settings.timeout_s / 3)
    return httpx.AsyncClient(base_url=settings.base_url, headers=headers, timeout=timeout)


async def _heard(http: httpx.AsyncClient) -> Heard:
    started, body = anyio.current_time(), bytearray()
    call = Call("GET", "/customers", ONE_CUSTOMER.params())
    async with http, http.stream(call.method, call.url) as response:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > BODY_BYTES:
                break
        took_s = anyio.current_time() - started
        kind = response.headers.get("Content-Type", "")
        return Heard(response.status_code, bytes(body), kind, response.headers.get("Date"), took_s)


def _illness(exc: BaseException, facts: dict[str, object]) -> Finding:
    causes = [*_causes(exc)]
    found = ((cause, code) for kinds, code in ILLNESSES for cause in causes if isinstance(cause, kinds))
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
    """Host and port of the proxy that httpx goes through, without its user and password."""
    proxies = getproxies()
    url = proxies.get(scheme) or proxies.get("all") or ""
    return "" if not url or proxy_bypass(host) else url.rpartition("@")[2].rpartition("//")[2].strip("/")
