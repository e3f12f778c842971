"""The sandbox on a bad line: chosen requests meet a fault; what the API really holds can be read past it."""

import json
import math
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

import anyio
import httpx
from pydantic import JsonValue

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from tests.scripted import BASE, KEY, reply
from tests.skew import SkewedClock

Record = dict[str, JsonValue]
Base = dict[str, Record]
Fault = Callable[["FaultyApi", httpx.Request], Awaitable[httpx.Response]]
"""What becomes of one request: whether the API carries it out, and what comes back."""
RELATIONS = "relationFields[]=customerContacts&relationFields[]=customerDeliveryAddresses"
FOREVER = 10**9


class FaultyApi(httpx.AsyncBaseTransport):
    """`left` counts the requests that left for the API, by method and path; `sent` the bytes it answered.

    `applied` holds the writes that it carried out, in order; `at_work` counts requests that it carries out
    now. New customers are stamped by `clock`.
    """

    def __init__(self, customers: int = 3, forms: Forms = DOCUMENTED) -> None:
        self._app = create_app(customers=customers, forms=forms)
        self.clock = SkewedClock(httpx.ASGITransport(self._app))
        self._postponed: list[_Postponed] = []
        self._ambushes: list[_Ambush] = []
        self.left = Counter[str]()
        self.applied: list[Applied] = []
        self.at_work = 0
        self.sent = 0

    def meet(self, fault: Fault, where: str, *, nth: int = 1, always: bool = False) -> None:
        """From now on the nth request to `where` (`POST /customer`, `*` is any text), or all from it."""
        self._ambushes.append(_Ambush(fault, where, nth, FOREVER if always else nth))

    def heal(self) -> None:
        self._ambushes.clear()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path.removeprefix(httpx.URL(BASE).path)}"
        self.left[call] += 1
        try:
            return await (self._met(call) or carried_out)(self, request)
        except httpx.ConnectError:
            self.left[call] -= 1
            raise

    async def carry_out(self, request: httpx.Request) -> httpx.Response:
        """The API's own answer; a read may be the one that postponed requests wait for."""
        await self._carry_out_postponed()
        answer = await self._apply(request)
        self.sent += len(await answer.aread())
        if request.method == "GET":
            await self._carry_out_postponed(reads=1)
        return answer

    def postpone(self, request: httpx.Request, *, reads: int = FOREVER, seconds: float = math.inf) -> None:
        """The API will carry it out after so many further reads, or so many seconds."""
        self._postponed.append(_Postponed(request, reads, anyio.current_time() + seconds))

    async def settled(self) -> Base:
        """Every customer by id, once the API has carried out what was postponed."""
        await self._carry_out_postponed(reads=FOREVER)
        return await self.base()

    async def base(self) -> Base:
        """Every customer by id, as the API shows them now."""
        await self._carry_out_postponed()
        async with self._direct() as client:
            first = await client.get(f"/customers?perPage=100&{RELATIONS}")
            pages = range(2, first.json()["meta"]["totalPages"] + 1)
            others = [await client.get(f"/customers?perPage=100&page={page}&{RELATIONS}") for page in pages]
        return {row["id"]: row for answer in (first, *others) for row in answer.json()["data"]}

    async def add(self, customer: Record) -> Record:
        """A customer that is created past the line, as the API shows it."""
        async with self._direct() as client:
            return (await client.post("/customer", json=customer)).raise_for_status().json()

    async def upload(self, csv: str) -> str:
        """The id of a file to import."""
        async with self._direct() as client:
            return (await client.post("http://sandbox/_sandbox/files", content=csv.encode())).json()["fileId"]

    async def aclose(self) -> None:
        self._app.state.close()

    def _direct(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.clock, base_url=BASE, headers={"X-API-KEY": KEY})

    def _met(self, call: str) -> Fault | None:
        hit = [ambush for ambush in self._ambushes if ambush.hits(call)]
        return hit[0].fault if hit else None

    async def _carry_out_postponed(self, reads: int = 0) -> None:
        """What waited for these reads, or for a moment that has come."""
        for waiting in self._postponed:
            waiting.reads -= reads
        due = [waiting for waiting in self._postponed if waiting.is_due()]
        self._postponed = [waiting for waiting in self._postponed if waiting not in due]
        for waiting in due:
            await self._apply(waiting.request)

    async def _apply(self, request: httpx.Request) -> httpx.Response:
        self.at_work += 1
        answer = await self.clock.handle_async_request(request)
        if request.method != "GET" and answer.is_success:
            self.applied.append(Applied(request, json.loads(await answer.aread())))
        self.at_work -= 1
        return answer


class Applied(NamedTuple):
    """A write that the API carried out, and what it answered."""

    request: httpx.Request
    answer: JsonValue

    @property
    def sent(self) -> Record:
        return json.loads(self.request.content)


@dataclass(slots=True, eq=False)
class _Postponed:
    request: httpx.Request
    reads: int
    moment: float

    def is_due(self) -> bool:
        return self.reads <= 0 or anyio.current_time() >= self.moment


@dataclass(slots=True)
class _Ambush:
    fault: Fault
    where: str
    first: int
    last: int
    seen: int = 0

    def hits(self, call: str) -> bool:
        here = fnmatchcase(call, self.where)
        self.seen += here
        return here and self.first <= self.seen <= self.last


async def carried_out(api: FaultyApi, request: httpx.Request) -> httpx.Response:
    return await api.carry_out(request)


def broken(kind: type[httpx.TransportError], *, after: bool = False) -> Fault:
    """The line breaks before or after the API has carried it out."""

    async def meet(api: FaultyApi, request: httpx.Request) -> httpx.Response:
        if after:
            await api.carry_out(request)
        raise kind("broken")

    return meet


def silent(*, after: bool = False) -> Fault:
    """No answer ever comes."""

    async def meet(api: FaultyApi, request: httpx.Request) -> httpx.Response:
        if after:
            await api.carry_out(request)
        await anyio.sleep_forever()
        raise AssertionError

    return meet


def late(kind: type[httpx.TransportError], *, reads: int = FOREVER, seconds: float = math.inf) -> Fault:
    """The line breaks, and the API carries it out all the same, but later."""

    async def meet(api: FaultyApi, request: httpx.Request) -> httpx.Response:
        api.postpone(request, reads=reads, seconds=seconds)
        raise kind("late")

    return meet


def torn(kind: type[httpx.TransportError]) -> Fault:
    """The line breaks in the middle of the answer."""

    async def meet(api: FaultyApi, request: httpx.Request) -> httpx.Response:
        answer = await api.carry_out(request)
        return httpx.Response(answer.status_code, stream=_Torn(answer.content, kind))

    return meet


def said(status: int, body: object, *, after: bool = False, **headers: str) -> Fault:
    """The API answers so, before or after it has carried it out; text is sent as HTML."""

    async def meet(api: FaultyApi, request: httpx.Request) -> httpx.Response:
        if after:
            await api.carry_out(request)
        return httpx.Response(status, html=body) if isinstance(body, str) else reply(body, status, **headers)

    return meet


async def truncated(api: FaultyApi, request: httpx.Request) -> httpx.Response:
    answer = await api.carry_out(request)
    return httpx.Response(answer.status_code, content=answer.content[: len(answer.content) // 2])


async def another(api: FaultyApi, request: httpx.Request) -> httpx.Response:
    """The answer is another customer than the one asked for, if there is one."""
    asked = request.url.path.rpartition("/")[2]
    records = [record for identity, record in (await api.base()).items() if identity != asked]
    return reply(records[:1] if asked == "import" else next(iter(records), Record()))


class _Torn(httpx.AsyncByteStream):
    def __init__(self, content: bytes, kind: type[httpx.TransportError]) -> None:
        self._content, self._kind = content, kind

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content[: len(self._content) // 2]
        raise self._kind("torn")


TRACE = f"boom for {KEY}\n    at Api.post (/srv/api/boom.js:1:1)"
BOOM = {"errors": [{"code": "E_BOOM", "message": TRACE}]}
PAGE = f"<html><body><h1>Bad Gateway</h1>{json.dumps(BOOM)}</body></html>"
FAULTS: dict[str, Fault] = {
    "connection refused": broken(httpx.ConnectError),
    "reset before": broken(httpx.ReadError),
    "reset after": broken(httpx.ReadError, after=True),
    "closed after": broken(httpx.RemoteProtocolError, after=True),
    "reset during": torn(httpx.ReadError),
    "closed during": torn(httpx.RemoteProtocolError),
    "timeout before": broken(httpx.ReadTimeout),
    "timeout after": broken(httpx.ReadTimeout, after=True),
    "silent before": silent(),
    "silent after": silent(after=True),
    "late by 2 reads": late(httpx.ReadTimeout, reads=2),
    "late by 7 reads": late(httpx.ReadTimeout, reads=7),
    "late by 3 s": late(httpx.ReadError, seconds=3),
    "late by 30 s": late(httpx.ReadError, seconds=30),
    "400": said(400, BOOM),
    "401": said(401, BOOM),
    "403": said(403, BOOM),
    "404": said(404, BOOM),
    "409": said(409, BOOM),
    "422": said(422, BOOM),
    "429": said(429, BOOM),
    "429, at once": said(429, BOOM, Retry_After="0"),
    "429, in a minute": said(429, BOOM, Retry_After="60"),
    "500 before": said(500, BOOM),
    "500 after": said(500, BOOM, after=True),
    "502 before": said(502, PAGE),
    "502 after": said(502, PAGE, after=True),
    "503 before": said(503, BOOM),
    "503 after": said(503, BOOM, after=True),
    "504 before": said(504, PAGE),
    "504 after": said(504, PAGE, after=True),
    "302": said(302, "<p>moved</p>"),
    "truncated": truncated,
    "200 with an error": said(200, BOOM),
    "200 with another": another,
    "200 succeed false": said(200, {"succeed": False}),
}
"""After, during, late and truncated: the API carries it out; otherwise it does not."""
