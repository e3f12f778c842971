"""Customer lists as imports and checks read them: rows with their place, record, findings and repairs."""

from collections.abc import Sequence
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.answers.sentences import sentence
from faktoora_mcp.api.models import WRITABLE
from faktoora_mcp.sheets.customers import CustomerRow, Sheet, read_customers
from faktoora_mcp.sheets.tables import UnusableFile
from faktoora_mcp.sheets.writing import COLUMNS, csv_table
from faktoora_mcp.text import trimmed
from tests.customer_files import ACME, HEAD, content

EXTF = (
    '"EXTF";700;16;"Debitoren/Kreditoren";5;20260130140440439;;"RE";"";"";29098;55003;20260101;5;;;"";"";;"";'
)
DATEV = (
    "Konto;Name (Adressattyp Unternehmen);Unternehmensgegenstand;Name (Adressattyp natürl. Person);"
    "Vorname (Adressattyp natürl. Person);Name (Adressattyp keine Angabe);Adressattyp;Kurzbezeichnung;"
    "EU-Land;EU-UStID;Anrede;Titel/Akad. Grad;Adressart;Straße;Postfach;Postleitzahl;Ort;Land;Telefon;E-Mail;"
    "Fax;Steuernummer;Kunden-/Lief.-Nr."
)
FIRM = '10001;"Acme GmbH";;;;;2;Acme;DE;136695976;;;STR;"Weg 1";;"01067";"Dresden";DE;;info@acme.de;;;'
PERSON = '10002;;;"Maier";"Eva";;1;Maier;;;Frau;;PF;;"4711";"10115";"Berlin";DE;;;;;'
SUPPLIER = FIRM.replace("10001", "70001")


def rows(*lines: str, head: str = HEAD, **options: bool) -> list[CustomerRow]:
    return [*read_customers(content(*lines, head=head)).rows(**options)]


def told(row: CustomerRow) -> list[tuple[str, str | None, str]]:
    return [(one.level, one.column, sentence(one.finding)) for one in row.findings]


def datev(*lines: str, first: Sequence[str] = (EXTF,)) -> Sheet:
    return read_customers("\r\n".join((*first, DATEV, *lines, "")).encode("cp1252"))


def test_a_row_is_a_record_with_its_place_and_the_customer_it_is_about() -> None:
    (row,) = rows(ACME)
    assert (row.place, row.customer, row.ready) == (2, "Acme GmbH", True)
    assert row.record == {
        "customerId": "K-1",
        "name": "Acme GmbH",
        "address": "Musterstraße 1",
        "postcode": "10115",
        "city": "Berlin",
        "country": "DE",
        "isCompany": True,
        "extras": {},
    }


def test_rows_can_be_read_again() -> None:
    sheet = read_customers(content(ACME))
    assert [*sheet.rows()] == [*sheet.rows()]


def test_titles_may_stand_above_the_headers() -> None:
    sheet = read_customers(f"Kundenliste;;\r\nStand: heute\r\n\r\n{HEAD}\r\n{ACME}\r\n".encode())
    assert (sheet.head, [row.place for row in sheet.rows()]) == (4, [5])


class TestDamage:
    def test_a_finding_names_column_and_what_was_probably_there(self) -> None:
        (row,) = read_customers(f"{HEAD}\n'00042;MÃ¶bel Schulz;Weg 1;1067;#NV;DE".encode()).rows()
        assert told(row) == [
            ("error", "Kundennummer", "''00042' was probably '00042': an apostrophe marks it as text"),
            ("error", "Firma", "'MÃ¶bel Schulz' was probably 'Möbel Schulz': it was encoded twice"),
            ("error", "PLZ", "'1067' was probably '01067': Excel took it for a number"),
            ("error", "Ort", "'#NV' is an error of a spreadsheet, no value; take it from the source"),
        ]

    def test_repairs_are_proposed_and_the_record_is_as_the_file_has_it(self) -> None:
        (row,) = rows("'00042;Acme GmbH;Weg 1;1067;Dresden;DE")
        assert row.repairs == {"customerId": "00042", "postcode": "01067"}
        assert (row.record["customerId"], row.record["postcode"], row.ready) == ("'00042", "1067", False)

    def test_a_repair_that_is_accepted_is_taken_and_named(self) -> None:
        (row,) = rows("'00042;Acme GmbH;Weg 1;1067;Dresden;DE", accept_repairs=True)
        assert (row.record["customerId"], row.record["postcode"], row.ready) == ("00042", "01067", True)
        assert told(row) == [
            ("warning", "Kundennummer", "''00042' was repaired: '00042'"),
            ("warning", "PLZ", "'1067' was repaired: '01067'"),
        ]

    def test_what_cannot_be_repaired_stays_an_error(self) -> None:
        (row,) = rows("#NV;Acme GmbH;Weg 1;1067;Dresden;DE", accept_repairs=True)
        assert (row.record["postcode"], row.ready) == ("01067", False)

    def test_a_word_for_an_empty_cell_is_no_value_once_accepted(self) -> None:
        (row,) = rows(f"{ACME};NULL", head=f"{HEAD};Telefon", accept_repairs=True)
        assert "phoneNo" not in row.record

    def test_damage_in_a_column_that_is_not_read_is_a_warning(self) -> None:
        (row,) = rows(f"{ACME};#NV", head=f"{HEAD};Umsatz")
        assert told(row) == [
            ("warning", "Umsatz", "'#NV' is an error of a spreadsheet, no value; take it from the source")
        ]

    def test_blanks_that_nobody_sees_are_left_out_with_a_warning(self) -> None:
        (row,) = rows("K-1;\u00a0Acme GmbH;Weg 1;10115;Berlin;DE")
        assert (row.record["name"], told(row)) == (
            "Acme GmbH",
            [("warning", "Firma", "has characters at its ends that nobody sees; they are left out")],
        )

    @pytest.mark.parametrize(
        ("header", "cell", "meant"),
        [
            ("GLN", "012345000058", "0012345000058"), ("D-U-N-S", "34567890", "034567890"),
            ("Telefon", "301234567", "0301234567"), ("Telefon", "49301234567", "+49301234567"),
        ],
    )  # fmt: skip
    def test_a_number_that_lost_what_stood_before_it_is_recognised(
        self, header: str, cell: str, meant: str
    ) -> None:
        (row,) = rows(f"{ACME};{cell}", head=f"{HEAD};{header}")
        assert [*row.repairs.values()] == [meant]

    def test_a_customer_number_has_as_many_digits_as_others_that_begin_with_zeros(self) -> None:
        first, second = rows(ACME.replace("K-1", "00042"), "43;Zyx AG;Weg 1;80331;München;DE")
        assert (first.ready, first.repairs) == (True, {})
        assert (second.ready, second.repairs) == (False, {"customerId": "00043"})

    @pytest.mark.parametrize("numbers", ["42 43 7", "0042 00043 7", "00042 100000 7", "0 42 7"])
    def test_without_such_others_nobody_knows_its_digits(self, numbers: str) -> None:
        lines = [f"{number};Acme {number} GmbH;Weg 1;80331;München;DE" for number in numbers.split()]
        assert [row.repairs for row in rows(*lines)] == [{}] * 3


class TestWords:
    @pytest.mark.parametrize(
        ("country", "code"),
        [
            ("Deutschland", "DE"), ("Österreich", "AT"), ("SCHWEIZ", "CH"), ("Germany", "DE"),
            ("Elfenbeinküste", "CI"), ("South Korea", "KR"), ("Neuseeland", "NZ"), ("de", "DE"),
            ("D", "DE"), ("DEU", "DE"), ("A", "AT"),
        ],
    )  # fmt: skip
    def test_names_of_countries_are_read_as_codes(self, country: str, code: str) -> None:
        postcode = {"DE": "10115"}.get(code, "8001")
        (row,) = rows(f"K-1;Acme GmbH;Weg 1;{postcode};Ort;{country}")
        assert row.record["country"] == code
        assert row.ready

    @pytest.mark.parametrize(
        ("word", "flag"),
        [
            ("Unternehmen", True), ("Firma", True), ("gewerblich", True), ("Geschäftskunde", True),
            ("Privatperson", False), ("privat", False), ("PRIVAT", False), ("Natürliche  Person", False),
        ],
    )  # fmt: skip
    def test_kinds_of_customers_are_read_as_yes_or_no(self, word: str, flag: bool) -> None:  # noqa: FBT001
        (row,) = rows(f"{ACME};{word};Maier", head=f"{HEAD};Kundentyp;Nachname")
        assert row.record["isCompany"] is flag
        assert row.read_as["isCompany"] == (word, flag)
        assert row.ready


class TestColumns:
    def test_a_file_that_was_encoded_twice_is_read_and_its_header_is_an_error_of_the_file(self) -> None:
        twice = f"{HEAD}\n{ACME}".encode().decode("cp1252").encode()
        sheet = read_customers(twice)
        assert [sentence(one.finding) for one in sheet.findings] == ["The header 'StraÃŸe' is damaged."]
        (row,) = sheet.rows(accept_repairs=True)
        assert row.record["address"] == "Musterstraße 1"

    def test_a_field_may_be_named_for_a_header(self) -> None:
        head = "Bezeichner;Straße;PLZ;Ort"
        sheet = read_customers(
            content("Acme GmbH;Weg 1;10115;Berlin", head=head), columns={"Bezeichner": "name"}
        )
        assert [row.record["name"] for row in sheet.rows()] == ["Acme GmbH"]

    def test_a_header_that_the_file_lacks_is_refused(self) -> None:
        with pytest.raises(UnusableFile, match=r"^There is no column 'Nix'\. it holds 'Kundennummer', "):
            read_customers(content(ACME), columns={"Nix": "name"})


class TestDatev:
    @pytest.mark.parametrize("first", [[EXTF], []], ids=["with EXTF", "without"])
    def test_an_export_of_debtors_is_read_with_or_without_its_first_line(self, first: list[str]) -> None:
        sheet = datev(FIRM, PERSON, first=first)
        firm, person = sheet.rows()
        assert (sheet.datev, firm.ready, person.ready) == (True, True, True)
        assert firm.record == {
            "customerId": "10001", "name": "Acme GmbH", "address": "Weg 1", "postcode": "01067",
            "city": "Dresden", "country": "DE", "vatId": "DE136695976", "email": "info@acme.de",
            "isCompany": True, "extras": {},
        }  # fmt: skip
        assert person.record == {
            "customerId": "10002", "firstName": "Eva", "lastName": "Maier", "address": "Postfach 4711",
            "postcode": "10115", "city": "Berlin", "country": "DE", "gender": "Frau", "isCompany": False,
            "extras": {},
        }  # fmt: skip

    @pytest.mark.parametrize("account", ["70001", "99999", "7000001", "4400", "999"])
    def test_accounts_that_are_no_debtors_are_errors(self, account: str) -> None:
        (row,) = datev(FIRM.replace("10001", account)).rows()
        assert not row.ready
        assert [(one.column, one.finding.path) for one in row.findings] == [("Konto", "customerId")]

    @pytest.mark.parametrize("account", ["10000", "69999", "1000001", "69999999"])
    def test_accounts_of_debtors_may_be_longer(self, account: str) -> None:
        assert [row.ready for row in datev(FIRM.replace("10001", account)).rows()] == [True]

    @pytest.mark.parametrize(("header", "level"), [("Konto", "error"), ("Debitoren-Nr.", "warning")])
    def test_an_account_of_a_supplier_is_named_in_other_lists_too(self, header: str, level: str) -> None:
        (row,) = rows("70001;Acme GmbH;Weg 1;10115;Berlin", head=f"{header};Firma;Straße;PLZ;Ort")
        assert told(row) == [
            (level, header, "account 70001 is a supplier's (Kreditor), no customer's; remove the row")
        ]

    def test_another_kind_of_export_is_refused_by_its_name(self) -> None:
        with pytest.raises(UnusableFile, match=r"^This is a DATEV export of 'Buchungsstapel'\. Export the"):
            datev(
                FIRM, first=[EXTF.replace("Debitoren/Kreditoren", "Buchungsstapel").replace(";16;", ";21;")]
            )

    def test_a_name_without_a_kind_is_a_company(self) -> None:
        (row,) = datev(FIRM.replace('"Acme GmbH";;;;', ';;;;"Acme GmbH"').replace(";2;", ";0;")).rows()
        assert (row.record["name"], row.record["isCompany"]) == ("Acme GmbH", True)


WRITTEN = sorted({*WRITABLE} & {*COLUMNS} - {"isCompany", "extras"})
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.text("'=+-@ \t1a\u00a0"),
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, JsonValue]:
    texts = draw(st.dictionaries(st.sampled_from(WRITTEN), TEXTS.filter(trimmed), min_size=1))
    extras = draw(st.dictionaries(st.text(max_size=5), st.one_of(st.text(), st.integers(), st.booleans())))
    record: dict[str, JsonValue] = {"id": "cust_1", "isCompany": draw(st.booleans()), "extras": {**extras}}
    return {**record, **texts}


@given(records())
def test_our_own_export_is_read_back_whole(record: dict[str, JsonValue]) -> None:
    file = StringIO(newline="")
    csv_table(file)(record)
    (row,) = read_customers(file.getvalue().encode(errors="backslashreplace")).rows()
    texts = {name: trimmed(str(value)) for name, value in record.items() if name in WRITTEN}
    read_back = {name: str(value) for name, value in row.record.items() if name in texts}
    assert {name: read_back[name].strip() for name in texts if name not in RULED} == {
        name: text for name, text in texts.items() if name not in RULED
    }
    assert (row.record["isCompany"], row.record["extras"]) == (record["isCompany"], record["extras"])


RULED = {
    "country",
    "email",
    "vatId",
    "peppolId",
    "glnId",
    "dunsId",
    "postcode",
    "taxId",
    "phoneNo",
    "routeId",
}
"""Fields that rules write in another form."""
