"""A write session: allowed by the operator, shielded once it may have been sent, recorded."""

import logging
import math
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
from anyio import to_thread
from pydantic import JsonValue

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import FaktooraError, Internal, OutcomeUnknown, WriteLimit
from faktoora_mcp.settings import Settings

from .audit import NOT_RECORDED, AuditLog

logger = logging.getLogger(__name__)
Change = Mapping[str, tuple[JsonValue, JsonValue]]


class Writer:
    """Makes all changes of one server run, counts them and keeps the audit log."""

    def __init__(self, client: FaktooraClient, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.audit = AuditLog(settings.audit_log) if settings.audit_log else None
        self._taken = Counter[str]()

    @asynccontextmanager
    async def session(
        self, tool: str, customer_id: str | None = None, *, dry_run: bool = False
    ) -> AsyncGenerator["WriteSession"]:
        """One write, or a dry run of one.

        Cancelling stops it until the write is handed over; then it goes on to its outcome, for at most
        `timeout_s` + `reconcile_s`. WriteLimit and AuditUnavailable before anything is sent.
        """
        session = WriteSession(self, tool, customer_id)
        if dry_run:
            yield session
            return
        self._take(tool)
        try:
            await self._check_audit()
            with session.scope:
                yield session
            session.check_time()
        except Exception as exc:
            await session.record(exc.code if isinstance(exc, FaktooraError) else Internal.code)
            raise
        finally:
            if not session.sent:
                self._taken[tool] -= 1

    def _take(self, tool: str) -> None:
        limits = (
            ("changes", self.settings.max_writes, self._taken.total()),
            ("deletions", self.settings.max_deletes, self._taken[tool]),
        )
        for kind, limit, taken in limits if tool == "delete_customer" else limits[:1]:
            if limit is not None and taken >= limit:
                raise WriteLimit(
                    f"The operator allows {limit} {kind} in one run, {taken} are made; nothing was sent.",
                    advice="Tell the user what is left to do; the operator can start the server anew.",
                )
        self._taken[tool] += 1

    async def _check_audit(self) -> None:
        if self.audit:
            await to_thread.run_sync(self.audit.check)


class WriteSession:
    """One write under way; observes the requests of its client."""

    def __init__(self, writer: Writer, tool: str, customer_id: str | None) -> None:
        self.settings = writer.settings
        self.client = writer.client.observed_by(self)
        self.scope = anyio.CancelScope()
        self.began = datetime.now(UTC)
        self._audit, self._tool, self._customer_id = writer.audit, tool, customer_id
        self._requests = self._left = 0
        self._recorded = False

    @property
    def sent(self) -> bool:
        """Whether a write may have reached the API."""
        return self._left > 0

    def handed_over(self, method: str) -> None:
        self._requests += 1
        if method != "GET":
            self._left += 1
            self._shield()

    def never_left(self, method: str) -> None:
        if method != "GET":
            self._left -= 1
            self._shield()

    def _shield(self) -> None:
        """A write that was sent cannot be cancelled, for a bounded time; before, it can."""
        if self.sent != self.scope.shield:
            bound_s = self.settings.timeout_s + self.settings.reconcile_s
            self.scope.shield = self.sent
            self.scope.deadline = anyio.current_time() + bound_s if self.sent else math.inf

    def check_time(self) -> None:
        """OutcomeUnknown where the time for finding out is over."""
        if self.scope.cancelled_caught:
            raise OutcomeUnknown("The time for this change ran out.", advice="Look before you repeat it.")

    async def record(
        self, outcome: str, customer_id: str | list[str] | None = None, changed: Change | None = None
    ) -> list[str]:
        """Write the line of this session, if a write was sent; a warning where that failed."""
        if not (self._audit and self.sent) or self._recorded:
            return []
        self._recorded = True
        entry = self._entry(outcome, customer_id, changed)
        try:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self._audit.append, entry)
        except OSError:
            logger.exception("the audit log lacks a line of %s", self._tool)
            return [NOT_RECORDED]
        return []

    def _entry(
        self, outcome: str, customer_id: str | list[str] | None, changed: Change | None
    ) -> dict[str, object]:
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "account": self.settings.account,
            "tool": self._tool,
            "id": customer_id or self._customer_id,
            "outcome": outcome,
            "changed": changed or {},
            "requests": self._requests,
        }
