"""Whatever a German sees of a command at a terminal is German: no line reads like English."""

import re
import shlex
from pathlib import Path

import pytest
from click import unstyle

from tests.cli.commands import run_at_terminal
from tests.test_docs import TWINS
from tests.test_readme import prepare

WORDS = """
    the and of with is are were not this that these for from you your to no has have can be by it which who
    each only there them they would should nothing because how what when where
"""
ENGLISH = frozenset(WORDS.split())
"""Frequent words that no German sentence has."""
WORD = re.compile(r"(?<![\w-])[A-Za-z]?[a-z]+(?![\w-])")
NUMBERED = "keep={keep} remove={remove}".format(**TWINS)
NEW = "customer.isCompany=true customer.name=A customer.address=Weg customer.postcode=10115 customer.city=Ulm"
COMMANDS = (
    "--help",
    "doctor --sandbox",
    "doctor --audit audit.jsonl",
    "call --list",
    "call update_customers --help",
    "call list_customers keywords=Köln",
    "call list_customers page=70",
    "call get_customer number=CUST-0007",
    "call get_customer number=CUST-0999",
    "call query_customers group_by=country",
    "call query_customers group_by=country --max-scan 20",
    f"call create_customer {NEW}",
    "call query_customers check=bad_vat_id",
    "call query_customers check=not_ready_for_xrechnung",
    "call find_duplicate_customers",
    "call verify_customer_number number=CUST-0001",
    "call update_customer id=cust_abc123 changes.city=Ulm changes.postcode=89073",
    "call update_customer id=cust_abc123 changes.city=Ulm changes.postcode=890",
    "call update_customers where.1.field=country where.1.op=eq where.1.value=AT changes.category=Kunde",
    "call update_customers changes.category=Kunde",
    "call update_customer id=cust_abc123 changes={}",
    "call get_customer",
    f"call merge_customers {NUMBERED}",
    "call delete_customer id=cust_abc123",
    "call import_customers csv=Firma",
    "call import_customers file_id=550e8400-e29b-41d4-a716-446655440000",
    "check-csv kunden.csv",
    "check-csv kunden.xlsx",
    "check-csv fehlt.csv",
    "import kunden.xlsx --dry-run",
    "import kunden.xlsx",
    "import kunden.csv --column Nix=city",
    "import kunden.csv --skip x",
    "export --output alle.csv",
    "undo audit.jsonl",
    "undo audit.jsonl --call 3f9c2a7be01d",
    "undo audit.jsonl --call 000000000000",
    "upload kunden.csv",
    "install claude-desktop --print",
    "install claude-desktop",
    "serve --timeout-s bald",
)


def english(text: str) -> list[str]:
    """Lines with two of the words, which in identifiers and JSON stand for no sentence."""
    lines = (re.sub(r"\"[^\"]*\"|--[\w-]+|[\w.]*[_.=]\w*", "", line) for line in unstyle(text).splitlines())
    return [line for line in lines if len(ENGLISH & {*map(str.lower, WORD.findall(line))}) > 1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_german_sees_no_english_sentence(command: str, tmp_path: Path) -> None:
    prepare(tmp_path)
    variables = {"FAKTOORA_SANDBOX": "true", "FAKTOORA_LANGUAGE": "de", "HOME": str(tmp_path)}
    _, shown = run_at_terminal(*shlex.split(command), columns=160, cwd=tmp_path, **variables)
    assert shown
    assert english(shown) == []


def test_an_english_sentence_would_be_noticed() -> None:
    assert english("Nothing was changed. To do it, add to the call: dry_run=false")
    assert english("There is no column for address")
    assert not english("Nichts wurde geändert. Ergänzen Sie den Aufruf: dry_run=false")
