"""What agents read in English is said in German to Germans: why a list is refused, why not all was done."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from faktoora_mcp.answers.many import STOPPED
from faktoora_mcp.answers.many_import import REASONS as LISTS
from faktoora_mcp.cli.texts.sentences import GERMAN, PARTS, in_language
from faktoora_mcp.language import speaking
from faktoora_mcp.queries.scan import CAPPED, UNSTEADY
from faktoora_mcp.sheets import customers
from faktoora_mcp.sheets.workbook import BOMB, NOT_A_WORKBOOK, SPREAD
from faktoora_mcp.writes.many import import_list, list_call, list_source
from faktoora_mcp.writes.many.import_list import LEFT_OUT
from tests.cli.commands import run, run_at_terminal

SOURCES = [
    *sorted(Path(str(customers.__file__)).parent.glob("*.py")),
    *(Path(str(module.__file__)) for module in (list_source, list_call, import_list)),
]
REASONS = {"UnusableFile": 0, "refusal": 1}
"""What refuses a list, and which argument says why."""
ANY = re.compile(r"\{\d\}|\{[^}]*\}")
PDF, OLD, ZIP = b"%PDF-1.7", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
NO_CITY = "Firma;Straße\nAcme GmbH;Weg 1\n".encode()
FILES = {
    "empty": b"",
    "headers alone": "Firma;Straße;PLZ;Ort;Land\n".encode(),
    "PDF": PDF,
    "old workbook": OLD,
    "damaged workbook": ZIP,
    "NUL": b"Firma;PLZ\n\0;\n",
    "columns missing": NO_CITY,
    "bookings": b'"EXTF";700;21;"Buchungsstapel"\n',
}
ENGLISH = {
    "the",
    "is",
    "not",
    "this",
    "it",
    "has",
    "holds",
    "and",
    "for",
    "of",
    "no",
    "file",
    "column",
    "row",
}


def shape(text: str) -> str:
    return ANY.sub("{}", text)


def refused() -> Iterator[str]:
    """The sentences in the code of sheets/ and of lists, with braces for what differs."""
    for node in (node for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8")))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REASONS:
            reason = node.args[REASONS[node.func.id]]
            if isinstance(reason, ast.Constant | ast.JoinedStr):
                yield "{}".join(pieces(reason))


def pieces(text: ast.Constant | ast.JoinedStr) -> list[str]:
    """What stands around the values."""
    if isinstance(text, ast.Constant):
        return [str(text.value)]
    return re.split(r"\{[^}]*\}", ast.unparse(text)[2:-1])


def test_every_sentence_has_its_german() -> None:
    known = [re.compile(re.escape(shape(text)).replace(r"\{\}", "(.+)")) for text in GERMAN]
    told = [text.replace("{}: ", f"{NOT_A_WORKBOOK}: ") for text in refused()]
    assert [text for text in (*told, BOMB, SPREAD) if not any(one.fullmatch(text) for one in known)] == []
    assert len([*refused()]) > 20


@pytest.mark.parametrize("text", [*STOPPED.values(), *LISTS.values(), CAPPED, UNSTEADY, LEFT_OUT])
def test_every_reason_why_not_all_was_done_has_its_german(text: str) -> None:
    told = text.format(7)
    variants = (told, f"{told}: 20 of 57 customers were read", f"{told} 3 are allowed.")
    with speaking("de"):
        assert any(in_language(one) != one for one in variants)


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("command", [("check-csv",), ("import", "--dry-run")], ids=" ".join)
def test_a_german_reads_german(kind: str, command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    path.write_bytes(FILES[kind])
    _, shown = run_at_terminal(
        command[0], str(path), *command[1:], "--sandbox", "--language", "de", columns=200
    )
    assert ENGLISH & {*re.findall(r"[A-Za-zß]+", shown)} == set(), shown


def test_an_agent_reads_english(tmp_path: Path) -> None:
    (tmp_path / "kunden.csv").write_bytes(NO_CITY)
    call = ("call", "import_customers", "path=kunden.csv", "--files", str(tmp_path), "--sandbox", "--json")
    assert "There is no column for postcode, city" in run(*call, "--language", "de").stdout


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_sentence_is_german_too(part: str) -> None:
    with speaking("de"):
        assert part not in in_language(f"There is no column x. {part}")
