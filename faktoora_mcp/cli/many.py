"""The commands that take a file: `check-csv`, `import` and `upload` a list, `undo` an audit log."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from faktoora_mcp.settings import NoKeyError

from .options import (
    EXPORT_OPTIONS,
    IMPORT_OPTIONS,
    UNDO_OPTIONS,
    UPLOAD_OPTIONS,
    UPLOAD_S,
    settings_of,
    with_settings,
)
from .texts.parameters import InputFile
from .texts.words import plural, tr

if TYPE_CHECKING:
    from faktoora_mcp.writes.many.taking_back import Recorded

LOST = "Of {count} changes of this call the log has no outcome: faktoora-mcp doctor --audit {log}"
NO_CALL = "The log holds no call {call}; without --call its calls are listed."

CALL_COLUMNS = ("call", "time", "tool", "changed", "created")
FILE = InputFile()


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
@with_settings(IMPORT_OPTIONS, log_level="error")
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
    request = FileImport(file, mapping, rows, accept_repairs=accept_repairs, dry_run=dry_run)
    return run(settings, request, rejected, as_json=as_json)


def _column(text: str) -> tuple[str, str]:
    header, equals, name = text.rpartition("=")
    if not equals:
        raise click.UsageError(tr("--column: write HEADER=FIELD, not {text}.", text=text))
    return header, name


@click.command("check-csv")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object instead of text")
@click.option("--no-base", is_flag=True, help="do not compare with the customers in faktoora")
@with_settings(EXPORT_OPTIONS, log_level="error")
def check_csv(file: Path, as_json: bool, no_base: bool, **options: str) -> int:  # noqa: FBT001 (click passes by name)
    """Check a CSV or Excel file before you upload it to faktoora. This changes nothing."""
    from .check_csv import check

    try:
        settings = None if no_base else settings_of(options, log_level="error")
    except NoKeyError:
        settings = None
    return check(file, settings, as_json=as_json, no_base=no_base)


@click.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="print one JSON object instead of text")
@with_settings(UPLOAD_OPTIONS, log_level="error", timeout_s=UPLOAD_S)
def upload(file: Path, as_json: bool, **options: str) -> int:  # noqa: FBT001 (click passes by name)
    """Upload a CSV file of customers to faktoora and print its fileId. An import follows by the fileId."""
    settings = settings_of(options, log_level="error", timeout_s=UPLOAD_S)
    if settings.sandbox:
        raise click.UsageError(tr("A sandbox takes files from: faktoora-mcp sandbox upload"))

    from . import upload as uploading

    return uploading.upload(settings, file, as_json=as_json)


@click.command()
@click.argument("log", type=FILE)
@click.option("--call", "call_id", metavar="ID", help="the call to take back (default: list the calls)")
@click.option("--apply", is_flag=True, help="do it; without this it is only shown")
@click.option("--json", "as_json", is_flag=True, help="print compact JSON instead of text")
@with_settings(UNDO_OPTIONS, log_level="error")
def undo(log: Path, call_id: str | None, apply: bool, as_json: bool, **options: str) -> int:  # noqa: FBT001 (click passes by name)
    """Take back one call that the audit LOG holds: restore old values, delete what it created."""
    from faktoora_mcp.writes.audit import unfinished
    from faktoora_mcp.writes.many.taking_back import recorded_calls

    from .typed import argument

    calls = recorded_calls(log)
    if call_id is None:
        _list(calls)
        return 0
    recorded = next((call for call in calls if call.call == call_id), None)
    if recorded is None:
        raise click.UsageError(tr(NO_CALL, call=call_id))
    if lost := sum(call_id in (line.get("call"), line.get("write")) for line in unfinished(log).intents):
        click.echo(plural(lost, LOST, LOST, log=argument(str(log))), err=True)
    settings = settings_of({"audit_log": str(log)} | options, log_level="error")

    from .take_back import take_back

    return take_back(settings, recorded, apply=apply, as_json=as_json)


def _list(calls: "Sequence[Recorded]") -> None:
    from .console import width
    from .tables import table

    rows = [[call.call, call.time[:19], call.tool, len(call.changed), len(call.created)] for call in calls]
    names = [*map(tr, CALL_COLUMNS)]
    for line in table(names, rows, width(), right=names[3:]) or ():
        click.echo(line)
