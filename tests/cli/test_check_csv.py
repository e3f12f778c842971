"""A file before its upload: every row judged, compared with the others and with the sandbox's customers."""

import json
from io import StringIO
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.connection import connect
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.records import Customer
from faktoora_mcp.cli.check_csv import MOST_BYTES, NO_KEY, examine
from faktoora_mcp.cli.csv_report import Base, Double, Problem, Report
from faktoora_mcp.cli.export import table
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.settings import Settings
from faktoora_mcp.sheets.reading import Unusable
from tests.customer_files import ACME, HEAD, UNREACHABLE, content, report
from tests.processes import run
from tests.terminal import at_terminal

SANDBOX = Settings(sandbox=True)


def problems(line: str, head: str = HEAD) -> list[tuple[str | None, str, str]]:
    """Field, level and message of what is said about one row."""
    return [(one.field, one.level, one.message) for one in report(line, head=head).problems]


def existing(count: int = 100) -> list[Customer]:
    """Customers of the sandbox."""

    async def read() -> list[Customer]:
        async with connect(SANDBOX) as client:
            return [*(await client.list_customers(CustomerQuery(per_page=count, sort="createdAt"))).customers]

    return anyio.run(read)


def exported() -> bytes:
    """All customers of the sandbox, as our own export writes them."""
    text = StringIO(newline="")
    write = table(text, frozenset())
    for customer in existing():
        write(customer)
    return text.getvalue().encode()


class TestRow:
    def test_a_row_without_fault_is_ready(self) -> None:
        done = report(ACME)
        assert done.counts == {"total": 1, "ready": 1, "withErrors": 0, "doubles": 0, "doubtful": 0}
        assert (done.problems, done.exit_code) == ([], 0)

    @pytest.mark.parametrize("field", ["address", "postcode", "city"])
    def test_what_every_customer_needs_may_not_be_blank(self, field: str) -> None:
        head = ";".join(["name", "country", *({"address", "postcode", "city"} - {field}), field])
        (found,) = [one for one in problems("Acme GmbH;CH;1;8001;", head) if one[0] == field]
        assert found == (field, "error", "is blank; it is required")

    @pytest.mark.parametrize(
        ("postcode", "country", "meant"),
        [
            ("1067", "DE", "01067"), ("1067.0", "DE", "01067"), ("1067,00", "DE", "01067"),
            ("1.067", "DE", "01067"), ("1,067E+03", "DE", "01067"), ("10.115", "DE", "10115"),
            ("1,0115E+04", "DE", "10115"), ("1010.0", "AT", "1010"), ("8.001", "CH", "8001"),
        ],
    )  # fmt: skip
    def test_a_postcode_that_excel_took_for_a_number_is_recognised(
        self, postcode: str, country: str, meant: str
    ) -> None:
        digits = 5 if country == "DE" else 4
        rule = f"{country} postcodes have {digits} digits, got '{postcode}'"
        assert problems(f"K-1;Acme GmbH;Weg 1;{postcode};Ort;{country}") == [
            ("postcode", "error", f"{rule}; did Excel make a number of {meant}?")
        ]

    @pytest.mark.parametrize("postcode", ["106", "0067", "5123", "101155", "1067 Dresden", "1,5"])
    def test_nothing_is_made_of_another_postcode(self, postcode: str) -> None:
        assert problems(f"K-1;Acme GmbH;Weg 1;{postcode};Ort;DE") == [
            ("postcode", "error", f"DE postcodes have 5 digits, got '{postcode}'")
        ]

    def test_without_a_country_a_lost_zero_is_a_doubt(self) -> None:
        assert problems("K-1;Acme GmbH;Weg 1;1067;Dresden;") == [
            ("postcode", "warning", "Excel may have made a number of 01067; with a country it can be judged")
        ]

    def test_a_country_by_its_name_is_an_error_and_judges_the_postcode_all_the_same(self) -> None:
        code = "expected an ISO 3166-1 alpha-2 code such as DE, got 'Deutschland'; did you mean DE?"
        postcode = "DE postcodes have 5 digits, got '1067'; did Excel make a number of 01067?"
        assert problems("K-1;Acme GmbH;Weg 1;1067;Dresden;Deutschland") == [
            ("postcode", "error", postcode),
            ("country", "error", code),
        ]

    @pytest.mark.parametrize(
        ("header", "cell", "said"),
        [
            (
                "GLN",
                "4,01E+12",
                [
                    ("glnId", "error", "GLNs have 13 digits, got '4,01E+12'"),
                    ("glnId", "error", "was rounded by Excel; take its digits from the source"),
                ],
            ),
            (
                "Firma ja/nein",
                "ab und zu",
                [("isCompany", "error", "expected true or false, got text; write ja or nein")],
            ),
            ("USt-IdNr.", "DE123456789", [("vatId", "warning", "check digit looks wrong")]),
            ("USt-IdNr.", "DE 136 695 976", [("vatId", "warning", "is better written 'DE136695976'")]),
            ("Privat", "x", []),
        ],
        ids=["rounded", "neither", "check digit", "blanks", "unknown column"],
    )
    def test_cells_are_judged_by_the_rules_of_create_customer(
        self, header: str, cell: str, said: list[tuple[str, str, str]]
    ) -> None:
        assert problems(f"{ACME};{cell}", f"{HEAD};{header}") == said

    def test_a_person_needs_a_family_name(self) -> None:
        assert problems("K-1;;Weg 1;10115;Berlin;DE") == [
            ("isCompany", "warning", "false, but the customer has no lastName")
        ]

    def test_a_row_that_cannot_be_read_is_an_error_and_compared_with_nothing(self) -> None:
        done = report(ACME, f"{ACME};zu;viel")
        said = "has 8 cells under 6 headers: does a text with ';' lack quotation marks?"
        assert done.problems == [Problem(3, None, "error", said)]
        assert done.in_file == []

    def test_of_two_columns_for_one_field_one_is_to_go(self) -> None:
        done = report(f"{ACME};030 1;030 2", head=f"{HEAD};Fax;Telefax")
        said = "stands in two columns; 'Telefax' is not read"
        assert done.problems == [Problem(1, "faxNo", "error", said)]
        assert (done.counts["ready"], done.exit_code) == (1, 1)

    def test_every_row_counts_once_where_it_fares_worst(self) -> None:
        doubtful = "K-3;;Weg 1;80331;München;DE"
        wrong_and_double = "K-4;ACME GmbH;Weg 1;1011;Berlin;DE"
        done = report(ACME, ACME.replace("K-1", "K-2"), doubtful, wrong_and_double)
        assert done.counts == {"total": 4, "ready": 1, "withErrors": 1, "doubles": 1, "doubtful": 1}


class TestFile:
    @pytest.mark.parametrize(
        ("file", "sentence"),
        [
            (content(), "The file holds headers, and no customers below them."),
            (content(";;;;;"), "The file holds headers, and no customers below them."),
            (bytes(MOST_BYTES + 1), "The file has more than 200 MB. Split it."),
        ],
        ids=["only headers", "only blank rows", "huge"],
    )
    def test_a_file_without_customers_and_a_huge_one_are_refused(self, file: bytes, sentence: str) -> None:
        with pytest.raises(Unusable) as caught:
            anyio.run(examine, "kunden.csv", file, None)
        assert str(caught.value) == sentence

    def test_our_own_export_has_no_error(self) -> None:
        done: Report = anyio.run(examine, "customers.csv", exported(), None)
        assert (done.counts["total"], done.errors) == (57, [])


class TestDoubles:
    def test_they_are_found_within_the_file_by_row_and_reason(self) -> None:
        done = report(ACME, "K-2;Anders KG;Weg 1;80331;München;DE", "K-3;ACME Gmbh;Weg 9;10115;Berlin;DE")
        assert done.in_file == [Double(4, 2, ("same name, same postcode 10115",))]
        assert (done.counts["doubles"], done.exit_code) == (1, 1)

    def test_each_row_is_told_once_with_the_earliest_that_it_repeats(self) -> None:
        done = report(*(ACME.replace("K-1", f"K-{place}") for place in range(4)))
        assert [(double.row, double.of) for double in done.in_file] == [(3, 2), (4, 2), (5, 2)]

    def test_another_legal_form_is_a_doubt_and_no_double(self) -> None:
        done = report(ACME, "K-2;Acme UG;Musterstraße 1;10115;Berlin;DE")
        said = "is like row 2: same name, other legal form (GmbH, UG)"
        assert done.problems == [Problem(3, "name", "warning", said)]
        assert (done.in_file, done.exit_code) == ([], 0)

    def test_one_number_for_two_rows_is_an_error_and_makes_no_double(self) -> None:
        done = report(ACME, "K-1;Anders KG;Weg 1;80331;München;DE")
        assert done.problems == [Problem(3, "customerId", "error", "is the number of row 2 as well")]
        assert done.in_file == []


class TestBase:
    @pytest.fixture
    def holder(self) -> dict[str, JsonValue]:
        """What is shown of the sandbox's first customer, a firm."""
        return {name: str(value) for name, value in existing(1)[0].reduced().items()}

    def test_an_existing_customer_is_named_with_its_number_and_id(self, holder: dict[str, JsonValue]) -> None:
        line = "NEW-1;{name};Weg 1;{postcode};{city};".format(**holder)
        done = report(line, base=SANDBOX)
        (double,) = done.in_base
        assert double == Double(2, holder, (f"same name, same postcode {holder['postcode']}",))
        assert done.base == Base(57, 57, sandbox=True)
        assert (done.problems, done.exit_code) == ([], 1)

    def test_a_taken_number_is_an_error_that_names_its_holder(self, holder: dict[str, JsonValue]) -> None:
        done = report(f"{holder['customerId']};Zyx AG;Weg 1;80331;München;DE", base=SANDBOX)
        said = "is taken by {name}, {customerId}, {postcode}, {city}, id {id}".format(**holder)
        assert done.problems == [Problem(2, "customerId", "error", said)]
        assert done.in_base == []

    def test_a_base_exported_and_checked_is_there_already(self) -> None:
        done: Report = anyio.run(examine, "customers.csv", exported(), SANDBOX)
        assert done.counts["withErrors"] == 57
        named = {str(double.of["customerId"]) for double in done.in_base if isinstance(double.of, dict)}
        assert named >= {str(customer.number) for customer in existing() if customer.name}

    def test_hidden_fields_of_an_existing_customer_are_not_shown(self, holder: dict[str, JsonValue]) -> None:
        line = "{customerId};{name};Weg 1;{postcode};{city};".format(**holder)
        done = report(line, base=Settings(sandbox=True, hide_fields=("name", "city")))
        shown = {name: value for name, value in holder.items() if name not in ("name", "city")}
        assert [double.of for double in done.in_base] == [shown]
        assert done.errors[0].message == "is taken by {customerId}, {postcode}, id {id}".format(**holder)

    def test_a_base_that_is_not_read_to_its_end_is_said_and_is_no_success(self) -> None:
        few = Limits(scan_s=30, max_scan=10)
        done: Report = anyio.run(examine, "kunden.csv", content(ACME.replace("Acme", "Zyx")), SANDBOX, few)
        reason = "--max-scan ended the walk: 10 of 57 customers were read"
        assert done.base == Base(10, 57, reason, sandbox=True)
        assert (done.counts["ready"], done.exit_code) == (1, 1)

    def test_a_base_that_cannot_be_read_leaves_the_file_checked(self) -> None:
        done = report(ACME, base=UNREACHABLE)
        assert (done.counts["ready"], done.base.read, done.exit_code) == (1, 0, 1)
        assert str(done.base.reason).startswith("No connection to the API.")

    def test_without_settings_the_base_is_not_asked_for(self) -> None:
        assert report(ACME).base == Base(reason=NO_KEY, asked=False)


class TestCommand:
    """The program as people start it."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> str:
        """As a German Excel saves it."""
        path = tmp_path / "kunden.csv"
        known, new = "Müller GmbH;50667;Köln;Domplatz 1;DE", "Neu AG;1067;Dresden;Weg 2;DE"
        path.write_bytes(f"Firma;PLZ;Ort;Straße;Land\r\n{known}\r\n{new}".encode("cp1252"))
        return str(path)

    def test_it_reports_in_words_and_by_its_exit_code(self, file: str) -> None:
        done = run("check-csv", file, "--sandbox")
        assert (done.returncode, done.stderr) == (1, "")
        assert "did Excel make a number of 01067?" in done.stdout
        assert "row 2 is likely Müller GmbH, CUST-0004" in done.stdout

    def test_json_is_one_object(self, file: str) -> None:
        done = json.loads(run("check-csv", file, "--sandbox", "--json").stdout)
        assert (done["encoding"], done["rows"]["total"], done["base"]["read"]) == ("cp1252", 2, 57)

    def test_without_a_key_the_file_is_checked_by_itself(self, file: str) -> None:
        done = run("check-csv", file)
        assert done.returncode == 1
        assert "there is no API key" in done.stdout

    def test_a_setting_that_cannot_be_used_is_told(self, file: str) -> None:
        done = run("check-csv", file, "--base-url", "ftp://x")
        assert (done.returncode, done.stdout) == (2, "")
        assert "FAKTOORA_BASE_URL" in done.stderr

    def test_at_a_terminal_it_shows_how_far_the_reading_is(self, file: str) -> None:
        code, text = at_terminal("check-csv", file, "--sandbox")
        assert code == 1
        assert "Compared with all 57" in text
