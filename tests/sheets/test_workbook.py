"""Excel workbooks: cells as a person sees them, the right worksheet, archives that would fill the memory."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from openpyxl import Workbook

from faktoora_mcp.answers.sentences import sentence
from faktoora_mcp.sheets import workbook
from faktoora_mcp.sheets.customers import CustomerRow, read_customers
from faktoora_mcp.sheets.tables import UnusableFile

HEAD = ("Kunden-Nr.", "Firma", "Straße", "PLZ", "Ort", "Land")
ACME = ("00042", "Acme GmbH", "Weg 1", "10115", "Berlin", "DE")
NO_WORKBOOK = "This is a ZIP archive, but no Excel workbook that can be read"


def saved(
    sheets: Mapping[str, Sequence[Sequence[object]]], formats: Mapping[str, str] | None = None
) -> bytes:
    """A workbook with these worksheets; `formats` are number formats of cells in the first."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for place, shown_as in (formats or {}).items():
        book.worksheets[0][place].number_format = shown_as
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(*rows: Sequence[object], formats: Mapping[str, str] | None = None) -> list[CustomerRow]:
    return [*read_customers(saved({"Kunden": [HEAD, *rows]}, formats)).rows()]


def refusal(content: bytes) -> str:
    with pytest.raises(UnusableFile) as caught:
        list(read_customers(content).rows())
    return str(caught.value)


def repacked(parts: Mapping[str, bytes]) -> bytes:
    """A workbook with some parts replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved({"Kunden": [HEAD, ACME]}))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts.get(name) or old.read(name))
    return file.getvalue()


class TestCells:
    def test_text_keeps_its_zeros_and_rows_their_numbers(self) -> None:
        (row,) = read((), ACME)
        assert (row.place, row.record["customerId"], row.ready) == (3, "00042", True)

    def test_a_number_has_no_decimals(self) -> None:
        (row,) = read((42, "Acme GmbH", "Weg 1", 10115.0, "Berlin", "DE"))
        assert (row.record["customerId"], row.record["postcode"], row.ready) == ("42", "10115", True)

    def test_a_lost_zero_is_proposed_and_one_that_the_format_shows_is_there(self) -> None:
        row = (42, "Acme GmbH", "Weg 1", 1067, "Dresden", "DE")
        (lost,) = read(row)
        assert (lost.record["postcode"], lost.repairs) == ("1067", {"postcode": "01067"})
        (shown,) = read(row, formats={"D2": "00000"})
        assert (shown.record["postcode"], shown.ready) == ("01067", True)

    @pytest.mark.parametrize(
        ("value", "sentence_of_it"),
        [
            (date(2024, 2, 1), "'2024-02-01' was probably 1-2 or 1/2: Excel took it for a date"),
            (True, "'TRUE' is a word for yes or no; take the value from the source"),
            ("#N/A", "'#N/A' is an error of a spreadsheet, no value; take it from the source"),
            (4.012345e18, "'4.012345E+18' was rounded by Excel; take its digits from the source"),
        ],
        ids=["date", "truth", "error", "digits"],
    )
    def test_what_is_no_text_is_named(self, value: object, sentence_of_it: str) -> None:
        (row,) = read(("1", "Acme GmbH", value, "10115", "Berlin", "DE"))
        assert [(one.column, sentence(one.finding)) for one in row.findings] == [("Straße", sentence_of_it)]

    def test_cells_beside_the_headers_are_an_error(self) -> None:
        (row,) = read((*ACME, "Rest"))
        assert [sentence(one.finding) for one in row.findings] == [
            "has 7 cells under 6 headers: give every column a header"
        ]


class TestWorksheets:
    def test_the_one_with_most_known_headers_is_read_and_the_others_are_named(self) -> None:
        sheet = read_customers(saved({"Deckblatt": [("Kunden 2026",)], "Liste": [HEAD, ACME]}))
        assert (sheet.layout.worksheet, [row.customer for row in sheet.rows()]) == ("Liste", ["Acme GmbH"])
        assert [sentence(one.finding) for one in sheet.findings] == [
            "Only the worksheet 'Liste' was read, not 'Deckblatt'."
        ]

    def test_titles_may_stand_above_the_headers(self) -> None:
        sheet = read_customers(saved({"Kunden": [("Kundenliste",), (), HEAD, ACME]}))
        assert (sheet.head, [row.place for row in sheet.rows()]) == (3, [4])

    def test_a_workbook_without_cells_is_empty(self) -> None:
        assert refusal(saved({"Kunden": []})) == "The file is empty."


class TestDangerousArchives:
    def test_a_bomb_is_refused_without_unpacking_it(self) -> None:
        assert refusal(repacked({"xl/media/a.xml": bytes(201_000_000)})) == workbook.BOMB

    def test_a_part_with_more_than_it_declares_is_refused(self) -> None:
        content = bytearray(repacked({"xl/media/a.xml": bytes(5_000_000)}))
        wanted = struct.pack("<L", 5_000_000)
        for _ in range(2):
            place = content.index(wanted)
            content[place : place + 4] = struct.pack("<L", 10)
        assert refusal(bytes(content)) == f"{NO_WORKBOOK}: 10 bytes are declared, it has more."

    def test_cells_that_are_far_apart_are_read_in_little_memory(self) -> None:
        headers = "".join(f'<c t="inlineStr"><is><t>{header}</t></is></c>' for header in HEAD)
        rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 3_000))
        xml = (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            f"<row>{headers}</row>{rows}</sheetData></worksheet>"
        )
        assert refusal(repacked({"xl/worksheets/sheet1.xml": xml.encode()})) == workbook.SPREAD

    @pytest.mark.parametrize(
        "content",
        [
            b"PK\x03\x04",
            saved({"Kunden": [HEAD, ACME]})[:-30],
            repacked({"xl/workbook.xml": b"<a>"}),
            repacked({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row><c r='!'>"}),
        ],
        ids=["start only", "cut off", "no workbook", "broken worksheet"],
    )
    def test_a_damaged_one_is_refused(self, content: bytes) -> None:
        assert refusal(content).startswith(NO_WORKBOOK)
