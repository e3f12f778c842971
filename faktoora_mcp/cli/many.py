"""`faktoora-mcp import` creates the customers of a file; `undo` takes back what one call did."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import IMPORT_OPTIONS, UNDO_OPTIONS, settings_of, with_settings

if TYPE_CHECKING:
    from faktoora_mcp.writes.many.taking_back import Recorded

LOST = "Of {} changes of this call the log has no outcome: faktoora-mcp doctor --audit {}"

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="only show what would be created")
@click.option(
    "--column", "columns", multiple=True, metavar="HEADER=FIELD", help="what a header means; repeatable"
)
@click.option("--only", multiple=True, metavar="ROWS", help="only these rows, such as 5 or 5-9; repeatable")
@click.option("--skip", multiple=True, metavar="ROWS", help="without these rows; repeatable")
@click.option(
    "--allow-duplicate",
    multiple=True,
    metavar="ROWS",
    help="create these despite likely duplicates; repeatable",
)
@click.option("--accept-repairs", is_flag=True, help="take what damaged cells probably held")
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="CSV",
    help="file for the rows that were not taken (default: FILE-rejected.csv)",
)
@click.option("--json", "as_json", is_flag=True, help="print compact JSON instead of text")
@with_settings(IMPORT_OPTIONS)
def import_file(  # noqa: PLR0913, PLR0917 (click passes one argument per option)
    file: Path,
    dry_run: bool,  # noqa: FBT001 (click passes options by name)
    columns: tuple[str, ...],
    only: tuple[str, ...],
    skip: tuple[str, ...],
    allow_duplicate: tuple[str, ...],
    accept_repairs: bool,  # noqa: FBT001 (click passes options by name)
    rejected: Path | None,
    as_json: bool,  # noqa: FBT001 (click passes options by name)
    **options: str,
) -> int:
    """Create the customers of a CSV or Excel FILE, each once; the same file again goes on."""
    settings = settings_of(options, log_level="error")

    from .import_file import FileImport, run

    mapping = dict(_column(text) for text in columns)
    rows = {"only": only, "skip": skip, "allow_duplicate": allow_duplicate}
    wish = FileImport(file, mapping, rows, accept_repairs=accept_repairs, dry_run=dry_run)
    return run(settings, wish, rejected, as_json=as_json)


def _column(text: str) -> tuple[str, str]:
    header, equals, name = text.rpartition("=")
    if not equals:
        raise click.UsageError(f"--column: write HEADER=FIELD, not {text}.")
    return header, name


@click.command()
@click.argument("log", type=FILE)
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
