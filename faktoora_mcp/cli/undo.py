"""`faktoora-mcp undo`: takes back what one call did, by the audit log. Only --apply changes anything."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import UNDO_OPTIONS, settings_of, with_settings

if TYPE_CHECKING:
    from faktoora_mcp.writes.many.taking_back import Recorded

LOST = "Of {} changes of this call the log has no outcome: faktoora-mcp doctor --audit {}"


@click.command()
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--call", "call_id", metavar="ID", help="the call to take back (default: list the calls)")
@click.option("--apply", is_flag=True, help="do it; without this it is only shown")
@click.option("--json", "as_json", is_flag=True, help="print compact JSON instead of text")
@with_settings(UNDO_OPTIONS)
def undo(log: Path, call_id: str | None, apply: bool, as_json: bool, **options: str) -> int:  # noqa: FBT001 (click passes by name)
    """Take back one call that the audit LOG holds: restore old values, delete what it created."""
    from faktoora_mcp.writes.audit import unfinished
    from faktoora_mcp.writes.many.taking_back import recorded_calls

    from .console import use_utf8

    use_utf8()
    calls = recorded_calls(log)
    if call_id is None:
        _list(calls)
        return 0
    recorded = next((call for call in calls if call.call == call_id), None)
    if recorded is None:
        raise click.UsageError(f"The log holds no call {call_id}; without --call its calls are listed.")
    if lost := sum(call_id in (line.get("call"), line.get("write")) for line in unfinished(log).intents):
        click.echo(LOST.format(lost, log), err=True)
    settings = settings_of({"audit_log": str(log)} | options, log_level="error")

    from .take_back import take_back

    return take_back(settings, recorded, apply=apply, as_json=as_json)


def _list(calls: "Sequence[Recorded]") -> None:
    from .console import table, width

    columns = ("call", "time", "tool", "changed", "created")
    rows = [[call.call, call.time[:19], call.tool, len(call.changed), len(call.created)] for call in calls]
    for line in table(columns, rows, width(), right=("changed", "created")) or ():
        click.echo(line)
