"""What a crash left in an audit log: which write has no outcome, and what to look for in faktoora."""

import json
from pathlib import Path
from string import Formatter

import pytest

from faktoora_mcp.cli import audit_report
from faktoora_mcp.cli.probes.forms import Texts
from faktoora_mcp.writes.audit import AuditLog, Entry, Line
from tests.cli.commands import Done, run
from tests.scripted import ACME, KEY

ID = "cust_abc123"
SHORT: Line = {"id": ID, "customerId": "CUST-0042", "name": "Acme GmbH", "city": "Berlin"}
ATTEMPTED: dict[str, Line] = {
    "create_customer": {**ACME, "customerId": "CUST-0059", "email": "rechnung@acme.example"},
    "update_customer": {"city": "Hamburg", "phoneNo": "", "vatId": None, "customerContacts": [{"id": "1"}]},
    "delete_customer": SHORT,
    "import_customers": {"fileId": "550e8400"},
}
LOOK_FOR = {
    "create_customer": Texts(
        "Look for a customer with number CUST-0059, e-mail rechnung@acme.example, name Acme GmbH, "
        "postcode 10115, city Berlin. If there is none, it was not created.",
        "Suchen Sie nach einem Kunden mit Kundennummer CUST-0059, E-Mail rechnung@acme.example, "
        "Name Acme GmbH, PLZ 10115, Ort Berlin. Gibt es keinen, wurde er nicht angelegt.",
    ),
    "update_customer": Texts(
        "Compare these fields of customer cust_abc123: city Hamburg, phoneNo (empty), vatId (empty), "
        'customerContacts [{"id": "1"}]. If they are equal, the change was made.',
        "Vergleichen Sie diese Felder des Kunden cust_abc123: Ort Hamburg, phoneNo (leer), vatId (leer), "
        'customerContacts [{"id": "1"}]. Sind sie gleich, wurde er geändert.',
    ),
    "delete_customer": Texts(
        "Look whether this customer is still there: id cust_abc123, number CUST-0042, name Acme GmbH, "
        "city Berlin. If so, it was not deleted.",
        "Sehen Sie nach, ob es diesen Kunden noch gibt: Id cust_abc123, Kundennummer CUST-0042, "
        "Name Acme GmbH, Ort Berlin. Wenn ja, wurde er nicht gelöscht.",
    ),
    "import_customers": Texts(
        "Look for the customers of this file: fileId 550e8400. If there are none, it was not imported.",
        "Suchen Sie nach den Kunden dieser Datei: fileId 550e8400. "
        "Gibt es keine, wurde sie nicht importiert.",
    ),
}
OLD_LINE: Line = {"time": "2026-11-01T08:00:00+00:00", "tool": "create_customer", "outcome": "created"}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def intent(tool: str, attempted: object = None, write: str = "1", client: str | None = "Claude 1.2") -> Line:
    customer_id = ID if tool in ("update_customer", "delete_customer") else None
    head = Entry(tool, customer_id, "Kanzlei Nord", client).line("intent", write)
    return {**head, "attempted": ATTEMPTED[tool] if attempted is None else attempted}


def outcome(tool: str, write: str = "1") -> Line:
    return {**Entry(tool, ID, None, None).line("outcome", write), "outcome": "done", "requests": 2}


def written(log: Path, *lines: Line) -> Path:
    for line in lines:
        AuditLog(log).append(line)
    return log


def shown(log: Path, *options: str, language: str = "en") -> Done:
    return run("doctor", "--audit", str(log), *options, FAKTOORA_LANGUAGE=language, FAKTOORA_API_KEY=KEY)


@pytest.mark.parametrize("tool", ATTEMPTED)
@pytest.mark.parametrize("language", ["en", "de"])
def test_an_unfinished_write_is_shown_with_what_to_look_for(log: Path, tool: str, language: str) -> None:
    line = intent(tool)
    done = shown(written(log, line), language=language)
    head, look_for, _, verdict, end = done.stdout.split("\n")
    assert (done.returncode, done.stderr, end) == (1, "", "")
    assert head == f"! {line['time']}  {tool}  Claude 1.2  Kanzlei Nord"
    assert look_for == "  " + getattr(LOOK_FOR[tool], language)
    assert verdict.startswith(
        {"en": "Writes without an outcome: 1.", "de": "Änderungen ohne Ergebnis: 1."}[language]
    )


def test_programs_read_the_same(log: Path) -> None:
    line = intent("create_customer", SHORT)
    done = shown(written(log, line), "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["exitCode"], report["tornLines"]) == (1, 1, 0)
    assert report["unfinished"] == [
        {
            "time": line["time"],
            "tool": "create_customer",
            "client": "Claude 1.2",
            "account": "Kanzlei Nord",
            "attempted": SHORT,
            "next": "Look for a customer with id cust_abc123, number CUST-0042, name Acme GmbH, city Berlin. "
            "If there is none, it was not created.",
        }
    ]


def test_a_write_with_its_outcome_is_not_shown(log: Path) -> None:
    lines = [intent("update_customer", write="1"), intent("delete_customer", write="2")]
    outcomes = [outcome("delete_customer", "2"), outcome("update_customer", "1")]
    done = shown(written(log, *lines, *outcomes))
    assert (done.returncode, done.stdout) == (0, "✓ Every write in this log has an outcome.\n")


def test_lines_of_earlier_versions_are_outcomes(log: Path) -> None:
    done = shown(written(log, OLD_LINE, intent("import_customers"), OLD_LINE), "--json")
    report = json.loads(done.stdout)
    assert ([write["tool"] for write in report["unfinished"]], report["tornLines"]) == (
        ["import_customers"],
        0,
    )


def test_a_torn_last_line_is_counted(log: Path) -> None:
    written(log, intent("create_customer", write="1"), outcome("create_customer", "1"))
    with log.open("a") as file:
        file.write('{"time":"2026-11-29T14:00:00.000+00:00","event":"inte')
    done = shown(log)
    assert (done.returncode, done.stdout.split("\n")[:2]) == (
        0,
        [
            "· Lines that are not whole: 1. An outcome may have been among them.",
            "✓ Every write in this log has an outcome.",
        ],
    )


def test_a_write_whose_outcome_is_torn_is_unfinished(log: Path) -> None:
    written(log, intent("delete_customer"), outcome("delete_customer"))
    log.write_bytes(log.read_bytes()[:-20])
    written(log, intent("import_customers", write="2"), outcome("import_customers", "2"))
    report = json.loads(shown(log, "--json").stdout)
    assert ([write["tool"] for write in report["unfinished"]], report["tornLines"]) == (
        ["delete_customer"],
        1,
    )


def test_of_a_creation_that_was_sent_twice_the_last_attempt_is_shown(log: Path) -> None:
    attempts = [intent("create_customer", {"customerId": number}) for number in ("K-1", "K-2")]
    (write,) = json.loads(shown(written(log, *attempts), "--json").stdout)["unfinished"]
    assert write["attempted"] == {"customerId": "K-2"}


@pytest.mark.parametrize("attempted", ["", [], {}, {"category": "Stammkunde"}])
def test_an_intent_that_names_nothing_to_look_for_says_so(log: Path, attempted: object) -> None:
    done = shown(written(log, intent("create_customer", attempted)))
    assert "The line does not say what was sent." in done.stdout


def test_a_tool_of_another_version_is_shown_too(log: Path) -> None:
    done = shown(written(log, intent("merge_customers", SHORT)))
    assert (done.returncode, "merge_customers" in done.stdout) == (1, True)


def test_untrusted_text_is_made_safe_and_bounded(log: Path) -> None:
    name = "A{0}\x1b[31m\n" + "x" * 500
    done = shown(written(log, intent("create_customer", {"name": name}, client="Evil\n\x1b[2J{id}")))
    assert "Evil [2J{id}" in done.stdout
    assert "name A{0}[31m xxx" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.split("\n"))) < 250


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_key_is_neither_needed_nor_shown(log: Path, options: tuple[str, ...]) -> None:
    written(log, intent("create_customer"))
    keyless = run("doctor", "--audit", str(log), *options, FAKTOORA_LANGUAGE="en")
    assert (keyless.returncode, keyless.stdout) == (1, shown(log, *options).stdout)
    assert KEY not in keyless.stdout


def test_a_file_that_cannot_be_read_ends_with_code_2(tmp_path: Path) -> None:
    done = shown(tmp_path / "missing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"✗ {tmp_path / 'missing'} cannot be read: No such file or directory.\n"
    report = json.loads(shown(tmp_path, "--json", language="de").stdout)
    assert (report["exitCode"], report["error"].startswith(f"{tmp_path} ist nicht lesbar:")) == (2, True)


def test_an_empty_log_has_nothing_unfinished(log: Path) -> None:
    log.touch()
    assert shown(log, language="de").stdout == "✓ Jede Änderung in diesem Protokoll hat ein Ergebnis.\n"


@pytest.mark.parametrize("option", ["--api", "--report"])
def test_it_is_not_combined_with_other_examinations(log: Path, option: str) -> None:
    done = shown(log, option)
    assert (done.returncode, "--audit reads only the file" in done.stderr) == (2, True)


def test_both_languages_mention_the_same_facts() -> None:
    texts = [one for one in vars(audit_report).values() if isinstance(one, Texts)]
    for both in (*texts, *audit_report.LOOK_FOR.values()):
        english, german = ({name for _, name, *_ in Formatter().parse(text) if name} for text in both)
        assert english == german
