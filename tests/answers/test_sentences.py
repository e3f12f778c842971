import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import faktoora_mcp
from faktoora_mcp.answers.english import MARKED, SENTENCES
from faktoora_mcp.answers.sentences import (
    WITHOUT_VALUES,
    line,
    placeholders,
    reason,
    sentence,
    sentences,
)
from faktoora_mcp.language import speaking
from faktoora_mcp.rules.findings import Of, found, together
from faktoora_mcp.rules.standards import POSTCODE_WARNINGS

SOURCES = Path(str(faktoora_mcp.__file__)).parent
OTHER_COUNTRY = found("vat_other_country", "vatId", prefix="AT", country=Of("country", "DE"))
UNUSED = found("postcode_unused_at", "postcode", country=Of("country", "AT"))


def nodes() -> Iterator[ast.AST]:
    """The code of the package, without the tables of sentences."""
    for path in SOURCES.rglob("*.py"):
        if not path.name.startswith(("english", "german")):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def findings_made() -> Iterator[tuple[str, set[str]]]:
    """The codes of the findings that the package makes, and the names of their values."""
    for node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "found":
            names = {keyword.arg or "**" for keyword in node.keywords}
            yield from ((code, names) for code in _texts(node.args[0]))
    yield from ((code, {"country"}) for doubts in POSTCODE_WARNINGS.values() for _, code in doubts)


def words() -> Iterator[str]:
    """Every text in the code of the package, also with the end that a code has where a value is suggested."""
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (node.value, f"{node.value}_meant")


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from (*_texts(node.body), *_texts(node.orelse))
        case _:
            return


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert {code for code, _ in findings_made()} - SENTENCES.keys() == set()
    assert SENTENCES.keys() - {*words()} - {MARKED} == set()
    assert SENTENCES.keys() >= WITHOUT_VALUES


def test_every_finding_has_the_values_that_its_sentence_shows() -> None:
    lacking = {code: placeholders(code) - names for code, names in findings_made() if "**" not in names}
    assert {code: names for code, names in lacking.items() if names} == {}


def values(text: str) -> set[str]:
    return {name for _, name, *_ in Formatter().parse(text) if name}


def test_german_has_the_same_sentences_with_values_of_the_english_ones() -> None:
    german = sentences("de")
    assert german.keys() == SENTENCES.keys()
    assert {code for code, text in german.items() if not values(text) <= values(SENTENCES[code])} == set()


def test_a_finding_is_told_in_the_language_of_its_reader() -> None:
    misfit = found("wrong_type", "name", expected="text", got="a number")
    with speaking("de"):
        assert line(OTHER_COUNTRY) == "vatId: ihr Land AT ist nicht das Land DE des Kunden"
        assert (
            sentence(OTHER_COUNTRY, frozenset({"country"}))
            == "ihr Land AT ist nicht das Land [hidden] des Kunden"
        )
        assert sentence(misfit) == "erwartet Text, nicht eine Zahl"
    assert line(OTHER_COUNTRY).startswith("vatId: its country")


def test_a_quoted_value_is_told_as_it_is_in_german_too() -> None:
    with speaking("de"):
        told = sentence(found("gln_digits", got="letters and digits"))
    assert told == "eine GLN hat 13 Ziffern, nicht 'letters and digits'"


def test_a_finding_is_told_after_its_field() -> None:
    assert line(OTHER_COUNTRY) == "vatId: its country AT is not the customer's country DE"
    assert sentence(OTHER_COUNTRY) == "its country AT is not the customer's country DE"
    assert line(found("found_by_file")) == sentence(found("found_by_file"))


def test_a_value_of_another_hidden_field_is_replaced_by_a_mark() -> None:
    assert line(OTHER_COUNTRY, frozenset({"country"})) == (
        "vatId: its country AT is not the customer's country [hidden]"
    )


def test_a_finding_about_a_hidden_field_tells_only_that_there_is_one() -> None:
    assert line(OTHER_COUNTRY, frozenset({"vatId"})) == "vatId: [hidden]"


def test_a_sentence_whose_words_tell_a_hidden_value_is_not_shown() -> None:
    assert line(UNUSED) == "postcode: no Austrian postcode begins with 0"
    assert line(UNUSED, frozenset({"country"})) == "postcode: [hidden]"


def test_findings_within_a_finding_are_redacted_too() -> None:
    digits = found("postcode_digits", country=Of("country", "AT"), digits=Of("country", 4), got="10115")
    misfit = found("postcode_misfit", "postcode", postcode="10115", country=Of("country", "AT"), error=digits)
    assert line(misfit, frozenset({"country"})) == (
        "postcode: the record's postcode '10115' does not fit country [hidden]: [hidden] postcodes have "
        "[hidden] digits, got '10115'; send the new postcode too"
    )


def test_a_sentence_that_says_nothing_of_a_value_stays() -> None:
    assert (
        line(found("hidden", "note", part="undo"), frozenset({"note"})) == "note: hidden, undo leaves it out"
    )


def test_parts_of_a_reason_are_hidden_each_for_itself() -> None:
    parts = (found("same_name", "name"), found("same_postcode", "postcode", value="10115"))
    assert reason(parts) == "same name, same postcode 10115"
    assert reason(parts, frozenset({"postcode"})) == "same name, [hidden]"
    assert reason(parts, frozenset({"postcode", "name"})) == "[hidden]"


def test_several_findings_are_told_together() -> None:
    assert sentence(together([found("vat_check_digit"), found("not_ascii")])) == (
        "check digit looks wrong, characters outside ASCII"
    )


def test_a_value_with_braces_and_quotes_is_told_as_it_is() -> None:
    assert sentence(found("no_entry", wanted="{x}", there="'{0}'")) == "has no entry '{x}'; there are: '{0}'"
