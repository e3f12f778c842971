"""`faktoora-mcp check-csv`: checks a CSV or Excel file of customers before its upload. It changes nothing."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio
import click

from faktoora_mcp.answers.failures import error_text
from faktoora_mcp.answers.redaction import redacted_fields, redacted_record
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.queries.scan import Limits, scan
from faktoora_mcp.settings import Settings
from faktoora_mcp.sheets.checking import FileChecker, Record, unchanged
from faktoora_mcp.sheets.customers import read_customers
from faktoora_mcp.sheets.tables import UnusableFile
from faktoora_mcp.text import clean, quote

from .console import echo, progress_bar
from .csv_report import MAX_LINES, ExistingCustomers, Report, as_object, show
from .texts.sentences import in_language
from .texts.words import tr

ALL_CUSTOMERS = Limits(scan_s=600, max_scan=1_000_000)
MAX_BYTES = 200_000_000
NO_BASE = "--no-base"
NO_KEY = "there is no API key"


def check(path: Path, settings: Settings | None, *, as_json: bool, no_base: bool = False) -> int:
    """Print the report on a file. 0: nothing to correct, 1: something, 2: the file cannot be used.

    Without settings the existing customers are not read, and the report says so.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        report = anyio.run(partial(examine, path.name, content, settings, no_base=no_base))
    except UnusableFile as error:
        text = tr(
            "Error: {name} cannot be checked. {reason}",
            name=quote(path.name),
            reason=in_language(str(error)),
        )
        echo(text, err=True, fg="red")
        return 2
    if as_json:
        click.echo(json.dumps(as_object(report), ensure_ascii=False, separators=(",", ":")))
    else:
        show(report, MAX_LINES if sys.stdout.isatty() else None)
    return report.exit_code


async def examine(
    name: str,
    content: bytes,
    settings: Settings | None,
    limits: Limits = ALL_CUSTOMERS,
    *,
    no_base: bool = False,
) -> Report:
    """Check the rows of a file, and compare them with the existing customers. Raises UnusableFile."""
    if len(content) > MAX_BYTES:
        raise UnusableFile(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    checker = FileChecker(read_customers(content, name), _redaction(settings))
    checker.check_rows()
    if settings and not no_base:
        existing = await _read_existing(settings, limits, checker.compare)
    else:
        existing = ExistingCustomers(reason=NO_BASE if no_base else NO_KEY, wanted=False)
    return Report(clean(name), checker.result(), existing)


def _redaction(settings: Settings | None) -> Callable[[Record], Record]:
    hidden = redacted_fields(settings.hide_fields) if settings else None
    return (lambda record: redacted_record(record, hidden)) if hidden else unchanged


async def _read_existing(
    settings: Settings, limits: Limits, see: Callable[[Customer], None]
) -> ExistingCustomers:
    """Show `see` every existing customer. A failure becomes the reason of an incomplete comparison."""
    hidden = redacted_fields(settings.hide_fields)
    with progress_bar(tr("Existing customers")) as advance:

        async def progress(done: int, expected: int | None) -> None:
            advance(done, expected)

        try:
            async with connect(settings) as client:
                done = await scan(client, see, limits, progress=progress)
        except FaktooraError as error:
            return ExistingCustomers(reason=error_text(error, hidden), sandbox=settings.sandbox)
    reason = (done.withheld if hidden else None) or done.reason
    return ExistingCustomers(done.read, done.total, reason, sandbox=settings.sandbox)
