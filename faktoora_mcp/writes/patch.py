"""One change in the form that this API takes: what differs, with its required fields, or cleared by "".

Never decided by the text of an error, and never after a lost answer: only a definite refusal leads to the
next form, and only what then succeeds is learned.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from faktoora_mcp.api.dialect import Forms
from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import Conflict, InvalidInput
from faktoora_mcp.queries import lookup
from faktoora_mcp.rules.validation import ENTRY_FIELDS, REQUIRED

from .late import changing
from .session import WriteSession

STRUCTURED = frozenset((*ENTRY_FIELDS, "extras"))


@dataclass(frozen=True, slots=True)
class Form:
    """`required`: the required fields are sent along. `empty`: texts are cleared by ""."""

    required: bool
    empty: bool


def body_of(form: Form, wanted: Record, record: Record) -> Record:
    """The JSON object of a PATCH that changes what is wanted."""
    cleared = {name: "" if _is_cleared_text(name, wanted) else wanted[name] for name in wanted}
    along = {name: record.get(name) for name in REQUIRED if name not in wanted} if form.required else {}
    if "extras" in along and along["extras"] is None:
        along["extras"] = {}
    return (cleared if form.empty else wanted) | along


def known_form(forms: Forms) -> Form:
    return Form(forms.patch_needs_required, forms.clears_with_empty)


async def patched(
    session: WriteSession, before: Customer, wanted: Record, check: Callable[[Customer], None]
) -> Customer | None:
    """The record as the API answers, None where it shows none; at most three attempts.

    `check` refuses a record that is read again and not as expected. The original refusal where every form is
    refused. Conflict where a required field cannot be read.
    """
    forms, tried = session.client.dialect.forms, list[Form]()
    refusal: InvalidInput | None = None
    async for form, current in _attempts(session, before, wanted):
        check(current)
        record = await _with_required(session, current, wanted) if form.required else current.record
        body = body_of(form, wanted, record)
        try:
            async with changing(session, before.id, body):
                after = await session.client.update_customer(before.id, CustomerChanges.judged(body))
        except InvalidInput as refused:
            refusal = refusal or refused
            tried.append(form)
        else:
            _learn(forms, form, tried)
            return after
    raise refusal or AssertionError()


async def _attempts(
    session: WriteSession, before: Customer, wanted: Record
) -> AsyncGenerator[tuple[Form, Customer]]:
    """The forms to try, the known one first, each with the customer as it was read right before.

    What its own answer lacks is as it was read by other ways.
    """
    known = known_form(session.client.dialect.forms)
    clears = any(_is_cleared_text(name, wanted) for name in wanted)
    forms = [known, Form(required=True, empty=known.empty)]
    forms += [Form(required=True, empty=not known.empty)] if clears else []
    for place, form in enumerate(dict.fromkeys(forms)):
        again = before if place == 0 else await session.client.get_customer(before.id)
        yield form, Customer(before.record | again.record)


async def _with_required(session: WriteSession, customer: Customer, wanted: Record) -> Record:
    """The record with its required fields, where need be from the list."""
    record = customer.record
    if missing := [name for name in REQUIRED if name not in {*wanted, *record}]:
        listed = await lookup.listed(session.client, customer)
        record = record | {name: listed.record[name] for name in missing if listed and name in listed.record}
    empty = [name for name in REQUIRED if name not in wanted and _lacks(record, name)]
    if empty:
        raise Conflict(
            f"The API wants {' and '.join(empty)} with every change, and the record does not show it; "
            "nothing was changed.",
            advice=f"Give {' and '.join(empty)} in changes too, if the user knows it.",
        )
    return record


def _lacks(record: Record, name: str) -> bool:
    """Whether a required field cannot be sent along; extras that are null hold nothing."""
    return name not in record if name == "extras" else record.get(name) is None


def _is_cleared_text(name: str, wanted: Record) -> bool:
    return wanted[name] is None and name not in STRUCTURED


def _learn(forms: Forms, done: Form, refused: list[Form]) -> None:
    """Only what the success separates from a refusal that differs in one point."""
    for other in refused:
        if other.empty == done.empty and other.required != done.required:
            forms.patch_needs_required = done.required
        if other.required == done.required and other.empty != done.empty:
            forms.clears_with_empty = done.empty
