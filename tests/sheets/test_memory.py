"""A list of 100,000 customers is read in bounded memory, measured in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

ROWS, LIMIT_MB = 100_000, 60
HEAD = ("Kundennummer", "Firma", "Straße", "PLZ", "Ort", "Land")
READ = """
import sys
from faktoora_mcp.sheets.customers import read_customers

def peak():
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))

idle = peak()
count = sum(1 for _ in read_customers(open(sys.argv[1], "rb").read()).rows())
print(count, (peak() - idle) // 1024)
"""
"""Prints how many rows there are, and by how many MB the resident memory rose at most."""


def customer(number: int) -> tuple[str, ...]:
    return (f"K-{number}", f"Firma {number} GmbH", f"Weg {number % 90}", "1067", "Dresden", "DE")


def as_csv(path: Path) -> None:
    lines = (";".join(row) for row in (HEAD, *map(customer, range(ROWS))))
    path.write_text("\n".join(lines), "utf-8")


def as_workbook(path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Kunden")
    for row in (HEAD, *map(customer, range(ROWS))):
        sheet.append(row)
    book.save(path)


@pytest.mark.benchmark
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("write", [as_csv, as_workbook])
def test_reading_takes_at_most_60_mb_over_idle(tmp_path: Path, write: Callable[[Path], None]) -> None:
    path = tmp_path / "kunden"
    write(path)
    done = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, check=True)
    count, megabytes = map(int, done.stdout.split())
    assert count == ROWS
    assert megabytes <= LIMIT_MB
