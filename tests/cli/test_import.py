"""`faktoora-mcp import`: a file of customers, row by row; what was not taken is written to a file."""

import json
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.agents import Answer
from tests.cli.commands import Done, run, run_at_terminal
from tests.writes.many.lists import csv_of, firm, firms

GOOD, BAD, DOUBLE = firms(3), firm(4, postcode="123"), firm(1, customerId="S-0009")
EVERYBODY = [{"field": "id", "op": "present"}]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "customers.db"


@pytest.fixture(params=["documented", "current"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "kunden.csv", csv_of([*GOOD, BAD, DOUBLE]))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def imported(file: Path, db: Path, *more: str, dialect: str = "documented") -> Done:
    return run("import", str(file), "--sandbox", "--db", str(db), "--dialect", dialect, *more)


def answer(done: Done, code: int) -> Answer:
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def numbers(db: Path) -> Counter[str]:
    """How often each of our customer numbers is in the base."""
    arguments = {"where": EVERYBODY, "fields": ["customerId"], "limit": 100}
    done = run("call", "query_customers", json.dumps(arguments), "--json", "--sandbox", "--db", str(db))
    rows = json.loads(done.stdout)["rows"]
    return Counter(str(row[-1]) for row in rows if str(row[-1]).startswith("S-"))


def test_what_is_ready_is_created_and_the_rest_is_written_to_a_file(
    file: Path, db: Path, dialect: str
) -> None:
    told = answer(imported(file, db, "--json", dialect=dialect), 1)
    assert told["counts"] == {"total": 5, "created": 3, "error": 1, "duplicate": 1}
    assert numbers(db) == {"S-0001": 1, "S-0002": 1, "S-0003": 1}
    rejected = file.with_name("kunden-rejected.csv")
    assert told["rejected"] == str(rejected)
    head, bad, double = rejected.read_text("utf-8-sig").splitlines()
    assert head.endswith(";Kundennummer;status;reason")
    assert bad.startswith("Segelmacherei Emden 4 GmbH;Kai 4;123;Emden;DE;")
    assert ";error;" in bad
    assert ";duplicate;like row 2: same name" in double


def test_the_file_of_the_rest_is_corrected_and_given_back(file: Path, db: Path, dialect: str) -> None:
    imported(file, db, dialect=dialect)
    rejected = file.with_name("kunden-rejected.csv")
    written(rejected, rejected.read_text("utf-8-sig").replace(";123;", ";20004;"))
    told = answer(imported(rejected, db, "--skip", "3", "--json", dialect=dialect), 0)
    assert told["counts"] == {"total": 1, "created": 1, "skipped": 1}
    assert numbers(db)["S-0004"] == 1


def test_the_same_file_again_creates_nobody_and_keeps_what_may_have_been_corrected(
    file: Path, db: Path, dialect: str
) -> None:
    imported(file, db, dialect=dialect)
    before = file.with_name("kunden-rejected.csv").read_bytes()
    told = answer(imported(file, db, "--json", dialect=dialect), 1)
    assert told["counts"] == {"total": 5, "exists": 3, "error": 1, "duplicate": 1}
    assert told["rejected"] == str(file.with_name("kunden-rejected-2.csv"))
    assert file.with_name("kunden-rejected.csv").read_bytes() == before
    assert numbers(db).total() == 3


def test_the_audit_log_names_the_import_to_take_it_back(file: Path, db: Path, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    told = answer(imported(file, db, "--audit-log", str(log), "--json"), 1)
    listed = run("undo", str(log), "--sandbox", "--db", str(db))
    lines = map(json.loads, log.read_text("utf-8").splitlines())
    created = [line["changed"]["customerId"][1] for line in lines if line["event"] == "outcome"]
    taken = run(
        *("undo", str(log), "--call", told["call"], "--apply", "--sandbox", "--db", str(db)),
        stdin="\n".join([*created[:2], "", ""]),
    )
    assert told["call"] in listed.stdout
    assert taken.stdout.count("deleted") == 2
    assert numbers(db).total() == 1


def test_a_dry_run_creates_nobody_and_writes_no_file(file: Path, db: Path) -> None:
    told = answer(imported(file, db, "--dry-run", "--json"), 1)
    assert (told["outcome"], told["counts"]["ready"]) == ("dry_run", 3)
    assert numbers(db) == {}
    assert [*file.parent.glob("*rejected*")] == []


def test_rows_columns_duplicates_and_repairs_are_chosen(tmp_path: Path, db: Path) -> None:
    text = csv_of([*GOOD, firm(1, customerId="S-0009"), firm(5, postcode="1067", city="Dresden")])
    file = written(tmp_path / "k.csv", text.replace("Ort;", "Sitz;"))
    chosen = ("--column", "Sitz=city", "--only", "2-6", "--skip", "4", "--allow-duplicate", "5")
    told = answer(imported(file, db, *chosen, "--accept-repairs", "--json"), 0)
    assert told["counts"] == {"total": 4, "created": 4, "skipped": 1}
    assert {*numbers(db)} == {"S-0001", "S-0002", "S-0005", "S-0009"}


def test_a_workbook_is_read(tmp_path: Path, db: Path) -> None:
    book = Workbook()
    for line in csv_of([*GOOD, BAD]).splitlines():
        book.active.append(line.split(";"))  # pyright: ignore[reportOptionalMemberAccess]
    book.save(tmp_path / "kunden.xlsx")
    rejected = tmp_path / "rest.csv"
    told = answer(imported(tmp_path / "kunden.xlsx", db, "--rejected", str(rejected), "--json"), 1)
    assert told["counts"] == {"total": 4, "created": 3, "error": 1}
    assert len(rejected.read_text("utf-8-sig").splitlines()) == 2


def test_a_formula_does_not_come_to_life_in_the_file_of_the_rest(tmp_path: Path, db: Path) -> None:
    file = written(tmp_path / "k.csv", csv_of([firm(1, name="=cmd|' /C calc'!A0")]))
    imported(file, db)
    assert (tmp_path / "k-rejected.csv").read_text("utf-8-sig").splitlines()[1].startswith("'=cmd")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The file is empty."),
        ("Firma;Ort\nA;B", "There is no column for"),
        (csv_of(GOOD) + "\0", "NUL characters"),
        (csv_of([]), "has no customers"),
        (csv_of([firm(1)] * 20_001), "has more than 20,000 rows"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(
    tmp_path: Path, db: Path, text: str, reason: str
) -> None:
    done = imported(written(tmp_path / "k.csv", text), db)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr


def test_what_selects_no_row_is_refused(file: Path, db: Path) -> None:
    assert imported(file, db, "--only", "99").returncode == 2
    assert imported(file, db, "--column", "city").returncode == 2


def test_people_see_counts_a_table_and_a_bar(file: Path, db: Path) -> None:
    code, shown = run_at_terminal(
        "import", str(file), "--sandbox", "--db", str(db), columns=120, cwd=file.parent
    )
    assert code == 1
    assert "5 total, 3 created, 1 error, 1 duplicate" in shown
    assert "like row 2: same name" in shown
    assert "kunden-rejected.csv" in shown
    assert "Rows" in shown
