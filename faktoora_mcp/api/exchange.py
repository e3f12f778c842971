"""HTTP: one pooled client, bounded concurrency, deadlines, repetitions. No other module talks to the API."""

import logging
from contextlib import aclosing
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count
from typing import Protocol

import anyio
import httpx

from faktoora_mcp.errors import (
    Busy,
    FaktooraError,
    Fault,
    InvalidInput,
    Timeout,
    Unreachable,
    UpstreamError,
    UpstreamUnreadable,
)
from faktoora_mcp.settings import Settings

from . import retry
from .bodies import bounded_body
from .dialect import Dialect
from .error_mapping import NO_ROUTE, error_of
from .pool import Credentials, Pool
from .request import GARBLED, Answer, Call, Upload

logger = logging.getLogger(__name__)
CSV = "text/csv"
LOG_LINE = "%s %s %d, %d bytes, %.0f ms"
AGAIN = "Try again in a moment."
UNSENDABLE = (
    "It holds an unpaired surrogate or a number that is not finite, or it is too long for an address."
)
CHECK_NETWORK = "Try again; if it stays so, ask the operator to check network, proxy and FAKTOORA_BASE_URL."
REFUSED_REPETITION = "The answer to a first attempt was lost, and its repetition was refused: {}"


class RequestObserver(Protocol):
    """Follows the requests of one tool call."""

    def handed_over(self, method: str) -> None:
        """A request is about to be sent."""
        ...

    def never_left(self, method: str) -> None:
        """The request was surely not sent."""
        ...

    def ended(self, method: str) -> None:
        """The API is through with the request: nothing of it can still happen."""
        ...

    def seconds_left(self) -> float:
        """The time that the tool call allows for a request."""
        ...


@dataclass(slots=True)
class _Progress:
    """`lost`: an attempt may have been carried out; `in_flight`: one is waiting for its answer."""

    tried: bool = False
    in_flight: bool = False
    lost: bool = False


class Exchange:
    """Sends requests to one API in one name, over connections that others share."""

    def __init__(self, settings: Settings, pool: Pool, credentials: Credentials, *, caller: str = "") -> None:
        self._base_url, self._timeout_s = settings.base_url, settings.timeout_s
        self._settings, self._pool, self._credentials = settings, pool, credentials
        self._headers = credentials.headers
        self._flow = (credentials.digest, caller, str(id(self)))

    @property
    def account(self) -> str:
        """What identifies the account; it does not reveal the key."""
        return self._credentials.account(self._base_url)

    @property
    def key(self) -> str:
        return self._credentials.key

    @property
    def dialect(self) -> Dialect:
        return self._pool.dialect(self._credentials)

    def in_name_of(self, credentials: Credentials, caller: str = "") -> "Exchange":
        """The same connections with another key. Callers with one key take turns, and so do their calls."""
        return Exchange(self._settings, self._pool, credentials, caller=caller)

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def send(self, call: Call, observer: RequestObserver | None = None) -> Answer:
        """The API's answer within `timeout_s` and what the observer allows. FaktooraError otherwise."""
        progress = _Progress()
        seconds = min(self._timeout_s, observer.seconds_left()) if observer else self._timeout_s
        try:
            with anyio.fail_after(seconds):
                return await self._answered(call, progress, observer)
        except TimeoutError:
            raise _timed_out(progress, seconds) from None

    async def _answered(self, call: Call, progress: _Progress, observer: RequestObserver | None) -> Answer:
        for attempt in count(1):
            result = await self._attempt(call, progress, observer)
            if observer:
                _report(observer, call.method, result)
            if isinstance(result, Answer):
                return replace(result, repeated=progress.lost)
            if not isinstance(result, Fault):
                raise _refused(call, result, progress)
            logger.warning("%s %s failed: %s", call.method, call.path, result.code)
            pause = retry.pause_s(result, attempt, repeatable=call.repeatable)
            if pause is None or anyio.current_time() + pause >= anyio.current_effective_deadline():
                raise result if result.lost == progress.lost else result.after_lost_attempt()
            await anyio.sleep(pause)
        raise AssertionError

    async def _attempt(
        self, call: Call, progress: _Progress, observer: RequestObserver | None
    ) -> Answer | FaktooraError:
        """What came of one attempt, noted in the progress of the call."""
        try:
            return await self._exchanged(call, progress, observer)
        except Fault as fault:
            progress.in_flight, progress.lost = False, progress.lost or fault.lost
            return fault
        except FaktooraError as refusal:
            return refusal

    async def _exchanged(self, call: Call, progress: _Progress, observer: RequestObserver | None) -> Answer:
        async with self._pool.slot(self._flow):
            request, started = self._request(call), anyio.current_time()
            await anyio.lowlevel.checkpoint_if_cancelled()
            if observer:
                observer.handed_over(call.method)
            progress.tried = progress.in_flight = True
            with self._pool.watch.sending(call.method, call.route, request.headers) as answered:
                response, body = await self._response(request)
                answered(response.status_code)
        took_ms = (anyio.current_time() - started) * 1000
        logger.info(LOG_LINE, call.method, call.path, response.status_code, len(body), took_ms)
        return self._judged(call, response, body)

    def _request(self, call: Call) -> httpx.Request:
        """Connecting (TCP, then TLS) ends before the deadline, so it is known which requests never left.

        The deadline of the call ends everything else.
        """
        left_s = max(0.0, anyio.current_effective_deadline() - anyio.current_time())
        timeout = httpx.Timeout(None, connect=left_s / 3)
        extensions, headers = {"timeout": timeout.as_dict()}, self._headers
        try:
            url = self._base_url + call.url
            form = {"file": (call.upload.name, _Part(call.upload), CSV)} if call.upload else None
            return httpx.Request(
                call.method, url, headers=headers, json=call.body, files=form, extensions=extensions
            )
        except (ValueError, httpx.InvalidURL):
            raise InvalidInput(UNSENDABLE, advice="Correct it and call again.") from None

    async def _response(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        try:
            async with aclosing(await self._pool.http.send(request, stream=True)) as response:
                return response, await bounded_body(response)
        except httpx.DecodingError:
            raise UpstreamUnreadable(GARBLED, advice=AGAIN) from None
        except httpx.TransportError as exc:
            raise _unreachable(exc) from None

    def _judged(self, call: Call, response: httpx.Response, body: bytes) -> Answer:
        if response.is_success:
            return Answer(body, response.headers.get("X-Total-Count"))
        wait_s = retry.retry_after_s(response.headers.get("Retry-After"))
        if call.no_route and response.status_code in NO_ROUTE:
            raise call.no_route
        raise error_of(
            response.status_code, body, key=self._credentials.key, unknown=call.unknown, retry_after_s=wait_s
        )


class _Part(BytesIO):
    """The content of an upload as httpx reads it, in pieces; reports how far that is."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.content)
        self._upload = upload

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if self._upload.on_sent:
            self._upload.on_sent(self.tell(), len(self._upload.content))
        return piece


def _report(observer: RequestObserver, method: str, result: Answer | FaktooraError) -> None:
    if isinstance(result, Fault) and not result.sent:
        observer.never_left(method)
    elif not isinstance(result, Fault) or result.settled or not result.lost:
        observer.ended(method)


def _refused(call: Call, refusal: FaktooraError, progress: _Progress) -> FaktooraError:
    """After a lost attempt a refusal does not show what became of the write."""
    return refusal if call.harmless or not progress.lost else refused_repetition(refusal)


def refused_repetition(refusal: FaktooraError) -> UpstreamError:
    """What a refusal means after a lost attempt: that one may have been carried out all the same."""
    told = REFUSED_REPETITION.format(refusal.told)
    return UpstreamError(told, advice=refusal.advice, said=refusal.said, lost=True, retryable=False)


def _timed_out(progress: _Progress, seconds: float) -> Fault:
    if progress.tried:
        lost = progress.in_flight or progress.lost
        return Timeout(f"The API gave no answer within {seconds:.3g} s.", advice=AGAIN, sent=lost)
    message = f"No connection was free within {seconds:.3g} s; nothing was sent."
    return Busy(message, advice=AGAIN, sent=False)


def _unreachable(exc: httpx.TransportError) -> Fault:
    if retry.never_left(exc):
        return Unreachable("No connection to the API.", advice=CHECK_NETWORK, sent=False)
    if isinstance(exc, httpx.TimeoutException):
        return Timeout("The API gave no answer in time.", advice=AGAIN)
    return Unreachable("The connection to the API broke before its answer was complete.", advice=AGAIN)
