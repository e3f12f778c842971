"""`faktoora-mcp undo`: what one call did is taken back by the audit log, and only with --apply."""

import json
from pathlib import Path

import anyio
import pytest

from tests.agents import Answer, agent
from tests.cli.commands import Done, run

KEPT, TWIN = "6e80fa48-9b0b-4a16-b72f-2bb83586fca7", "c725bd97-9e28-4761-88fe-a5d73716e7ea"
"""One firm of the sandbox, entered twice."""
ALL = [{"field": "category", "op": "eq", "value": "Neukunde"}]
CSV = (
    "Firma;Straße;PLZ;Ort;Land;Kundennummer\nBoot A;Kai 7;24103;Kiel;DE;B-1\nBoot B;Kai 8;24103;Kiel;DE;B-2\n"
)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "customers.db"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture(params=["documented", "current"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def called(tool: str, db: Path, log: Path, dialect: str, **given: object) -> Answer:
    done = run(
        *("call", tool, json.dumps(given), "--json", "--sandbox", "--db", str(db)),
        *("--audit-log", str(log), "--dialect", dialect),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def taken_back(db: Path, log: Path, dialect: str, *more: str, stdin: str = "") -> Done:
    return run("undo", str(log), "--sandbox", "--db", str(db), "--dialect", dialect, *more, stdin=stdin)


def categories(db: Path, log: Path, dialect: str) -> dict[str, str | None]:
    answer = called("query_customers", db, log, dialect, fields=["id", "category"], limit=100)
    return dict(answer["rows"])


def recategorised(db: Path, log: Path, dialect: str) -> str:
    """All new customers get another category and more; the call as the answer names it."""
    changes = {"category": "Kunde", "note": "2026", "extras": {"seit": "2026"}}

    async def change() -> str:
        async with agent("auto", db=db, audit_log=log, dialect=dialect) as someone:
            shown = await someone.call("update_customers", where=ALL, changes=changes)
            given = {"where": ALL, "changes": changes, "confirm": shown["confirm"]}
            return (await someone.call("update_customers", **given, dry_run=False))["call"]

    return anyio.run(change)


def test_a_call_is_shown_first_and_then_taken_back(db: Path, log: Path, dialect: str) -> None:
    before = categories(db, log, dialect)
    call = recategorised(db, log, dialect)
    between = categories(db, log, dialect)
    shown = taken_back(db, log, dialect, "--call", call, "--json")
    assert categories(db, log, dialect) == between != before
    done = taken_back(db, log, dialect, "--call", call, "--json", "--apply")
    assert categories(db, log, dialect) == before
    count = list(before.values()).count("Neukunde")
    assert (shown.returncode, json.loads(shown.stdout)["wouldChange"]) == (0, count)
    assert (done.returncode, json.loads(done.stdout)["changed"]) == (0, count)
    again = taken_back(db, log, dialect, "--call", call, "--json")
    assert (json.loads(again.stdout)["wouldChange"], json.loads(again.stdout)["asBefore"]) == (0, count)


def test_who_changed_since_is_left_as_it_is(db: Path, log: Path, dialect: str) -> None:
    call = recategorised(db, log, dialect)
    somebody = next(key for key, value in categories(db, log, dialect).items() if value == "Kunde")
    called("update_customer", db, log, dialect, id=somebody, changes={"category": "Stammkunde"})
    done = taken_back(db, log, dialect, "--call", call, "--json", "--apply")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert [group["ids"] for group in answer["failed"]] == [[somebody]]
    assert categories(db, log, dialect)[somebody] == "Stammkunde"


def test_a_change_of_one_customer_is_taken_back_too(db: Path, log: Path, dialect: str) -> None:
    called("update_customer", db, log, dialect, id="cust_abc123", changes={"city": "Kiel"})
    write = json.loads(log.read_text("utf-8").splitlines()[-1])["write"]
    done = taken_back(db, log, dialect, "--call", write, "--json", "--apply")
    assert json.loads(done.stdout)["changed"] == 1
    customer = called("get_customer", db, log, dialect, id="cust_abc123")["customer"]
    assert customer["city"] == "München"


def test_a_merge_is_not_taken_back_while_the_other_customer_is_gone(
    db: Path, log: Path, dialect: str
) -> None:
    request = {"keep": KEPT, "remove": TWIN, "dry_run": False, "confirm": "CUST-0008"}
    merged = called("merge_customers", db, log, dialect, **request)
    call = json.loads(log.read_text("utf-8").splitlines()[-1])["call"]
    done = taken_back(db, log, dialect, "--call", call, "--json", "--apply")
    (failed,) = json.loads(done.stdout)["failed"]
    assert (done.returncode, failed["ids"]) == (1, [KEPT])
    assert TWIN in failed["reason"]
    customer = called("get_customer", db, log, dialect, id=KEPT)["customer"]
    assert customer["taxId"] == merged["changed"]["taxId"][1]


def test_of_an_import_each_customer_is_deleted_whose_number_is_given(
    db: Path, log: Path, tmp_path: Path
) -> None:
    file = tmp_path / "kunden.csv"
    file.write_text(CSV, "utf-8")
    called("generate_customer_number", db, log, "documented")
    file_id = run("sandbox", "upload", str(file), "--db", str(db)).stdout.strip()
    made = called("import_customers", db, log, "documented", file_id=file_id)
    assert made["imported"] == 2
    call = json.loads(log.read_text("utf-8").splitlines()[-1])["write"]
    shown = taken_back(db, log, "documented", "--call", call)
    assert (shown.returncode, shown.stdout.count("would ask about: Boot")) == (0, 2)
    done = taken_back(db, log, "documented", "--call", call, "--apply", stdin="B-1\n\n")
    assert (done.returncode, done.stdout.count("deleted\n")) == (0, 1)
    left = called("list_customers", db, log, "documented", keywords=["Boot"])
    assert [row[1] for row in left["rows"]] == ["B-2"]


def test_a_wrong_number_deletes_nobody(db: Path, log: Path, tmp_path: Path) -> None:
    called("create_customer", db, log, "documented", customer=NEW)
    call = json.loads(log.read_text("utf-8").splitlines()[-1])["write"]
    done = taken_back(db, log, "documented", "--call", call, "--apply", stdin="B-2\n")
    assert (done.returncode, "confirm is neither" in done.stderr) == (1, True)
    assert called("get_customer", db, log, "documented", number="B-1")["customer"]["name"] == "Boot A"


NEW = {
    "isCompany": True,
    "name": "Boot A",
    "customerId": "B-1",
    "address": "Kai 7",
    "postcode": "24103",
    "city": "Kiel",
}


def test_changes_without_an_outcome_are_counted_and_left_alone(db: Path, log: Path, dialect: str) -> None:
    call = recategorised(db, log, dialect)
    *lines, last = log.read_text("utf-8").splitlines()
    log.write_text("\n".join(lines) + "\n", "utf-8")
    somebody = json.loads(last)["id"]
    done = taken_back(db, log, dialect, "--call", call, "--json", "--apply")
    assert "Of 1 changes of this call the log has no outcome" in done.stderr
    assert [key for key, value in categories(db, log, dialect).items() if value == "Kunde"] == [somebody]


def test_without_a_call_the_calls_are_listed(db: Path, log: Path) -> None:
    called("update_customer", db, log, "documented", id="cust_abc123", changes={"city": "Kiel"})
    write = json.loads(log.read_text("utf-8").splitlines()[-1])["write"]
    done = run("undo", str(log))
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].split() == [write, *done.stdout.split()[-4:]]
    assert done.stdout.split()[-3:] == ["update_customer", "1", "0"]


def test_an_unknown_call_is_a_usage_error(db: Path, log: Path) -> None:
    called("update_customer", db, log, "documented", id="cust_abc123", changes={"city": "Kiel"})
    done = taken_back(db, log, "documented", "--call", "nothing")
    assert (done.returncode, "The log holds no call nothing" in done.stderr) == (2, True)
