"""A customer list before its upload: every row checked, compared with the others and with customers."""

import pytest

from faktoora_mcp.api.records import Customer
from faktoora_mcp.sheets.checking import Duplicate, FileChecker, Problem, Record
from faktoora_mcp.sheets.reading import CsvFile, UnusableFile
from tests.customer_files import ACME, HEAD, checked, content
from tests.scripted import RECORD

HOLDER = Customer(RECORD)
SHOWN: Record = {
    "id": "cust_abc123",
    "customerId": "CUST-0042",
    "name": "Acme GmbH",
    "postcode": "10115",
    "city": "Berlin",
}


def problems(line: str, head: str = HEAD) -> list[tuple[str | None, str, str]]:
    """Field, level and message of each problem of one row."""
    return [(one.field, one.level, one.message) for one in checked(line, head=head).problems]


class TestRow:
    def test_a_row_without_fault_is_ready(self) -> None:
        done = checked(ACME)
        assert done.counts == {"total": 1, "ready": 1, "withErrors": 0, "doubles": 0, "doubtful": 0}
        assert (done.problems, done.needs_correction) == ([], False)

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
    def test_a_postcode_that_excel_changed_into_a_number_is_recognised(
        self, postcode: str, country: str, meant: str
    ) -> None:
        digits = 5 if country == "DE" else 4
        rule = f"{country} postcodes have {digits} digits, got '{postcode}'"
        assert problems(f"K-1;Acme GmbH;Weg 1;{postcode};Ort;{country}") == [
            ("postcode", "error", f"{rule}; did Excel change {meant} into a number?")
        ]

    @pytest.mark.parametrize("postcode", ["106", "0067", "5123", "101155", "1067 Dresden", "1,5"])
    def test_no_original_is_suggested_for_any_other_postcode(self, postcode: str) -> None:
        assert problems(f"K-1;Acme GmbH;Weg 1;{postcode};Ort;DE") == [
            ("postcode", "error", f"DE postcodes have 5 digits, got '{postcode}'")
        ]

    def test_without_a_country_a_lost_zero_is_a_warning(self) -> None:
        assert problems("K-1;Acme GmbH;Weg 1;1067;Dresden;") == [
            ("postcode", "warning", "Excel may have changed 01067 into a number; add a country to check it")
        ]

    def test_a_country_given_by_name_is_an_error_and_its_rules_still_apply_to_the_postcode(self) -> None:
        code = "expected an ISO 3166-1 alpha-2 code such as DE, got 'Deutschland'; did you mean DE?"
        postcode = "DE postcodes have 5 digits, got '1067'; did Excel change 01067 into a number?"
        assert problems("K-1;Acme GmbH;Weg 1;1067;Dresden;Deutschland") == [
            ("postcode", "error", postcode),
            ("country", "error", code),
        ]

    @pytest.mark.parametrize(
        ("header", "cell", "expected"),
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
    def test_cells_follow_the_rules_of_create_customer(
        self, header: str, cell: str, expected: list[tuple[str, str, str]]
    ) -> None:
        assert problems(f"{ACME};{cell}", f"{HEAD};{header}") == expected

    def test_a_person_needs_a_family_name(self) -> None:
        assert problems("K-1;;Weg 1;10115;Berlin;DE") == [
            ("isCompany", "warning", "false, but the customer has no lastName")
        ]

    def test_a_row_that_cannot_be_read_is_an_error_and_compared_with_nothing(self) -> None:
        done = checked(ACME, f"{ACME};zu;viel")
        message = "has 8 cells under 6 headers: does a text with ';' lack quotation marks?"
        assert done.problems == [Problem(3, None, "error", message)]
        assert done.in_file == []

    def test_a_second_column_for_a_field_is_an_error(self) -> None:
        done = checked(f"{ACME};030 1;030 2", head=f"{HEAD};Fax;Telefax")
        message = "is in two columns; 'Telefax' is not read"
        assert done.problems == [Problem(1, "faxNo", "error", message)]
        assert (done.counts["ready"], done.needs_correction) == (1, True)

    def test_every_row_counts_once_by_its_worst_problem(self) -> None:
        doubtful = "K-3;;Weg 1;80331;München;DE"
        wrong_and_duplicate = "K-4;ACME GmbH;Weg 1;1011;Berlin;DE"
        done = checked(ACME, ACME.replace("K-1", "K-2"), doubtful, wrong_and_duplicate)
        assert done.counts == {"total": 4, "ready": 1, "withErrors": 1, "doubles": 1, "doubtful": 1}


class TestDuplicates:
    def test_they_are_found_within_the_file_by_row_and_reason(self) -> None:
        done = checked(ACME, "K-2;Anders KG;Weg 1;80331;München;DE", "K-3;ACME Gmbh;Weg 9;10115;Berlin;DE")
        assert done.in_file == [Duplicate(4, 2, ("same name, same postcode 10115",))]
        assert (done.counts["doubles"], done.needs_correction) == (1, True)

    def test_each_row_is_reported_once_with_the_earliest_that_it_repeats(self) -> None:
        done = checked(*(ACME.replace("K-1", f"K-{place}") for place in range(4)))
        assert [(one.row, one.of) for one in done.in_file] == [(3, 2), (4, 2), (5, 2)]

    def test_another_legal_form_is_a_warning_and_no_duplicate(self) -> None:
        done = checked(ACME, "K-2;Acme UG;Musterstraße 1;10115;Berlin;DE")
        message = "is similar to row 2: same name, other legal form (GmbH, UG)"
        assert done.problems == [Problem(3, "name", "warning", message)]
        assert (done.in_file, done.needs_correction) == ([], False)

    def test_one_number_in_two_rows_is_an_error_and_makes_no_duplicate(self) -> None:
        done = checked(ACME, "K-1;Anders KG;Weg 1;80331;München;DE")
        assert done.problems == [Problem(3, "customerId", "error", "is the number of row 2 as well")]
        assert done.in_file == []


class TestExistingCustomers:
    def test_an_existing_customer_is_named_with_its_number_and_id(self) -> None:
        done = checked(ACME, existing=[HOLDER])
        assert done.existing == [Duplicate(2, SHOWN, ("same name, same postcode 10115",))]
        assert (done.problems, done.needs_correction) == ([], True)

    def test_a_taken_number_is_an_error_that_names_its_holder(self) -> None:
        done = checked("CUST-0042;Zyx AG;Weg 1;80331;München;DE", existing=[HOLDER])
        message = "is taken by Acme GmbH, CUST-0042, 10115, Berlin, id cust_abc123"
        assert done.problems == [Problem(2, "customerId", "error", message)]
        assert done.existing == []

    def test_two_existing_customers_that_are_duplicates_are_not_reported(self) -> None:
        twin = Customer(RECORD | {"id": "cust_twin"})
        done = checked("K-1;Zyx AG;Weg 1;80331;München;DE", existing=[HOLDER, twin])
        assert (done.in_file, done.existing) == ([], [])

    def test_only_what_may_be_shown_of_an_existing_customer_is_shown(self) -> None:
        def redact(record: Record) -> Record:
            return {name: value for name, value in record.items() if name not in ("name", "city")}

        checker = FileChecker(CsvFile.read(content(ACME.replace("K-1", "CUST-0042"))), redact)
        checker.check_rows()
        checker.compare(HOLDER)
        done = checker.result()
        assert [one.of for one in done.existing] == [redact(SHOWN)]
        assert done.errors[0].message == "is taken by CUST-0042, 10115, id cust_abc123"


class TestFile:
    @pytest.mark.parametrize("lines", [[], [";;;;;"]], ids=["only headers", "only blank rows"])
    def test_a_file_without_customers_is_refused(self, lines: list[str]) -> None:
        with pytest.raises(UnusableFile, match=r"^The file has headers, but no customers below them\.$"):
            checked(*lines)
