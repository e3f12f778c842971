"""Customer lists as a German office saves them, and what comes of checking them."""

import anyio

from faktoora_mcp.cli.check_csv import examine
from faktoora_mcp.cli.csv_report import Report
from faktoora_mcp.settings import Settings
from tests.scripted import settings

HEAD = "Kundennummer;Firma;Straße;PLZ;Ort;Land"
ACME = "K-1;Acme GmbH;Musterstraße 1;10115;Berlin;DE"
UNREACHABLE = settings(base_url="http://127.0.0.1:9", timeout_s=0.5)


def content(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines, ""]).encode("cp1252")


def report(*lines: str, head: str = HEAD, base: Settings | None = None) -> Report:
    return anyio.run(examine, "kunden.csv", content(*lines, head=head), base)
