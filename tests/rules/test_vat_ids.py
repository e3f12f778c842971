"""VAT IDs: a hint is a VAT ID that is possible itself."""

import pytest

from faktoora_mcp.rules import vat_ids
from faktoora_mcp.rules.findings import Finding, Of


def hint(finding: Finding | None) -> str | None:
    inner = dict(finding.values).get("hint") if finding else None
    meant = dict(inner.values)["meant"] if isinstance(inner, Finding) else None
    return str(meant.value if isinstance(meant, Of) else meant) if meant else None


def hint_of(text: str, country: str | None) -> str | None:
    doubts = [doubt for doubt in vat_ids.warnings(text, country) if doubt.code == "vat_unknown_form"]
    return hint(vat_ids.error(text, country) or next(iter(doubts), None))


@pytest.mark.parametrize(
    ("text", "country", "meant"),
    [
        ("12892312-2-42", "HU", "HU12892312"),
        ("HU12892312-2-42", "HU", "HU12892312"),
        ("DE136695976-00001", "DE", "DE136695976"),
        ("DEU136695976", "DE", "DE136695976"),
        ("D-136695976", "DE", "DE136695976"),
        ("USt-IdNr. DE136695976", "DE", "DE136695976"),
        ("UID: ATU13585627", "AT", "ATU13585627"),
        ("VAT GR094259216", "GR", "EL094259216"),
        ("USt-IdNr. 136695976", "DE", "DE136695976"),
        ("Nr. FR61954506077", "DE", "FR61954506077"),
        ("AT13585627", "AT", "ATU13585627"),
        ("U13585627", "AT", "ATU13585627"),
        ("107.787.577 MWST", "CH", "CHE107787577MWST"),
        ("CH107787577", "CH", "CHE107787577"),
        ("094259216", "GR", "EL094259216"),
        ("A13585625", "ES", "ESA13585625"),
        ("1*23456W", "IE", "IE1*23456W"),
        ("980780684", "GB", "GB980780684"),
    ],
)
def test_a_value_that_lacks_its_prefix_or_has_words_beside_it_gets_a_hint(
    text: str, country: str | None, meant: str
) -> None:
    assert hint_of(text, country) == meant


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("XK810123456", None),
        ("VAT GR094259216", None),
        ("123456789", "DE"),
        ("13585628", "AT"),
        ("107787578", "CH"),
        ("12892313-2-42", "HU"),
        ("DE12345678", "DE"),
        ("123456789", "US"),
        ("nicht vorhanden", "DE"),
        ("954506077", "FR"),
        ("FR1", "FR"),
    ],
)
def test_no_hint_names_an_impossible_vat_id(text: str, country: str | None) -> None:
    assert hint_of(text, country) is None


@pytest.mark.parametrize(
    ("text", "country"),
    [("181/815/08155", "DE"), ("18181508155", None), ("2893/815/08152", "DE"), ("59-119/9013", "AT")],
)
def test_a_number_of_a_tax_office_is_told_apart(text: str, country: str | None) -> None:
    error = vat_ids.error(text, country)
    assert error is not None
    assert error.code == "vat_is_tax_number"


@pytest.mark.parametrize(
    ("text", "country"), [("12/345/678", "DE"), ("12892312/2/42", "HU"), ("12892312-2-43", None)]
)
def test_digits_that_are_no_tax_number_are_not_called_one(text: str, country: str | None) -> None:
    error = vat_ids.error(text, country)
    assert error is not None
    assert error.code == "vat_country_code"
