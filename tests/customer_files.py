"""Customer lists as a German office saves them, and the results of checking them."""

from collections.abc import Iterable

import anyio

from faktoora_mcp.api.records import Customer
from faktoora_mcp.cli.check_csv import examine
from faktoora_mcp.cli.csv_report import Report
from faktoora_mcp.settings import Settings
from faktoora_mcp.sheets.checking import FileCheck, FileChecker
from faktoora_mcp.sheets.customers import read_customers

HEAD = "Kundennummer;Firma;Straße;PLZ;Ort;Land"
ACME = "K-1;Acme GmbH;Musterstraße 1;10115;Berlin;DE"


def content(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines, ""]).encode("cp1252")


def checked(*lines: str, head: str = HEAD, existing: Iterable[Customer] = ()) -> FileCheck:
    """The check of these rows, compared with these customers."""
    checker = FileChecker(read_customers(content(*lines, head=head)))
    checker.check_rows()
    for customer in existing:
        checker.compare(customer)
    return checker.result()


def reported(*lines: str, head: str = HEAD, settings: Settings | None = None) -> Report:
    """The report of `check-csv` on these rows."""
    return anyio.run(examine, "kunden.csv", content(*lines, head=head), settings)
