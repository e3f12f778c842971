"""Writes whose answer was lost: for a while nothing is sent that they would overwrite if they come late.

A PATCH without an answer is sent again. If the API has kept the first one all the same, it may carry it out
after a later change, whose answer has claimed a value that then is gone. No read can show that in advance,
and it takes longer than a host waits for a call. So for LATE_COMMIT_S a change that the late one would
overwrite is refused before it is sent. A change of other fields, the same change again and a deletion go on:
the late one takes nothing of these back. A creation whose outcome is not known refuses its like.
"""

import json
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager

import anyio
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Busy, MayComeLate
from faktoora_mcp.settings import LATE_COMMIT_S
from faktoora_mcp.state.state import Hold, State

from .audit import Entry
from .session import WriteSession

Body = Mapping[str, JsonValue]
ADVICE = "Try again in {seconds:.0f} s, when it is overdue; read the customer before."


async def check_not_pending(session: WriteSession, keys: Collection[str]) -> None:
    """Busy while the outcome of an earlier creation with one of the keys is not known."""
    if pending := await session.state.noted(keys):
        text, seconds = pending
        raise Busy(
            f"{text} Nothing was sent now.",
            advice=f"Try again in {seconds:.0f} s: if it arrives late, it is found then.",
            sent=False,
            retry_after_s=seconds,
        )


@asynccontextmanager
async def changing(session: WriteSession, customer_id: str, body: Body) -> AsyncGenerator[None]:
    """A change is sent; noted if it stays without an answer. MayComeLate where it would be overwritten."""
    late = LateAttempts(session.state, session.client.account, customer_id)
    await late.check(body)
    async with _noting(session, late, body), session.sending(body):
        yield


@asynccontextmanager
async def deleting(session: WriteSession, customer: Customer) -> AsyncGenerator[None]:
    """A deletion is sent; a late attempt at another change does no harm, nor a late deletion."""
    late = LateAttempts(session.state, session.client.account, customer.id)
    async with _noting(session, late, {}), session.sending(customer.reduced()):
        yield


@asynccontextmanager
async def _noting(session: WriteSession, late: "LateAttempts", body: Body) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        if session.hold and session.unanswered:
            with anyio.CancelScope(shield=True):
                await late.note(session.hold, body, Entry.time())


class LateAttempts:
    """What the API may still do to one customer: noted by the fields that are set, and by their values."""

    def __init__(self, state: State, account: str, customer_id: str) -> None:
        self._state, self._customer = state, f"{account} late {customer_id}"

    async def check(self, body: Body) -> None:
        """MayComeLate where a late attempt would overwrite a value of the body, or delete the customer."""
        if not await self._state.noted([self._customer, *map(self._field, body)]):
            return
        if deletion := await self._state.noted([self._customer]):
            raise _late("deletion of this customer", *deletion)
        for name, value in body.items():
            change = await self._state.noted([self._field(name)])
            if change and not await self._state.noted([self._value(name, value)]):
                raise _late(f"change of {name}", *change)

    async def note(self, hold: Hold, body: Body, time: str) -> None:
        """An attempt to set these values, or to delete the customer where there are none."""
        values = (self._value(name, value) for name, value in body.items())
        await hold.note([*map(self._field, body), *values] or [self._customer], time, LATE_COMMIT_S)

    def _field(self, name: str) -> str:
        return f"{self._customer} {name}"

    def _value(self, name: str, value: JsonValue) -> str:
        return f"{self._field(name)} {json.dumps(value, sort_keys=True)}"


def _late(what: str, time: str, seconds: float) -> MayComeLate:
    return MayComeLate(
        f"A {what}, sent at {time}, had no answer: the API may still carry it out. Nothing was sent now.",
        advice=ADVICE.format(seconds=seconds),
        sent=False,
        retry_after_s=seconds,
    )
