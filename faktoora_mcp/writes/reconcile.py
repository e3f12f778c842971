"""What became of a write whose answer was lost: found out by reading, never by sending it again."""

import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

import anyio
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError, Fault, NotCreated, OutcomeUnknown
from faktoora_mcp.insight.duplicates import duplicates_of

from .candidates import Candidates, NewRecords, records_since
from .identity import Match, match_of
from .session import WriteSession

LOOKS = (0.0, 0.05, 0.15, 0.35, 0.7)
"""When to look, as parts of the time for it: a late record may appear, and the last look needs time too."""
MARGIN = 0.05
"""The part of that time which is kept for answering."""
SHOWN = 5
REPEAT = "The same call can safely be repeated."
READ_FIRST = "Read the customer with get_customer, also some minutes later, before you go on."
CREATE_AGAIN = "Nothing was created; correct what failed, or create it again."
SAFE_LATER = (
    "In some minutes call create_customer again: its duplicate check finds the customer if it was created."
)
LOOK_FIRST = "Before creating again, look for it with list_customers, also some minutes later."


@dataclass(frozen=True, slots=True)
class _Look:
    """The customers that are new since the call began, and how they match what was sent."""

    new: NewRecords
    full: list[Customer]
    partial: list[Customer]

    def shows_nothing_new(self, before: Candidates) -> bool:
        """Whether the newest customers are those known before, and no more than then."""
        same_total = before.total is not None and self.new.total == before.total
        return self.new.complete and same_total and not (self.full or self.partial)


async def reconciled_creation(
    session: WriteSession, wanted: Mapping[str, JsonValue], before: Candidates, fault: Fault
) -> Customer:
    """The record of a creation whose answer was lost. NotCreated if that is proven, else OutcomeUnknown.

    A record is that of another server's creation, perhaps, where the keys of this one may not have been held.
    """
    last = None
    async for end in look_times(session):
        last = await _look(session, wanted, before, end) or last
        if last and last.full:
            break
    if last and len(last.full) == 1 and await session.was_alone():
        return last.full[0]
    if last and fault.settled and last.shows_nothing_new(before):
        raise NotCreated(
            f"{fault.sentence} The newest customers show that nothing was created.",
            said=fault.said,
            advice=CREATE_AGAIN,
        )
    raise _unknown(fault, wanted, before, last)


async def look_times(session: WriteSession) -> AsyncGenerator[float]:
    """Wait for the times to look; each yields the time when all looking has to end."""
    start = anyio.current_time()
    span_s = min(session.reconcile_s, session.deadline - start)
    for part in LOOKS:
        await anyio.sleep_until(start + part * span_s)
        yield start + span_s


@asynccontextmanager
async def bounded_read(session: WriteSession, end: float = math.inf) -> AsyncGenerator[None]:
    """A read after a write: bounded, and a failure of it changes nothing that is known of the write."""
    span_s = session.reconcile_s
    limit = min(end, anyio.current_time() + span_s, session.deadline - MARGIN * span_s)
    with anyio.move_on_after(limit - anyio.current_time()):
        try:
            yield
        except FaktooraError:
            return


class Advice(TypedDict):
    """What to do about an unknown outcome of a change that may be made twice without harm."""

    advice: str
    retryable: bool


def repeating(fault: Fault) -> Advice:
    """After a lost answer the same call is harmless; after a refusal of its repetition it needs a look."""
    if fault.retryable or fault.settled:
        return {"advice": REPEAT, "retryable": True}
    return {"advice": READ_FIRST, "retryable": False}


async def _look(
    session: WriteSession, wanted: Mapping[str, JsonValue], before: Candidates, end: float
) -> _Look | None:
    """None where the newest customers could not be read."""
    async with bounded_read(session, end):
        new = await records_since(session.client, before)
        matches = [(customer, match_of(wanted, customer)) for customer in new.customers]
        full = [customer for customer, match in matches if match is Match.FULL]
        return _Look(new, full, [customer for customer, match in matches if match is Match.PARTIAL])
    return None


def _unknown(
    fault: Fault, wanted: Mapping[str, JsonValue], before: Candidates, last: _Look | None
) -> OutcomeUnknown:
    found = [*last.full, *last.partial] if last else []
    looked = f"until {datetime.now(UTC):%H:%M:%S} UTC among the newest customers"
    seen = f"Looked for it {looked}" if last else "The newest customers could not be read"
    duplicates, _ = duplicates_of(wanted, [Customer({"id": "", **wanted})])
    return OutcomeUnknown(
        f"{fault.sentence} Whether the customer was created is not known. {seen}.",
        said=fault.said,
        advice=SAFE_LATER if duplicates and not before.not_compared else LOOK_FIRST,
        candidates=[customer.reduced() for customer in found[:SHOWN]],
    )
