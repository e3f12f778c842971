"""A customer list before its upload: every row checked, compared with the others and with customers."""

import pytest

from faktoora_mcp.answers.sentences import reason, sentence
from faktoora_mcp.api.records import Customer
from faktoora_mcp.sheets.checking import Duplicate, FileCheck, FileChecker, Record
from faktoora_mcp.sheets.customers import read_customers
from faktoora_mcp.sheets.tables import UnusableFile
from tests.customer_files import ACME, HEAD, checked, content
from tests.scripted import RECORD

HOLDER = Customer(RECORD)
SHOWN: Record = {
    "id": "cust_abc123",
    "customerId": "CUST-0042",
    "name": "Acme GmbH",
    "postcode": "10115",
    "city": "Berlin",
    "address": "Musterstraße 1",
}


def told(done: FileCheck) -> list[tuple[int, str, str, str]]:
    """Row, field, level and sentence of every problem."""
    return [
        (one.row, kind.path, kind.level, sentence(one.found.finding))
        for kind in done.problems
        for one in kind.examples
    ]


def problems(line: str, head: str = HEAD) -> list[tuple[str, str, str]]:
    """Field, level and sentence of each problem of one row."""
    return [(field, level, words) for _, field, level, words in told(checked(line, head=head))]


def similar(done: list[Duplicate]) -> list[tuple[int, object, list[str]]]:
    return [(one.row, one.of, [*map(reason, one.reasons)]) for one in done]


class TestRow:
    def test_a_row_without_fault_is_ready(self) -> None:
        done = checked(ACME)
        assert done.counts == {"total": 1, "ready": 1, "withErrors": 0, "duplicates": 0, "doubtful": 0}
        assert (told(done), done.needs_correction) == ([], False)

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
        assert problems(f"K-1;Acme GmbH;Weg 1;{postcode};Ort;{country}") == [
            ("postcode", "error", f"'{postcode}' was probably '{meant}': Excel took it for a number")
        ]

    @pytest.mark.parametrize("postcode", ["106", "0067", "5123", "101155", "1067 Dresden", "1,5"])
    def test_no_original_is_suggested_for_any_other_postcode(self, postcode: str) -> None:
        assert problems(f"K-1;Acme GmbH;Weg 1;{postcode};Ort;DE") == [
            ("postcode", "error", f"DE postcodes have 5 digits, got '{postcode}'")
        ]

    def test_without_a_country_a_lost_zero_is_a_warning(self) -> None:
        assert problems("K-1;Acme GmbH;Weg 1;1067;Dresden;") == [
            ("postcode", "warning", "'1067' may be '01067', a number for Excel; add a country to check it")
        ]

    def test_a_country_given_by_name_is_read_as_its_code_and_its_rules_apply_to_the_postcode(self) -> None:
        done = checked("K-1;Acme GmbH;Weg 1;1067;Dresden;Deutschland")
        assert [field for _, field, *_ in told(done)] == ["postcode"]
        assert done.read_as == {"country": {"Deutschland": "DE"}}

    def test_a_misspelt_country_is_an_error_with_the_code_that_was_probably_meant(self) -> None:
        code = "expected an ISO 3166-1 alpha-2 code such as DE, got 'Deutschlnad'; did you mean DE?"
        assert problems("K-1;Acme GmbH;Weg 1;10115;Berlin;Deutschlnad") == [("country", "error", code)]

    @pytest.mark.parametrize(
        ("header", "cell", "expected"),
        [
            (
                "GLN",
                "4,01E+12",
                [("glnId", "error", "'4,01E+12' was rounded by Excel; take its digits from the source")],
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

    @pytest.mark.parametrize(
        ("name", "kind", "field", "sentence"),
        [
            ("", "", "name", "is neither a company with a name nor a person with a last name"),
            ("", "Unternehmen", "isCompany", "true, but the customer has no name"),
            ("Acme", "Privatperson", "isCompany", "false, but the customer has no lastName"),
        ],
    )
    def test_a_customer_whose_name_is_missing_is_an_error(
        self, name: str, kind: str, field: str, sentence: str
    ) -> None:
        line = f"K-1;{name};Weg 1;10115;Berlin;DE;{kind}"
        assert problems(line, f"{HEAD};Kundentyp") == [(field, "error", sentence)]

    def test_a_row_that_cannot_be_read_is_an_error_and_compared_with_nothing(self) -> None:
        done = checked(ACME, f"{ACME};zu;viel")
        message = "has 8 cells under 6 headers: does a text with ';' lack quotation marks?"
        assert told(done) == [(3, "", "error", message)]
        assert done.in_file == []

    def test_a_second_column_for_a_field_is_an_error_of_the_whole_file(self) -> None:
        done = checked(f"{ACME};030 12345;030 12346", head=f"{HEAD};Fax;Telefax")
        assert [(one.level, sentence(one.finding)) for one in done.sheet.findings] == [
            ("error", "is in two columns; 'Telefax' is not read")
        ]
        assert (done.counts["ready"], done.needs_correction) == (1, True)

    def test_every_row_counts_once_by_its_worst_problem(self) -> None:
        doubtful = "K-3;Zyx AG;Weg 1;80331;München;de"
        wrong_and_duplicate = "K-4;ACME GmbH;Weg 1;1011;Berlin;DE"
        done = checked(ACME, ACME.replace("K-1", "K-2"), doubtful, wrong_and_duplicate)
        assert done.counts == {"total": 4, "ready": 1, "withErrors": 1, "duplicates": 1, "doubtful": 1}


class TestDuplicates:
    def test_they_are_found_within_the_file_by_row_and_reason(self) -> None:
        done = checked(ACME, "K-2;Anders KG;Weg 1;80331;München;DE", "K-3;ACME Gmbh;Weg 9;10115;Berlin;DE")
        assert similar(done.in_file) == [(4, 2, ["same name, same postcode 10115"])]
        assert (done.counts["duplicates"], done.needs_correction) == (1, True)

    def test_each_row_is_reported_once_with_the_earliest_that_it_repeats(self) -> None:
        done = checked(*(ACME.replace("K-1", f"K-{place}") for place in range(4)))
        assert [(one.row, one.of) for one in done.in_file] == [(3, 2), (4, 2), (5, 2)]

    def test_another_legal_form_is_a_warning_and_no_duplicate(self) -> None:
        done = checked(ACME, "K-2;Acme UG;Musterstraße 1;10115;Berlin;DE")
        message = "is similar to row 2: same name, other legal form (GmbH, UG)"
        assert told(done) == [(3, "name", "warning", message)]
        assert (done.in_file, done.needs_correction) == ([], False)

    def test_one_number_in_two_rows_is_an_error_and_makes_no_duplicate(self) -> None:
        done = checked(ACME, "K-1;Anders KG;Weg 1;80331;München;DE")
        assert told(done) == [(3, "customerId", "error", "is the number of row 2 as well")]
        assert done.in_file == []


class TestExistingCustomers:
    def test_an_existing_customer_is_named_with_its_number_and_id(self) -> None:
        done = checked(ACME, existing=[HOLDER])
        assert similar(done.existing) == [(2, SHOWN, ["same name, same postcode 10115"])]
        assert (told(done), done.needs_correction) == ([], True)

    def test_a_taken_number_is_an_error_that_names_its_holder(self) -> None:
        done = checked("CUST-0042;Zyx AG;Weg 1;80331;München;DE", existing=[HOLDER])
        message = "is taken by Acme GmbH, CUST-0042, 10115, Berlin, id cust_abc123"
        assert told(done) == [(2, "customerId", "error", message)]
        assert done.existing == []

    def test_two_existing_customers_that_are_duplicates_are_not_reported(self) -> None:
        twin = Customer(RECORD | {"id": "cust_twin"})
        done = checked("K-1;Zyx AG;Weg 1;80331;München;DE", existing=[HOLDER, twin])
        assert (done.in_file, done.existing) == ([], [])

    def test_only_what_may_be_shown_of_an_existing_customer_is_shown(self) -> None:
        def redact(record: Record) -> Record:
            return {name: value for name, value in record.items() if name not in ("name", "city")}

        checker = FileChecker(read_customers(content(ACME.replace("K-1", "CUST-0042"))), redact)
        checker.check_rows()
        checker.compare(HOLDER)
        done = checker.result()
        assert [one.of for one in done.existing] == [redact(SHOWN)]
        assert [words for *_, words in told(done)] == ["is taken by CUST-0042, 10115, id cust_abc123"]


class TestFile:
    @pytest.mark.parametrize("lines", [[], [";;;;;"]], ids=["only headers", "only blank rows"])
    def test_a_file_without_customers_is_refused(self, lines: list[str]) -> None:
        with pytest.raises(UnusableFile, match=r"^The file has headers, but no customers below them\.$"):
            checked(*lines)
