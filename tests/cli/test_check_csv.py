"""`check-csv` on whole files, compared with the customers of the sandbox."""

import json
from io import StringIO
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from faktoora_mcp.answers.sentences import reason, sentence
from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.cli.check_csv import MAX_BYTES, NO_KEY, examine
from faktoora_mcp.cli.csv_report import ExistingCustomers, Report
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.settings import Settings
from faktoora_mcp.sheets.tables import UnusableFile
from faktoora_mcp.sheets.writing import csv_table
from tests.cli.commands import run, run_at_terminal
from tests.customer_files import ACME, content, reported
from tests.scripted import settings

SANDBOX = Settings(sandbox=True)
UNREACHABLE = settings(base_url="http://127.0.0.1:9", timeout_s=0.5)


def existing(count: int = 100) -> list[Customer]:
    """Customers of the sandbox."""

    async def read() -> list[Customer]:
        async with connect(SANDBOX) as client:
            return [*(await client.list_customers(CustomerQuery(per_page=count, sort="createdAt"))).customers]

    return anyio.run(read)


def exported() -> bytes:
    """All customers of the sandbox, as our own export writes them."""
    text = StringIO(newline="")
    write = csv_table(text)
    for customer in existing():
        write(customer.record)
    return text.getvalue().encode()


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(UnusableFile, match=r"^The file is larger than 200 MB\. Split it\.$"):
        anyio.run(examine, "kunden.csv", bytes(MAX_BYTES + 1), None)


def test_our_own_export_has_no_error() -> None:
    done: Report = anyio.run(examine, "customers.csv", exported(), None)
    assert (done.check.counts["total"], done.check.errors) == (57, [])


def told(done: Report) -> list[tuple[int, object, list[str]]]:
    """Row, existing customer and reasons of each duplicate."""
    return [(one.row, one.of, [*map(reason, one.reasons)]) for one in done.check.existing]


def errors(done: Report) -> list[str]:
    return [sentence(one.found.finding) for kind in done.check.errors for one in kind.examples]


class TestExistingCustomers:
    @pytest.fixture
    def holder(self) -> dict[str, JsonValue]:
        """What is shown of the sandbox's first customer, a company."""
        return {name: str(value) for name, value in existing(1)[0].addressed().items()}

    def test_a_customer_that_exists_is_a_duplicate(self, holder: dict[str, JsonValue]) -> None:
        line = "NEW-1;{name};Weg 1;{postcode};{city};".format(**holder)
        done = reported(line, settings=SANDBOX)
        why = f"same name, same postcode {holder['postcode']}"
        assert told(done) == [(2, holder, [why])]
        assert done.existing == ExistingCustomers(57, 57, sandbox=True)
        assert ([*done.check.problems], done.exit_code) == ([], 1)

    def test_a_taken_number_is_an_error_that_names_its_holder(self, holder: dict[str, JsonValue]) -> None:
        done = reported(f"{holder['customerId']};Zyx AG;Weg 1;80331;München;DE", settings=SANDBOX)
        message = "is taken by {name}, {customerId}, {postcode}, {city}, id {id}".format(**holder)
        assert errors(done) == [message]
        assert done.check.existing == []

    def test_all_customers_of_an_export_exist_already(self) -> None:
        done: Report = anyio.run(examine, "customers.csv", exported(), SANDBOX)
        assert done.check.counts["withErrors"] == 57
        named = {str(one.of["customerId"]) for one in done.check.existing if isinstance(one.of, dict)}
        assert named >= {str(customer.number) for customer in existing() if customer.name}

    def test_hidden_fields_of_an_existing_customer_are_not_shown(self, holder: dict[str, JsonValue]) -> None:
        line = "{customerId};{name};Weg 1;{postcode};{city};".format(**holder)
        done = reported(line, settings=Settings(sandbox=True, hide_fields=("name", "city")))
        shown = {name: value for name, value in holder.items() if name not in ("name", "city")}
        assert [one.of for one in done.check.existing] == [shown]
        assert errors(done) == ["is taken by {customerId}, {postcode}, id {id}".format(**holder)]

    def test_an_incomplete_comparison_is_reported_and_is_no_success(self) -> None:
        few = Limits(scan_s=30, max_scan=10)
        done: Report = anyio.run(examine, "kunden.csv", content(ACME.replace("Acme", "Zyx")), SANDBOX, few)
        reason = "--max-scan ended the walk: 10 of 57 customers were read"
        assert done.existing == ExistingCustomers(10, 57, reason, sandbox=True)
        assert (done.check.counts["ready"], done.exit_code) == (1, 1)

    def test_without_a_connection_the_file_is_checked_by_itself(self) -> None:
        done = reported(ACME, settings=UNREACHABLE)
        assert (done.check.counts["ready"], done.existing.read, done.exit_code) == (1, 0, 1)
        assert str(done.existing.reason).startswith("No connection to the API.")

    def test_without_settings_existing_customers_are_not_read(self) -> None:
        assert reported(ACME).existing == ExistingCustomers(reason=NO_KEY, wanted=False)


class TestCommand:
    @pytest.fixture
    def file(self, tmp_path: Path) -> str:
        """As a German Excel saves it."""
        path = tmp_path / "kunden.csv"
        known, new = "Müller GmbH;50667;Köln;Domplatz 1;DE", "Neu AG;1067;Dresden;Weg 2;DE"
        path.write_bytes(f"Firma;PLZ;Ort;Straße;Land\r\n{known}\r\n{new}".encode("cp1252"))
        return str(path)

    def test_it_reports_in_sentences_and_by_its_exit_code(self, file: str) -> None:
        done = run("check-csv", file, "--sandbox")
        assert (done.returncode, done.stderr) == (1, "")
        assert "'1067' was probably '01067': Excel took it for a number" in done.stdout
        assert "row 2 is likely Müller GmbH, CUST-0004" in done.stdout

    def test_json_is_one_object(self, file: str) -> None:
        done = json.loads(run("check-csv", file, "--sandbox", "--json").stdout)
        assert (done["encoding"], done["rows"]["total"], done["base"]["read"]) == ("cp1252", 2, 57)

    def test_without_a_key_the_file_is_checked_by_itself(self, file: str) -> None:
        done = run("check-csv", file)
        assert done.returncode == 1
        assert "there is no API key" in done.stdout

    def test_a_setting_that_cannot_be_used_is_refused(self, file: str) -> None:
        done = run("check-csv", file, "--base-url", "ftp://x")
        assert (done.returncode, done.stdout) == (2, "")
        assert "FAKTOORA_BASE_URL" in done.stderr

    def test_at_a_terminal_a_bar_shows_the_progress(self, file: str) -> None:
        code, text = run_at_terminal("check-csv", file, "--sandbox")
        assert code == 1
        assert "Existing customers" in text
        assert "100%" in text
        assert "Compared with all 57" in text
