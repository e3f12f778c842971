"""How fast the sandbox is with 100,000 customers: `python -m benchmarks.sandbox`."""

import argparse
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
from starlette.testclient import TestClient

from benchmarks.report import duration, environment, heading, line
from faktoora_mcp.sandbox.app import create_app, register_file
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms

CUSTOMERS = 100_000
IMPORTED_ROWS = 10_000
LIST_RUNS = 20
IMPORT_RUNS = 5
START_RUNS = 5
API = "/api/v1"
HEADERS = {"X-API-KEY": "benchmark"}
QUERIES = {
    "a name": "keywords[]=Schröder&sort=name",
    "two words": "keywords[]=Müller&keywords[]=Köln&sort=name",
    "part of a number": "keywords[]=CUST-04&sort=customerId",
    "a word of a quarter of all": "keywords[]=gmbh&sort=name",
    "a word of 60 % of all": "keywords[]=straße&sort=address",
    "a word of 96 % of all": "keywords[]=example&sort=name&order=desc",
    "a word of all": "keywords[]=cust&sort=updatedAt",
    "one letter, nearly all": "keywords[]=e&sort=email",
    "one letter, an umlaut": "keywords[]=ü&sort=name",
    "two letters, many": "keywords[]=de&sort=vatId",
    "two letters, few": "keywords[]=zz&sort=name",
    "a rare word and two letters": "keywords[]=Müller&keywords[]=ag&sort=name",
    "a common word and two letters": "keywords[]=cust&keywords[]=de&sort=name",
    "a common word and a category": "keywords[]=example&category=Stammkunde&sort=name",
    "a word of none": "keywords[]=Quittenmus&sort=name",
    "a word of 96 % of all, page 800": "keywords[]=example&sort=name&page=800&perPage=100",
}


class Measure(NamedTuple):
    name: str
    seconds: list[float]
    target_s: float | None = None

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95_s(self) -> float:
        return sorted(self.seconds)[-(-len(self.seconds) * 95 // 100) - 1]

    @property
    def missed(self) -> bool:
        return self.target_s is not None and self.median_s > self.target_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    target: Path | None = parser.parse_args().json
    with TemporaryDirectory() as folder:
        measures = list(_measures(Path(folder)))
    sys.stdout.write(_table(measures))
    if target:
        target.write_text(json.dumps(_figures(measures), indent=2) + "\n")
    return int(any(measure.missed for measure in measures))


def _measures(folder: Path) -> Iterator[Measure]:
    db = folder / "sandbox.sqlite"
    yield Measure(f"create a database of {CUSTOMERS:,} customers", [_timed(partial(_create, db))])
    lists = _lists(db)
    mix = [seconds for measure in lists for seconds in measure.seconds]
    yield Measure("list: all of the following", mix, 0.050)
    yield from lists
    yield Measure(f"import {IMPORTED_ROWS:,} rows", list(_imports(db, folder / "copy.sqlite")), 5)
    yield Measure("start on an existing file", [_timed(partial(_start, db)) for _ in range(START_RUNS)], 1)
    yield Measure("open the file in the other dialect", [_timed(partial(_open, db, CURRENT))])
    current = [seconds for measure in _lists(db, CURRENT) for seconds in measure.seconds]
    yield Measure("list: all of the above, other dialect", current, 0.050)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _create(db: Path) -> None:
    create_app(db, customers=CUSTOMERS).state.close()


def _open(db: Path, forms: Forms) -> None:
    create_app(db, forms=forms).state.close()


def _lists(db: Path, forms: Forms = DOCUMENTED) -> list[Measure]:
    """Queries are interleaved, so that other load affects all of them."""
    measures = [Measure(f"list: {name}", []) for name in QUERIES]
    with _client(db, forms) as client:
        for _ in range(LIST_RUNS):
            for measure, query in zip(measures, QUERIES.values(), strict=True):
                measure.seconds.append(_timed(partial(_list, client, query)))
    return measures


def _list(client: TestClient, query: str) -> None:
    client.get(f"{API}/customers?{query}").raise_for_status()


def _imports(db: Path, copy: Path) -> Iterator[float]:
    rows = "\n".join(_row(number) for number in range(IMPORTED_ROWS))
    content = f"Kundennr.;Firma;Straße;PLZ;Ort;Land;E-Mail;Telefon\n{rows}\n".encode()
    for _ in range(IMPORT_RUNS):
        shutil.copy(db, copy)
        file_id = register_file(copy, "liste.csv", content)
        with _client(copy) as client:
            yield _timed(partial(_import, client, file_id))


def _import(client: TestClient, file_id: str) -> None:
    client.post(f"{API}/customers/import", json={"fileId": file_id}).raise_for_status()


def _row(number: int) -> str:
    firm = (
        f"Bäckerei Schröder {number} GmbH;Mühlenstraße {number % 140 + 1};{10000 + number};Köln;Deutschland"
    )
    return f"K-{number:05d};{firm};rechnung@schroeder-{number}.example;0221 {1000000 + number}"


@contextmanager
def _client(db: Path, forms: Forms = DOCUMENTED) -> Generator[TestClient]:
    with TestClient(create_app(db, forms=forms), headers=HEADERS) as client:
        yield client


def _start(db: Path) -> None:
    """A new process from its start to its first answer over TCP."""
    command = [sys.executable, "-m", "faktoora_mcp", "sandbox", "--port", "0", "--db", str(db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            line = process.stdout.readline() if process.stdout else ""
            url = line.split()[2].removesuffix(";")
            httpx.get(f"{url}/customers", headers=HEADERS).raise_for_status()
        finally:
            process.terminate()


def _table(measures: Sequence[Measure]) -> str:
    head = f"{_environment()}\n\n{heading('', 'runs', 'median', 'p95', 'target')}"
    return head + "".join(map(_line, measures))


def _line(measure: Measure) -> str:
    target = f"{duration(measure.target_s)}{' MISSED' if measure.missed else ''}" if measure.target_s else ""
    median, p95 = duration(measure.median_s), duration(measure.p95_s)
    return line(measure.name, str(len(measure.seconds)), median, p95, target)


def _figures(measures: Sequence[Measure]) -> dict[str, object]:
    rows = [
        {
            "name": measure.name,
            "runs": len(measure.seconds),
            "median_s": measure.median_s,
            "p95_s": measure.p95_s,
            "target_s": measure.target_s,
        }
        for measure in measures
    ]
    return {"environment": _environment(), "measures": rows}


def _environment() -> str:
    return environment(f"SQLite {sqlite3.sqlite_version}")


if __name__ == "__main__":
    sys.exit(main())
