"""Hints: "did you mean" offers only a value that passes the rule itself."""

from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from faktoora_mcp.rules import peppol, standards
from faktoora_mcp.rules.findings import Finding, Of
from faktoora_mcp.rules.validation import judge

HARMLESS = {"vat_outside_eu", "vat_other_country"}
countries = st.sampled_from((None, "DE", "AT", "CH", "HU", "FR", "IT", "GR", "GB", "ES", "NL", "LI", "US"))
numbers = st.from_regex(r"[A-Z]{0,3}[ .:-]?[0-9]{6,14}([-/. ]?[A-Z0-9]{1,5})?", fullmatch=True)
words = st.text() | st.sampled_from((*standards.COUNTRY_NAMES, "Kosovo", "XK", "Deutshland", "UK", "CHE"))
peppol_ids = st.builds("{}:{}".format, st.sampled_from(sorted(peppol.FORMS)), numbers | st.text())


def hints(finding: Finding) -> Iterator[str]:
    for name, value in finding.values:
        if finding.code == "did_you_mean" and name == "meant":
            yield str(value.value if isinstance(value, Of) else value)
        elif isinstance(value, Finding):
            yield from hints(value)


def hints_of(field: str, value: str, country: str | None) -> list[str]:
    verdict = judge(field, value, country)
    return [hint for each in (verdict.error, *verdict.warnings) if each for hint in hints(each)]


def is_right(field: str, value: str) -> bool:
    verdict = judge(field, value)
    return verdict.error is None and {warning.code for warning in verdict.warnings} <= HARMLESS


@given(numbers | words, countries)
@example("12892312-2-42", "HU")
@example("XK810123456", None)
@settings(max_examples=800, deadline=None)
def test_of_a_vat_id_is_right_itself(value: str, country: str | None) -> None:
    assert all(is_right("vatId", hint) for hint in hints_of("vatId", value, country))


@given(peppol_ids)
@example("9930:136695976")
@settings(max_examples=800, deadline=None)
def test_of_a_peppol_id_is_right_itself(value: str) -> None:
    assert all(is_right("peppolId", hint) for hint in hints_of("peppolId", value, None))


@given(words)
@settings(max_examples=300, deadline=None)
def test_of_a_country_is_right_itself(value: str) -> None:
    assert all(is_right("country", hint) for hint in hints_of("country", value, None))


def test_are_found_in_findings() -> None:
    assert hints_of("vatId", "12892312-2-42", "HU") == ["HU12892312"]
    assert hints_of("peppolId", "9930:136695976", None) == ["9930:DE136695976"]
    assert hints_of("country", "Deutshland", None) == ["DE"]
