"""A write session: allowed by the operator, within one deadline, shielded once it is sent, recorded."""

import logging
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from secrets import token_bytes
from uuid import uuid4

import anyio
from anyio import to_thread
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import (
    Busy,
    FaktooraError,
    Internal,
    OutcomeUnknown,
    OutOfTime,
    WriteLimit,
)
from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.settings import LATE_COMMIT_S, MIN_WRITE_S, Settings

from .audit import NOT_RECORDED, AuditLog, Entry
from .locks import NEXT_NUMBER, LocalLocks, Locks

Change = Mapping[str, tuple[JsonValue, JsonValue]]
logger = logging.getLogger(__name__)
DELETION = "delete_customer"
PENDING = (
    "A creation with an equal id, number, e-mail, or name and place was sent at {time}; "
    "its outcome is not known."
)


def _write_id() -> str:
    """Ties the lines of one write, or of one call that makes many, together in the audit log."""
    return uuid4().hex[:12]


@dataclass(frozen=True, slots=True)
class Batch:
    """One call that makes many writes: its tool, the time by which they end, its id in the audit log."""

    tool: str
    deadline: float
    id: str = field(default_factory=_write_id)


@dataclass(frozen=True)
class Writer:
    """Makes all changes of one server run, counts them and keeps the audit log; `caller` asks for them."""

    client: FaktooraClient
    settings: Settings
    caller: str | None = None
    batch: Batch | None = None
    locks: Locks = field(default_factory=LocalLocks)
    confirmation_key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """Makes the confirmations of this run impossible to guess."""
    _taken: Counter[str] = field(default_factory=Counter[str])

    @property
    def audit(self) -> AuditLog | None:
        path = self.settings.audit_log
        return AuditLog(path, self.client.key) if path else None

    def called_by(self, caller: str | None) -> "Writer":
        """The same writer for one caller, as the audit log names it: `Claude 1.2`."""
        return replace(self, caller=caller)

    def for_many(self, tool: str, seconds: float | None = None) -> tuple["Writer", Batch]:
        """The same writer for the writes of one call that begins now and takes at most `call_s`, or this."""
        seconds = self.settings.call_s if seconds is None else seconds
        batch = Batch(tool, anyio.current_time() + seconds)
        return replace(self, batch=batch), batch

    @asynccontextmanager
    async def session(
        self, tool: str, customer_id: str | None = None, *, dry_run: bool = False
    ) -> AsyncGenerator["WriteSession"]:
        """One write, or a dry run of one, within `call_s`.

        Cancelling stops it until the write is handed over; then it goes on to its outcome. WriteLimit and
        AuditUnavailable before anything is sent.
        """
        session = WriteSession(self, tool, customer_id)
        if not dry_run:
            self._check_limits(tool)
            self._taken[tool] += 1
        try:
            if not dry_run:
                await self._check_audit()
            with session.scope:
                yield session
            session.check_time()
        except BaseException as exc:
            await session.record(session.result_of(exc))
            raise
        finally:
            if not (dry_run or session.sent):
                self._taken[tool] -= 1

    @property
    def deadline(self) -> float:
        """When a session that begins now has to end: with its batch, and `call_s` from now."""
        own = anyio.current_time() + self.settings.call_s
        return min(own, self.batch.deadline) if self.batch else own

    def entry(self, tool: str, customer_id: str | None) -> Entry:
        """What the audit log says of a write."""
        call = (self.batch.id, self.batch.tool) if self.batch else None
        return Entry(tool, customer_id, self.settings.account, self.caller, call)

    async def check_allowed(self, tool: str, *, changes: int = 1) -> None:
        """WriteLimit or AuditUnavailable where this tool may not write now, or not so many changes."""
        self._check_limits(tool, changes)
        await self._check_audit()

    def _check_limits(self, tool: str, changes: int = 1) -> None:
        limits = (
            ("changes", self.settings.max_writes, self._taken.total(), changes),
            ("deletions", self.settings.max_deletes, self._taken[tool], 1),
        )
        for kind, limit, taken, more in limits if tool == DELETION else limits[:1]:
            if limit is not None and taken + more > limit:
                raise WriteLimit(
                    f"The operator allows {limit} {kind} in one run, {taken} are made; nothing was sent.",
                    advice="Tell the user what is left to do; the operator can restart the server.",
                )

    async def _check_audit(self) -> None:
        if self.audit:
            await to_thread.run_sync(self.audit.check)


class WriteSession:
    """One write under way; observes the requests of its client."""

    def __init__(self, writer: Writer, tool: str, customer_id: str | None) -> None:
        self.settings = writer.settings
        self.client = writer.client.observed_by(self)
        self.reconcile_s = min(writer.settings.reconcile_s, writer.settings.call_s / 2)
        self.deadline = self._requests_end = writer.deadline
        self.scope = anyio.CancelScope(deadline=self.deadline)
        self._locks, self._audit = writer.locks, writer.audit
        self._about = writer.entry(tool, customer_id)
        self._requests = self._left = 0
        self._write = _write_id()
        self._intended = self._recorded = False

    @property
    def sent(self) -> bool:
        """Whether a write may have reached the API."""
        return self._left > 0

    def handed_over(self, method: str) -> None:
        self._requests += 1
        if method != "GET":
            self._left += 1
            self.scope.shield = True

    def never_left(self, method: str) -> None:
        if method != "GET":
            self._left -= 1
            self.scope.shield = self.sent

    def result_of(self, exc: BaseException) -> str:
        """What the audit log calls this end of a session."""
        if isinstance(exc, FaktooraError):
            return exc.code
        if isinstance(exc, Exception):
            return Internal.code
        return OutcomeUnknown.code if self.sent else "not_sent"

    @property
    def _min_write_s(self) -> float:
        """A write is not begun with less time than this for its answer."""
        return min(MIN_WRITE_S, self.settings.timeout_s)

    def seconds_left(self) -> float:
        return max(0.0, self._requests_end - anyio.current_time())

    def check_time(self) -> None:
        """OutcomeUnknown, or Timeout where nothing was sent, once the time of the call is over."""
        if not self.scope.cancelled_caught:
            return
        if self.sent:
            raise OutcomeUnknown("The time for this change ran out.", advice="Look before you repeat it.")
        raise self._no_time()

    @asynccontextmanager
    async def sending(self, attempted: Mapping[str, JsonValue]) -> AsyncGenerator[None]:
        """The write itself: begun only with time for its outcome, its intent recorded before."""
        left_s = self.deadline - anyio.current_time() - self.reconcile_s
        if left_s < self._min_write_s:
            raise self._no_time()
        await self._record_intent(attempted)
        self._requests_end = self.deadline - self.reconcile_s
        try:
            yield
        finally:
            self._requests_end = self.deadline

    @asynccontextmanager
    async def alone(self, keys: Collection[str]) -> AsyncGenerator[None]:
        """While no other session holds one of the keys; an unknown outcome is noted on them."""
        wait_s = self.deadline - anyio.current_time() - self._min_write_s
        async with self._locks.hold(keys, max(0.0, wait_s)):
            try:
                yield
            except BaseException as exc:
                known = isinstance(exc, FaktooraError) and not isinstance(exc, OutcomeUnknown)
                if self.sent and not known:
                    await self._note_pending(keys)
                raise

    async def _note_pending(self, keys: Collection[str]) -> None:
        identities = [key for key in keys if not key.endswith(NEXT_NUMBER)]
        with anyio.CancelScope(shield=True):
            await self._locks.note(identities, PENDING.format(time=self._about.time()), LATE_COMMIT_S)

    async def check_not_pending(self, keys: Collection[str]) -> None:
        """Busy while the outcome of an earlier session with one of the keys is not known."""
        if pending := await self._locks.noted(keys):
            text, seconds = pending
            raise Busy(
                f"{text} Nothing was sent now.",
                advice=f"Try again in {seconds:.0f} s: if it arrives late, it is found then.",
                sent=False,
                retry_after_s=seconds,
            )

    async def record(
        self,
        result: str,
        customer_id: str | list[str] | None = None,
        changed: Mapping[str, object] | None = None,
    ) -> list[Finding]:
        """Write the outcome of a recorded intent, once; a warning where that failed."""
        if not (self._audit and self._intended) or self._recorded:
            return []
        self._recorded = True
        ended = {"outcome": result, "changed": dict(changed or {}), "requests": self._requests}
        line = (
            self._about.line("outcome", self._write) | {"id": customer_id or self._about.customer_id} | ended
        )
        try:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self._audit.append, line)
        except OSError:
            logger.exception("the audit log lacks an outcome of %s", self._about.tool)
            return [NOT_RECORDED]
        return []

    async def _record_intent(self, attempted: Mapping[str, JsonValue]) -> None:
        if self._audit:
            line = self._about.line("intent", self._write) | {"attempted": dict(attempted)}
            await to_thread.run_sync(self._audit.record_intent, line)
            self._intended = True

    def _no_time(self) -> OutOfTime:
        return OutOfTime(
            f"Too little of the {self.settings.call_s:g} s for a call was left; nothing was sent.",
            advice="Try again in a moment.",
            sent=False,
        )
