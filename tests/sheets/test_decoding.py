"""Encodings of customer lists, detected for the whole file or line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.answers.sentences import sentence
from faktoora_mcp.sheets.customers import Sheet, read_customers
from faktoora_mcp.sheets.decoding import decoded

HEAD = "Firma;Straße;PLZ;Ort\r\n"
WORDS = ("Müller", "Groß", "Jäger", "Köln", "Öztürk", "Übersee", "Ärzte", "Café", "Weg 1", "GRÜN")


def text(content: bytes) -> str:
    return "".join(decoded(content).lines())


def told(sheet: Sheet) -> list[str]:
    return [sentence(one.finding) for one in sheet.findings]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850", "utf-8", "utf-8-sig", "utf-16"])
def test_a_file_in_one_encoding_is_read_in_it(encoding: str) -> None:
    written = f"{HEAD}Bäckerei Groß;Übergasse 1;80331;München\r\n"
    assert text(written.encode(encoding)).removeprefix("\ufeff") == written
    assert decoded(written.encode(encoding)).encoding == encoding


@given(st.lists(st.sampled_from(WORDS), min_size=1), st.sampled_from(["cp1252", "mac_roman", "cp850"]))
def test_german_words_tell_the_encodings_of_one_byte_apart(words: list[str], encoding: str) -> None:
    written = HEAD + ";".join(words)
    assert text(written.encode(encoding)) == written


@pytest.mark.parametrize(("encoding", "name"), [("mac_roman", "Mac Roman"), ("cp850", "DOS code page 850")])
def test_an_encoding_that_other_programs_misread_is_an_error_of_the_file(encoding: str, name: str) -> None:
    sheet = read_customers(f"{HEAD}Groß;Weg 1;80331;München".encode(encoding))
    assert told(sheet) == [f"The file is in {name}, which other programs misread. Save it as UTF-8."]
    assert [(row.record["city"], row.ready) for row in sheet.rows()] == [("München", True)]


@pytest.mark.parametrize("other", ["cp1252", "mac_roman"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["unmarked", "marked"])
def test_a_line_in_another_encoding_is_read_in_its_own_and_named(other: str, mark: bytes) -> None:
    fine, odd = "Köhler AG;Weg 1;50667;Köln\r\n", "Jäger KG;Weg 2;80331;München\r\n"
    sheet = read_customers(mark + (HEAD + fine).encode() + odd.encode(other) + fine.encode())
    first, second, third = sheet.rows()
    assert (first.ready, second.ready, third.ready) == (True, False, True)
    assert (second.record["name"], second.record["city"]) == ("Jäger KG", "München")
    assert [(one.column, sentence(one.finding)) for one in second.findings] == [
        ("Firma", "'J\ufffdger KG' is 'Jäger KG' in another encoding than the rest of the file"),
        ("Ort", "'M\ufffdnchen' is 'München' in another encoding than the rest of the file"),
    ]
    name = "UTF-8 with BOM" if mark else "UTF-8"
    assert told(sheet) == [f"Some lines are not in {name} as the others are. Save the file as UTF-8."]


def test_one_line_in_utf_8_within_windows_1252_is_found_as_well() -> None:
    content = f"{HEAD}Jäger;Weg;80331;München\r\n".encode("cp1252") + "Köhler;Weg;50667;Köln\n".encode()
    assert [row.record["city"] for row in read_customers(content).rows()] == ["München", "Köln"]


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.booleans()), min_size=1))
def test_lines_of_utf_8_and_windows_1252_in_any_order_are_read(lines: list[tuple[str, bool]]) -> None:
    content = b"".join(f"{word}\n".encode("utf-8" if new else "cp1252") for word, new in lines)
    assert text(HEAD.encode() + content) == HEAD + "".join(f"{word}\n" for word, _ in lines)
