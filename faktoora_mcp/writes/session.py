"""A write session: allowed by the operator, within one deadline, shielded once it is sent, recorded."""

import logging
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from secrets import token_bytes

import anyio
from anyio import to_thread
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import (
    FaktooraError,
    Internal,
    OutcomeUnknown,
    OutOfTime,
)
from faktoora_mcp.rules.findings import Finding
from faktoora_mcp.settings import LATE_COMMIT_S, MIN_WRITE_S, Settings
from faktoora_mcp.state.consent import current_consent
from faktoora_mcp.state.limits import Limits, counted
from faktoora_mcp.state.local import LocalState
from faktoora_mcp.state.state import Hold, State

from .audit import NOT_RECORDED, AuditLog, Batch, Entry, write_id

Change = Mapping[str, tuple[JsonValue, JsonValue]]
logger = logging.getLogger(__name__)
DELETION = "delete_customer"
PENDING = (
    "A creation with an equal id, number, e-mail, or name and place was sent at {time}; "
    "its outcome is not known."
)


@dataclass(frozen=True)
class Writer:
    """Makes all changes of one server run, counts them and keeps the audit log; `caller` asks for them."""

    client: FaktooraClient
    settings: Settings
    caller: str | None = None
    batch: Batch | None = None
    state: State = field(default_factory=LocalState)
    """Shared by all who may change the same customers."""
    principal: str = ""
    """For whom hourly limits count."""
    hold: Hold | None = None
    """What a call holds for all of its writes."""
    confirmation_key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """Makes the confirmations of this run impossible to guess."""
    _run: LocalState = field(default_factory=LocalState)

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

        Cancelling stops it until the write is handed over; then it goes on to its outcome. WriteLimit,
        AuditUnavailable and StateUnavailable before anything is sent.
        """
        session = WriteSession(self, tool, customer_id)
        limits = () if dry_run else self._limits.of(deletes=tool == DELETION)
        async with counted(limits, write_id(), lambda: session.sent):
            try:
                if not dry_run:
                    await self._check_audit()
                with session.scope:
                    yield session
                session.check_time()
            except BaseException as exc:
                await session.record(session.result_of(exc))
                raise

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
        """Refuse where this tool may not write now, or not so many changes.

        WriteLimit, AuditUnavailable or StateUnavailable.
        """
        await self._limits.check(deletes=tool == DELETION, changes=changes)
        await self.state.check()
        await self._check_audit()

    @property
    def _limits(self) -> Limits:
        return Limits(self.settings, self._run, self.state, self.principal)

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
        self.state, self._audit = writer.state, writer.audit
        self.hold = writer.hold
        self._identities: Collection[str] = ()
        self._about = writer.entry(tool, customer_id)
        self._requests = self._left = self.unanswered = 0
        self._write = write_id()
        self._intended = self._recorded = False

    @property
    def sent(self) -> bool:
        """Whether a write may have reached the API."""
        return self._left > 0

    def handed_over(self, method: str) -> None:
        self._requests += 1
        if method != "GET":
            self._left += 1
            self.unanswered += 1
            self.scope.shield = True

    def never_left(self, method: str) -> None:
        if method != "GET":
            self._left -= 1
            self.unanswered -= 1
            self.scope.shield = self.sent

    def ended(self, method: str) -> None:
        if method != "GET":
            self.unanswered -= 1

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
        if not self.sent:
            await self._claim()
        await self._record_intent(attempted)
        self._requests_end = self.deadline - self.reconcile_s
        try:
            yield
        finally:
            self._requests_end = self.deadline

    async def _claim(self) -> None:
        """The last check before anything is sent: the keys are held, the user's consent is not used."""
        if self.hold:
            await self.hold.keep(self._identities, LATE_COMMIT_S + self.settings.call_s)
        else:
            await self.state.check()
        if consent := current_consent():
            await consent.use(self.state)

    @asynccontextmanager
    async def alone(self, keys: Collection[str], identities: Collection[str] = ()) -> AsyncGenerator[None]:
        """While no other session holds one of the keys.

        Where the outcome stays unknown, those that are `identities` are noted, or stay held.
        """
        wait_s = self.deadline - anyio.current_time() - self._min_write_s
        async with self.state.hold(keys, max(0.0, wait_s)) as hold:
            self.hold, self._identities = hold, identities
            try:
                yield
            except BaseException as exc:
                known = isinstance(exc, FaktooraError) and not isinstance(exc, OutcomeUnknown)
                if self.sent and not known and identities:
                    await self._note_pending(hold)
                raise

    async def was_alone(self) -> bool:
        """Whether surely no other session has held one of the keys since."""
        return self.hold is None or await self.hold.is_sure()

    async def _note_pending(self, hold: Hold) -> None:
        with anyio.CancelScope(shield=True):
            await hold.note(self._identities, PENDING.format(time=self._about.time()), LATE_COMMIT_S)

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
