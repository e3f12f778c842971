"""German and English: nothing is in the wrong language, and programs read the same in both."""

import inspect
import json
from pathlib import Path
from string import Formatter

import click
import pytest
from click import unstyle

from faktoora_mcp.cli.main import cli
from faktoora_mcp.cli.texts import errors
from faktoora_mcp.cli.texts.usage import language_of
from faktoora_mcp.cli.texts.words import german, number, percent, plural
from faktoora_mcp.errors import FaktooraError
from faktoora_mcp.language import Language, speaking
from tests.cli.commands import run, run_at_terminal
from tests.cli.said import helps, said
from tests.processes import Process

LIST = (
    "Firma;Straße;PLZ;Ort;Land;USt-IdNr.\n"
    "Acme GmbH;Musterstraße 1;10115;Berlin;DE;\n"
    "Beta GmbH;Weg 1;101155;Berlin;DE;DE12\n"
    "Acme GmbH;Musterstraße 1;10115;Berlin;DE;\n"
)
DE = ("--language", "de")


def commands(group: click.Group, *before: str) -> list[tuple[str, ...]]:
    """The words of every command, those of groups too."""
    found: list[tuple[str, ...]] = [before]
    for name, command in group.commands.items():
        words = (*before, name)
        found += commands(command, *words) if isinstance(command, click.Group) else [words]
    return found


def kinds(error: type[FaktooraError] = FaktooraError) -> set[str]:
    """The codes of all errors."""
    below = {code for one in error.__subclasses__() for code in kinds(one)}
    return below | ({error.code} if hasattr(error, "code") else set())


@pytest.fixture
def kunden(tmp_path: Path) -> str:
    path = tmp_path / "kunden.csv"
    path.write_text(LIST, encoding="utf-8")
    return str(path)


def test_every_text_has_its_german_and_no_german_is_left_over() -> None:
    assert said() - german().keys() == set()
    assert german().keys() - said() == set()


def test_german_texts_show_only_values_that_there_are() -> None:
    def values(text: str) -> set[str]:
        return {name for _, name, *_ in Formatter().parse(text) if name}

    more = {"Check {problem}.": {"field"}, "{count} are new. Check {name}: {problem}.": {"field"}}
    wrong = {
        english
        for english, text in german().items()
        if not values(text) <= values(english) | more.get(english, set())
    }
    assert wrong == set()


def test_every_error_has_its_german() -> None:
    assert kinds() - errors.GERMAN.keys() == set()


@pytest.mark.parametrize("words", commands(cli), ids=" ".join)
def test_the_help_of_a_command_is_german_for_germans(words: tuple[str, ...]) -> None:
    shown = " ".join(run(*words, "--help", COLUMNS="200", FAKTOORA_LANGUAGE="de").stdout.split())
    assert shown.startswith("Aufruf: faktoora-mcp")
    sentences = (" ".join(inspect.cleandoc(text).split()) for text in helps(cli))
    assert [text for text in sentences if len(text.split()) > 2 and text in shown] == []
    assert "Options" not in shown


@pytest.mark.parametrize("words", commands(cli), ids=" ".join)
def test_help_breaks_no_word_and_cuts_no_sentence(words: tuple[str, ...]) -> None:
    narrow, wide = (run(*words, "-h", COLUMNS=columns).stdout for columns in ("60", "200"))
    assert narrow.split() == wide.split()
    assert "..." not in wide.replace("[ARGS]...", "").replace("[KEY=VALUE]...", "")


@pytest.mark.parametrize(
    ("argv", "environ", "language"),
    [
        (["demo"], {}, "en"),
        (["demo", "--language", "de"], {}, "de"),
        (["demo", "--language=de"], {"LANG": "en_US.UTF-8"}, "de"),
        (["demo"], {"FAKTOORA_LANGUAGE": "Deutsch"}, "de"),
        (["demo"], {"LANG": "de_AT.UTF-8"}, "de"),
        (["demo"], {"LC_ALL": "en_GB.UTF-8", "LANG": "de_DE.UTF-8"}, "en"),
        (["demo", "--json", "--language", "de"], {}, "en"),
    ],
)
def test_the_option_counts_before_the_variable_and_the_locale(
    argv: list[str], environ: dict[str, str], language: Language
) -> None:
    assert language_of(argv, environ) == language


def test_the_demo_is_played_in_german() -> None:
    done = run("demo", *DE, COLUMNS="100")
    assert (done.returncode, done.stderr) == (0, "")
    told = [line for line in done.stdout.splitlines() if not line.startswith((" →", " ←", "   "))]
    assert told[0] == "Der Morgen einer Buchhalterin, von einem Agenten mit erfundenen Kunden gespielt"
    assert "2. Wer ist unser Ansprechpartner in deren Buchhaltung?" in told
    assert [line for line in told if " the " in line or " is " in line] == []
    assert "install claude-desktop --sandbox" in told[-1]


def test_a_list_is_checked_in_german(kunden: str) -> None:
    done = run("check-csv", kunden, "--sandbox", *DE, COLUMNS="100")
    assert done.returncode == 1
    assert "kunden.csv: 3 Zeilen, 1 bereit, 1 mit Fehlern, 1 wohl doppelt, 0 mit Hinweisen" in done.stdout
    assert "Verglichen mit allen 57 erfundenen Kunden der Sandbox." in done.stdout
    assert "Postleitzahlen in DE haben 5 Ziffern, nicht '101155'" in done.stdout
    assert "Zeile 4 ist wohl Zeile 2: gleicher Name, gleiche Postleitzahl 10115" in done.stdout
    assert [word for word in ("row ", "Errors", "digits", "same ") if word in done.stdout] == []


@pytest.mark.parametrize(
    "words",
    [
        ("check-csv", "{file}", "--sandbox", "--json"),
        ("call", "create_customer", '{{"customer":{{"isCompany":true,"postcode":"1011"}}}}', "--sandbox"),
        ("call", "find_duplicate_customers", "--sandbox"),
        ("import", "{file}", "--sandbox", "--dry-run", "--json"),
    ],
    ids=" ".join,
)
def test_json_is_the_same_in_both_languages(words: tuple[str, ...], kunden: str) -> None:
    one, other = (run(*(w.format(file=kunden) for w in words), "--language", name) for name in ("de", "en"))
    assert one == other
    assert isinstance(json.loads(one.stdout), dict)


def test_a_person_at_a_terminal_reads_an_error_in_german() -> None:
    code, text = run_at_terminal("call", "verify_customer_number", "--sandbox", *DE)
    assert code == 1
    assert unstyle(text).startswith("Fehler: Eine Angabe passt nicht.\n")


def test_findings_at_a_terminal_are_german() -> None:
    _, text = run_at_terminal(
        "call", "find_duplicate_customers", "--sandbox", "--language", "de", columns=160
    )
    assert "gleicher Name, gleiche Postleitzahl 50667" in unstyle(text)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["srve"], "Fehler: Den Befehl 'srve' gibt es nicht. Gemeint ist wohl serve.\n"),
        (["serve", "--sandbx"], "Fehler: Die Option --sandbx gibt es nicht. Gemeint ist wohl --sandbox.\n"),
        (["check-csv", "nix.csv"], "Fehler: FILE: eine lesbare Datei nix.csv gibt es nicht.\n"),
        (["check-csv"], "Fehler: FILE fehlt.\n"),
        (["sandbox", "--port", "x"], "Fehler: --port: erwartet wird eine Zahl von 0 bis 65535.\n"),
        (["sandbox", "--dialect", "x"], "Fehler: --dialect: erwartet wird eines von documented, current.\n"),
        (["call", "get_custmer"], "'get_custmer' gibt es nicht. Gemeint ist wohl get_customer.\n"),
        (["export", "--timeout-s", "bald"], "FAKTOORA_TIMEOUT_S: Erwartet wird eine Zahl.\n"),
        (["export", "--base-url", "http://a.example"], "https:// (http:// nur für diesen Rechner).\n"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_explained_in_german(words: list[str], told: str) -> None:
    done = run(*words, FAKTOORA_LANGUAGE="de", FAKTOORA_API_KEY="any-key-will-do")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(told)


def test_a_missing_key_is_told_in_german() -> None:
    assert run("export", FAKTOORA_LANGUAGE="de").stderr.startswith("Kein API-Schlüssel: Setzen Sie")


def test_agents_read_english_whatever_the_language() -> None:
    with Process("serve", "--sandbox", "--language", "de") as server:
        server.initialize()
        call = {"name": "create_customer", "arguments": {"customer": {"isCompany": True, "postcode": "1011"}}}
        server.send("tools/call", call, request_id=2)
        assert "is required" in json.dumps(server.receive())


@pytest.mark.parametrize(("language", "shown"), [("de", "1.234.567, 12 %"), ("en", "1,234,567, 12%")])
def test_numbers_have_the_signs_of_the_language(language: Language, shown: str) -> None:
    with speaking(language):
        assert f"{number(1_234_567)}, {percent(0.12)}" == shown


@pytest.mark.parametrize(("count", "shown"), [(1, "1 Zeile"), (0, "0 Zeilen"), (1200, "1.200 Zeilen")])
def test_a_count_of_one_is_singular(count: int, shown: str) -> None:
    with speaking("de"):
        assert plural(count, "{count} row", "{count} rows") == shown
