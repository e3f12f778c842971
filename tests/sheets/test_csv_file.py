"""Customer lists as Excel and other programs write them: what is read and what is refused."""

import codecs
import csv
import tracemalloc
from collections.abc import Sequence
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.answers.sentences import sentence
from faktoora_mcp.sheets.csv_file import DELIMITERS
from faktoora_mcp.sheets.customers import Sheet, read_customers
from faktoora_mcp.sheets.decoding import USUAL
from faktoora_mcp.sheets.judging import CustomerRow
from faktoora_mcp.sheets.tables import UnusableFile
from faktoora_mcp.text import trimmed

HEAD = "Firma;Straße;PLZ;Ort"
EXCEL = f"{HEAD}\r\nMüller & Söhne;Königsallee 1;01067;Görlitz\r\n"
SAVE = 'In Excel, choose "Save as" and "CSV UTF-8"'
NO_CSV = f"not a CSV file. {SAVE}, and check the new file."
NUL = f"The file has NUL characters, so it is not a CSV file. {SAVE}."
MUELLER = {"name": "Müller & Söhne", "address": "Königsallee 1", "postcode": "01067", "city": "Görlitz"}


def read(text: str, encoding: str = "utf-8") -> Sheet:
    return read_customers(text.encode(encoding))


def rows(text: str) -> list[CustomerRow]:
    return [*read(text).rows()]


def row(line: str, head: str = HEAD) -> CustomerRow:
    (only,) = rows(f"{head}\n{line}\n")
    return only


def cells(one: CustomerRow) -> dict[str, object]:
    """What the cells of a row say."""
    return {
        name: value for name, value in one.record.items() if value and name not in ("isCompany", "extras")
    }


def fault(one: CustomerRow) -> str:
    """Why a row cannot be read."""
    return "".join(sentence(found.finding) for found in one.findings if found.level == "error")


def refusal(content: bytes) -> str:
    with pytest.raises(UnusableFile) as caught:
        read_customers(content)
    return str(caught.value)


class TestEncoding:
    @pytest.mark.parametrize(
        ("content", "encoding"),
        [
            (EXCEL.encode("cp1252"), "cp1252"),
            (EXCEL.encode("utf-8-sig"), "utf-8-sig"),
            (EXCEL.encode(), "utf-8"),
            (EXCEL.encode("utf-16"), "utf-16"),
            (codecs.BOM_UTF16_BE + EXCEL.encode("utf-16-be"), "utf-16"),
        ],
        ids=["German Excel", "CSV UTF-8", "no mark", "Unicode text", "big endian"],
    )
    def test_it_is_detected_by_the_byte_order_mark_or_else_by_decoding(
        self, content: bytes, encoding: str
    ) -> None:
        sheet = read_customers(content)
        assert (sheet.layout.encoding, [*map(cells, sheet.rows())]) == (encoding, [MUELLER])

    def test_an_umlaut_after_very_much_text_decides_too(self) -> None:
        content = EXCEL.encode("ascii", "ignore").replace(b"Strae", b"Strasse") + b"a;b;c;d\r\n" * 30_000
        assert read_customers(content).layout.encoding == "utf-8"
        assert read_customers(content + b"M\xfcller;b;c;d").layout.encoding == "cp1252"


class TestRefusal:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "The file is empty."),
            (b"\r\n \r\n", "The file is empty."),
            (codecs.BOM_UTF8, "The file is empty."),
            (b"sep=;\r\n;;;\r\n", "The file is empty."),
            (
                b"PK\x03\x04\x14\x00",
                "This is a ZIP archive, but no Excel workbook that can be read: it is damaged.",
            ),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", f"This is an old Excel workbook, or one with a password, {NO_CSV}"),
            (b"%PDF-1.7", f"This is a PDF, {NO_CSV}"),
            (b"Firma;PLZ\n\0;1\n", NUL),
            (EXCEL.encode("utf-16-le"), NUL),
            (b"\x81\xb0\xb1\xb2\xb3\xd7\xda;PLZ", f"The file is not text in UTF-8 or Windows-1252. {SAVE}."),
            (
                EXCEL.encode("utf-16")[:-1],
                f"The file is not text in UTF-16, although it starts like that. {SAVE}.",
            ),
            (b'"Firma;PLZ\n', "Row 1, where the headers should be, cannot be read"),
        ],
        ids=[
            "empty", "blank", "only a mark", "only delimiters", "xlsx", "xls", "pdf", "NUL",
            "unmarked UTF-16", "bytes", "half a character", "broken headers",
        ],
    )  # fmt: skip
    def test_what_is_no_csv_file_is_refused_with_what_to_do(self, content: bytes, sentence: str) -> None:
        assert refusal(content).startswith(sentence)

    def test_a_refusal_for_unknown_headers_names_the_expected_ones(self) -> None:
        assert refusal(b"1;2\n3;4\n") == (
            "There is no column for address, postcode, city. The first row must hold headers such as "
            "Firma, Straße, PLZ, Ort, Land; separated by semicolons, it holds '1', '2'."
        )

    def test_required_fields_need_a_column(self) -> None:
        assert refusal(b"Firma,PLZ,Ort,a,b,c,d,e,\x1b[31mf").endswith(
            "separated by commas, it holds 'Firma', 'PLZ', 'Ort', 'a', 'b', 'c', 'd', 'e' and others."
        )


class TestDelimiter:
    @pytest.mark.parametrize("mark", DELIMITERS)
    def test_the_one_with_the_most_known_headers_is_used(self, mark: str) -> None:
        sheet = read(EXCEL.replace(";", mark))
        assert (sheet.layout.delimiter, [*map(cells, sheet.rows())]) == (mark, [MUELLER])

    def test_other_delimiters_may_occur_more_often_within_headers(self) -> None:
        file = read("Firma, Verein, Amt, Stelle, Büro;Straße;PLZ;Ort\n")
        assert file.layout.delimiter == ";"

    @pytest.mark.parametrize(
        "line", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n', "sep=;  \r", "\ufeffsep=;\r\n"], ids=repr
    )
    def test_a_first_line_may_declare_it_and_is_not_counted_as_a_row(self, line: str) -> None:
        sheet = read(line + EXCEL)
        assert (sheet.layout.delimiter, sheet.head, [one.place for one in sheet.rows()]) == (";", 1, [2])

    def test_an_unusual_one_is_used_if_declared(self) -> None:
        assert [*map(cells, read("sep=^\n" + EXCEL.replace(";", "^")).rows())] == [MUELLER]

    def test_a_declared_one_is_used_even_if_no_header_is_known(self) -> None:
        assert "separated by commas, it holds 'Firma;Straße;PLZ;Ort'." in refusal(b"sep=,\n" + EXCEL.encode())


class TestHeaders:
    def test_columns_keep_the_order_of_the_file_and_know_their_fields(self) -> None:
        file = read(f"{HEAD};Tel.;Telefon\na;b;c;d;1;2\n")
        assert [column.field for column in file.columns] == [*MUELLER, "phoneNo", "phoneNo"]
        assert [one.record["phoneNo"] for one in file.rows()] == ["1"]

    def test_empty_ones_at_the_end_are_no_columns(self) -> None:
        assert len(read(f"{HEAD};;;\na;b;c;d;;;\n").columns) == 4

    def test_they_may_hold_line_breaks_and_stand_below_blank_lines(self) -> None:
        file = read('\n;;\n"Firma";"Straße\nund Nr.";PLZ;Ort\na;b;c;d\n')
        assert (file.head, [one.place for one in file.rows()]) == (3, [4])
        assert file.columns[1].field == "address"


class TestRows:
    def test_they_are_numbered_as_excel_counts(self) -> None:
        text = f'sep=;\n{HEAD}\n\n"zwei\nZeilen";b;c;d\n;;;\nletzte;b;c;d\n'
        assert [(one.place, one.record["name"]) for one in rows(text)] == [(3, "zwei\nZeilen"), (5, "letzte")]

    def test_quotation_marks_are_doubled_within_quotation_marks(self) -> None:
        assert row('"Haus ""Sonne""; Meer";b;c;d').record["name"] == 'Haus "Sonne"; Meer'

    def test_blanks_around_a_cell_and_empty_cells_are_left_out(self) -> None:
        assert cells(row(" a\u00a0;;\u200b;  d")) == {"name": "a", "city": "d"}

    def test_missing_cells_are_a_warning(self) -> None:
        short = row("a;b")
        assert cells(short) == {"name": "a", "address": "b"}
        assert (short.findings[0].level, sentence(short.findings[0].finding)) == (
            "warning",
            "has fewer cells (2) than there are headers (4); the last are taken as empty",
        )

    def test_the_cells_of_a_row_with_too_many_are_not_guessed_at(self) -> None:
        wide = row("Meier; Sohn;b;c;d")
        assert (cells(wide), fault(wide)) == (
            {},
            "has 5 cells under 4 headers: does a text with ';' lack quotation marks?",
        )

    def test_superfluous_empty_cells_are_ignored(self) -> None:
        assert row("a;b;c;d;; ;").ready

    def test_a_stray_quotation_mark_spoils_one_row_only(self) -> None:
        broken, fine = rows(f'{HEAD}\n"Café "Sonne"";b;c;d\na;b;c;d\n')
        assert (broken.place, fault(broken)) == (
            2,
            "cannot be read (';' expected after '\"'): are its quotation marks doubled and closed?",
        )
        assert (fine.place, fine.ready) == (3, True)

    @pytest.mark.parametrize("rest", ["", 'b;"c";d\n', "b;c;d\n" * 30_000], ids=["end", "next", "too large"])
    def test_after_a_quotation_mark_that_is_not_closed_nothing_is_guessed(self, rest: str) -> None:
        fine, broken = rows(f'{HEAD}\na;b;c;d\n"a;b;c;d\na;b;c;d\n{rest}')
        assert (fine.ready, broken.place) == (True, 3)
        assert fault(broken).endswith("closed? Nothing below it was read.")

    def test_a_huge_cell_is_refused_alone(self) -> None:
        broken, fine = rows(f"{HEAD}\n{'a' * 200_000};b;c;d\na;b;c;d\n")
        assert fault(broken).startswith("cannot be read (field larger than field limit")
        assert fine.record["name"] == "a"

    def test_a_large_cell_is_read(self) -> None:
        assert len(str(row(f"{'a' * 100_000};b;c;d").record["name"])) == 100_000

    def test_a_file_may_hold_headers_only(self) -> None:
        assert rows(HEAD) == []

    def test_memory_does_not_grow_with_their_number(self) -> None:
        file = read(EXCEL + "Firma;Straße 1;10115;Berlin\n" * 10_000)
        tracemalloc.start()
        count = sum(1 for _ in file.rows())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 10_001
        assert peak < 200_000, "a buffer or two; all rows would take 4 MB"


LETTERS = "äöüÄÖÜßéèàçñ aBz1.&"
"""Of these a file in Windows-1252 is known; signs alone may be in any encoding."""
QUOTINGS = (
    (csv.QUOTE_MINIMAL, "\r\n"),
    (csv.QUOTE_ALL, "\r\n"),
    (csv.QUOTE_ALL, "\n"),
    (csv.QUOTE_ALL, "\r"),
)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str, list[list[str]], bytes]:
    """Encoding, delimiter, rows, and the bytes that a program writes of them."""
    encoding, delimiter = draw(st.sampled_from(USUAL)), draw(st.sampled_from([*DELIMITERS]))
    texts = st.text(LETTERS) if encoding == "cp1252" else st.text()
    cells = st.one_of(texts, st.text('";,|\t\r\n a')).map(lambda text: text.replace("\0", ""))
    lines = draw(st.lists(st.lists(cells, min_size=4, max_size=4), max_size=6))
    return (
        encoding,
        delimiter,
        lines,
        as_csv(lines, delimiter, *draw(st.sampled_from(QUOTINGS))).encode(encoding),
    )


def as_csv(lines: Sequence[Sequence[str]], delimiter: str, quoting: int, end: str) -> str:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([HEAD.split(";"), *lines])
    return text.getvalue()


@given(written())
def test_what_is_written_in_any_dialect_and_encoding_is_read_back(
    file: tuple[str, str, list[list[str]], bytes],
) -> None:
    encoding, delimiter, lines, content = file
    read_back = read_customers(content)
    names = ("name", "address", "postcode", "city")
    expected = [
        (number, {name: trimmed(cell) for name, cell in zip(names, line, strict=True) if trimmed(cell)})
        for number, line in enumerate(lines, 2)
    ]
    assert (read_back.layout.encoding, read_back.layout.delimiter) == (encoding, delimiter)
    assert [(one.place, cells(one)) for one in read_back.rows()] == [one for one in expected if one[1]]


@given(st.binary(), st.sampled_from([b"", codecs.BOM_UTF16_LE, "Straße;PLZ;Ort\n".encode("cp1252")]))
def test_any_bytes_are_read_or_refused(content: bytes, start: bytes) -> None:
    try:
        read_back = [*read_customers(start + content).rows()]
    except UnusableFile:
        return
    assert all(one.findings or cells(one) for one in read_back)
