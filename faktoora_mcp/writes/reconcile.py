"""What became of a write whose answer was lost: found out by reading, never by sending it again."""

import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError, Fault, NotCreated, OutcomeUnknown

from .candidates import Candidates, Words, newest, read_all, searches
from .identity import Match, is_new, match_of
from .session import WriteSession

LOOKS = (0.0, 0.05, 0.15, 0.35, 0.7)
"""When to look, as parts of reconcile_s: the API may still be at it, and the last look needs time too."""
MARGIN = 0.05
"""So much of reconcile_s is left for saying what was found."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Look:
    """New records that one look has found: those that say what was sent, and those that say a part of it."""

    ours: list[Customer]
    others: list[Customer]


async def reconciled_creation(
    session: WriteSession, wanted: Mapping[str, JsonValue], seen: Candidates, fault: Fault
) -> Customer:
    """The record of a creation whose answer was lost; NotCreated or OutcomeUnknown where there is none."""
    last = known = None
    async for end in look_times(session):
        last = await _look(session, wanted, seen, end)
        known = last or known
        if known and known.ours:
            break
    if known and len(known.ours) == 1:
        return known.ours[0]
    if last and not (last.ours or last.others):
        raise NotCreated(
            f"{fault.sentence} A search shows that the customer was not created.",
            advice="Create it again; should it have come late, the look for doubles finds it.",
        )
    raise _unknown(fault, wanted, known)


async def look_times(session: WriteSession) -> AsyncGenerator[float]:
    """Wait for the moments to look at; each yields the moment when all looking has to end."""
    start, span_s = anyio.current_time(), session.settings.reconcile_s
    for part in LOOKS:
        await anyio.sleep_until(start + part * span_s)
        yield start + span_s


@asynccontextmanager
async def bounded_read(session: WriteSession, end: float = math.inf) -> AsyncGenerator[None]:
    """Reading after a write: bounded, and without effect on what is known of the write."""
    span_s = session.settings.reconcile_s
    limit = min(end, anyio.current_time() + span_s, session.scope.deadline - MARGIN * span_s)
    with anyio.move_on_after(limit - anyio.current_time()):
        try:
            yield
        except FaktooraError:
            return


async def _look(
    session: WriteSession, wanted: Mapping[str, JsonValue], seen: Candidates, end: float
) -> _Look | None:
    """All searches at once; None where they could not be read."""
    words = [*searches(wanted), _place(wanted)]
    async with bounded_read(session, end):
        pages = await read_all(session.client, [newest(each) for each in words if each])
        hits = {hit.id: hit for page in pages for hit in page.customers}
        new = [hit for hit in hits.values() if is_new(hit, seen.customers, session.began)]
        ours = [hit for hit in new if match_of(wanted, hit) is Match.FULL]
        others = [hit for hit in new if match_of(wanted, hit) is Match.PARTIAL]
        return _Look(ours, others)
    return None


def _place(wanted: Mapping[str, JsonValue]) -> Words:
    return tuple(str(wanted[name]) for name in ("postcode", "address") if wanted.get(name))


def _unknown(fault: Fault, wanted: Mapping[str, JsonValue], known: _Look | None) -> OutcomeUnknown:
    words = next(iter(searches(wanted)), _place(wanted))
    found = [*known.ours, *known.others] if known else []
    return OutcomeUnknown(
        f"{fault.sentence} Whether the customer was created is not known.",
        advice=f"Before creating again, list_customers with keywords {', '.join(map(repr, words))}.",
        candidates=[hit.reduced() for hit in found[:SHOWN]],
    )
