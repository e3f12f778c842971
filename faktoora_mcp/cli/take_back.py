"""Takes back a call that an audit log holds, and shows what was or would be restored."""

import json
from collections.abc import Mapping

import anyio
import click
from pydantic import JsonValue

from faktoora_mcp.answers.many import CustomersUpdated
from faktoora_mcp.answers.redaction import redacted_fields
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError, NotFound
from faktoora_mcp.settings import Settings
from faktoora_mcp.text import bounded
from faktoora_mcp.writes.delete import delete_customer
from faktoora_mcp.writes.many.taking_back import Recorded, plan_restoring, restore
from faktoora_mcp.writes.session import Writer

from .calls.answers import show_answer
from .console import progress_bar
from .texts.errors import told
from .texts.words import tr

ASKED = "{who}; type its number to delete it, or nothing to keep it"
FOR_AGENTS = ("note", "confirm", "undo")
WHO_CHARS = 200


def take_back(settings: Settings, recorded: Recorded, *, apply: bool, as_json: bool) -> int:
    """0: it was all restored and deleted as the user wished, or only shown; 1: something is left."""
    hidden = redacted_fields(settings.hide_fields)

    async def run() -> bool:
        async with connect(settings) as client:
            writer = Writer(client, settings, caller="faktoora-mcp undo")
            restored = not recorded.changed or await _restore(writer, recorded, apply=apply, as_json=as_json)
            return await _delete_created(writer, recorded, apply=apply) and restored

    try:
        return 0 if anyio.run(run) else 1
    except FaktooraError as error:
        raise click.ClickException(tr("Stopped: {reason}", reason=told(error, hidden))) from None


async def _restore(writer: Writer, recorded: Recorded, *, apply: bool, as_json: bool) -> bool:
    """Restore the old values, or show what would be; whether nothing is left."""
    hidden = redacted_fields(writer.settings.hide_fields)
    restoring = await plan_restoring(writer.client, recorded)
    if not apply:
        _print(CustomersUpdated.shown(restoring.preview, hidden).as_json(), as_json=as_json)
        return True
    with progress_bar(tr("Customers")) as advance:

        async def progress(done: int, total: int) -> None:
            advance(done, total)

        made = await restore(writer, restoring, progress)
    _print(CustomersUpdated.of(made, hidden).as_json(), as_json=as_json)
    return not (made.failed or made.unknown or made.left)


def _print(answer: Mapping[str, JsonValue], *, as_json: bool) -> None:
    shown = {name: value for name, value in answer.items() if name not in FOR_AGENTS}
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, separators=(",", ":")))
    else:
        show_answer(shown)


async def _delete_created(writer: Writer, recorded: Recorded, *, apply: bool) -> bool:
    """Ask for the number of every customer that was created, and delete those whose number is given."""
    complete = True
    for customer_id in recorded.created:
        try:
            await _delete(writer, await writer.client.get_customer(customer_id), apply=apply)
        except NotFound:
            click.echo(tr("{id}: is no longer there", id=customer_id))
        except FaktooraError as error:
            hidden = redacted_fields(writer.settings.hide_fields)
            click.echo(f"{customer_id}: {told(error, hidden)}", err=True)
            complete = False
    return complete


async def _delete(writer: Writer, customer: Customer, *, apply: bool) -> None:
    known = {"name": customer.name or "-", "number": customer.number or "-", "id": customer.id}
    who = bounded(tr("{name}, number {number}, {id}", **known), WHO_CHARS)
    if not apply:
        click.echo(tr("would ask about: {who}", who=who))
    elif confirm := click.prompt(tr(ASKED, who=who), default="", show_default=False):
        await delete_customer(writer, customer.id, confirm)
        click.echo(tr("deleted"))
